import { expect, test } from 'vitest';
import { decide } from '../../core/decide.ts';
import { TtxError } from '../../core/error.ts';
import { Ledger } from '../../core/ledger.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { makePayment } from '../testkit/people.ts';
import { alice, bob, genesis, network } from '../testkit/world.ts';
import { CurrentWallet } from './current-wallet.ts';

test('money is counted anew while nothing can be read from the disk; notes are not', async () => {
  const store = await createMemoryStorage().openStore(network.id);
  const ledger = new Ledger(network);
  const wallet = new CurrentWallet({
    ledger,
    acceptor: { quiet: (task) => task() },
    holders: { track: () => undefined },
    store: { ...store, loadFiles: () => Promise.reject(new TtxError('storage-lost')) },
    owner: bob.address,
    seenAtMs: () => 0,
  });
  await wallet.count();
  expect(wallet.balance.coins).toBe(0);
  for (const file of [genesis, makePayment(alice, [genesis], bob.address, 5_000_000n)])
    ledger.apply(file.txid, decide(file, 'valid', ledger));
  await wallet.count();
  expect(wallet.balance).toEqual({ total: 5_000_000n, coins: 1 });
  await expect(wallet.loadNotes()).rejects.toMatchObject({ code: 'storage-lost' });
});
