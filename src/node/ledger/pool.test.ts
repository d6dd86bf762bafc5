import { expect, test } from 'vitest';
import { type Infohash, type Locator, locator, type TxId } from '../../core/id.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import type { CheckedFile } from './examine.ts';
import { Pool } from './pool.ts';

const txid = (name: string) => name.padStart(64, '0') as TxId;
const INFOHASH = '0'.repeat(40) as Infohash;

/** A file of which the pool sees no more than this. */
function orphan(name: string, parents: readonly string[] = ['ffff'], sizeBytes = 600): CheckedFile {
  const prev: Locator[] = parents.map((parent) => locator(INFOHASH, txid(parent)));
  const file = {
    txid: txid(name),
    infohash: INFOHASH,
    bytes: new Uint8Array(sizeBytes),
    transaction: { prev },
  } as unknown as TransactionFile;
  return { file, verdict: 'valid' };
}

const held = (pool: Pool, names: readonly string[]) => names.filter((name) => pool.find(txid(name)) !== undefined);
const numbered = (letter: string, count: number) => Array.from({ length: count }, (_, n) => `${letter}${n.toString(16)}`);

test('a flood of orphans pushes out only what the same peer brought, the oldest first', () => {
  const pool = new Pool();
  const [honest, own] = [numbered('a', 20), numbered('b', 20)];
  for (const name of honest) pool.add(orphan(name), 'honest');
  for (const name of own) pool.add(orphan(name));
  const flood = numbered('c', 5_000);
  for (const name of flood) pool.add(orphan(name), 'flooder');
  expect(held(pool, honest)).toEqual(honest);
  expect(held(pool, own)).toEqual(own);
  expect(held(pool, flood)).toEqual(flood.slice(-512));
});

test('large orphans are bounded by their bytes', () => {
  const pool = new Pool();
  for (const name of numbered('c', 1_000)) pool.add(orphan(name, ['ffff'], 16_384), 'flooder');
  expect(pool.size).toBe(128);
});

test('a flooder that comes again under other names is left with the room of one for all', () => {
  const pool = new Pool();
  for (let n = 0; n < 100; n++) {
    for (const name of numbered(`${n.toString(16)}c`, 200)) pool.add(orphan(name), `flooder ${n}`);
    pool.leave(`flooder ${n}`);
  }
  expect(pool.size).toBe(4_096);
});

test('the history of a pinned orphan is kept, whoever brings it and in whatever order, and no longer than it is pinned', () => {
  const pool = new Pool();
  pool.add(orphan('1', ['2']), 'x');
  pool.pin(txid('1'));
  pool.add(orphan('3', ['4']), 'x');
  pool.add(orphan('2', ['3']), 'x');
  for (const name of numbered('c', 1_000)) pool.add(orphan(name), 'x');
  expect(held(pool, ['1', '2', '3'])).toEqual(['1', '2', '3']);
  pool.unpin(txid('1'));
  for (const name of numbered('d', 5_000)) pool.add(orphan(name));
  expect(held(pool, ['1', '2', '3'])).toEqual([]);
});

test('a pinned history without end holds no more than its share, and the oldest pin gives way to the ninth', () => {
  const pool = new Pool();
  for (let pin = 0; pin < 12; pin++) {
    const names = numbered(`e${pin.toString(16)}f`, 3_000);
    pool.add(orphan(names[0] as string, [names[1] as string]), 'x');
    pool.pin(txid(names[0] as string));
    for (const [n, name] of names.entries()) if (n > 0) pool.add(orphan(name, [`${names[n + 1]}`]), 'x');
  }
  expect(pool.size).toBe(8 * 2_048 + 4_096 + 512);
});

test('an orphan that is decided leaves no trace, and is not charged any more', () => {
  const pool = new Pool();
  const names = numbered('a', 600);
  for (const name of names) {
    pool.add(orphan(name), 'x');
    pool.delete(txid(name));
  }
  expect([pool.size, pool.childrenOf(txid('ffff'))]).toEqual([0, []]);
  for (const name of names.slice(0, 512)) pool.add(orphan(name), 'x');
  expect(pool.size).toBe(512);
});
