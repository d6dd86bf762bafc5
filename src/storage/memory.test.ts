import { expect, test } from 'vitest';
import { isTtxError, TtxError } from '../core/error.ts';
import { txidFromBytes } from '../core/id.ts';
import { testFiles } from './files.contract.ts';
import { createMemoryStorage } from './memory.ts';
import { entryOf } from './samples.contract.ts';
import { testStore } from './store.contract.ts';
import type { StoredTransaction } from './store.ts';
import { testVault } from './vault.contract.ts';

for (const testPart of [testStore, testFiles, testVault]) testPart(() => createMemoryStorage());

test('a full disk takes nothing of the commit', async () => {
  const store = await createMemoryStorage({ quotaBytes: 100 }).openStore(txidFromBytes(new Uint8Array(32)));
  const sized = (n: number, sizeBytes: number): StoredTransaction => {
    const bytes = new Uint8Array(sizeBytes).fill(n);
    return { entry: entryOf(bytes), winners: [], bytes, firstSeenMs: 0 };
  };
  await store.commit({ added: [sized(1, 60)] });
  await expect(store.commit({ added: [sized(2, 20), sized(3, 30)] })).rejects.toSatisfy((error) => isTtxError(error, 'storage-full'));
  const seen: string[] = [];
  await store.load((page) => seen.push(...page.map(({ entry }) => entry.txid)));
  expect(seen).toEqual([sized(1, 60).entry.txid]);
  await store.commit({ added: [sized(2, 40)] });
});

test('errors of the page callback that are ours stay ours', async () => {
  const store = await createMemoryStorage().openStore(txidFromBytes(new Uint8Array(32)));
  await store.close();
  await expect(store.load(() => undefined)).rejects.toBeInstanceOf(TtxError);
});
