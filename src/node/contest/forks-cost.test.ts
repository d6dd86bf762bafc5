import { expect, test, vi } from 'vitest';
import type { Entry } from '../../core/entry.ts';
import { amount, type TxId } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import { bareEntry } from '../testkit/people.ts';
import { alice, bob, network } from '../testkit/world.ts';
import { Forks } from './forks.ts';
import type { Switching } from './switching.ts';

const txid = (n: number) => n.toString(16).padStart(64, '0') as TxId;
const entry = (n: number, ...prev: readonly number[]): Entry => bareEntry(alice.address, txid(n), prev.map(txid));
/** 1 was spent by 2; a lost line of 4,000 begins with 10. */
const LENGTH = 4_000;
const END = 10 + LENGTH - 1;

test('where a long lost line begins is found once for all that lie on it, and anew after what is conflicted has changed', () => {
  const ledger = new Ledger(network);
  for (const accepted of [entry(1), entry(2, 1)]) ledger.apply(accepted.txid, { kind: 'accepted', entry: accepted });
  for (let n = 10; n <= END; n++) ledger.apply(txid(n), { kind: 'conflicted', entry: entry(n, n === 10 ? 1 : n - 1), winners: [txid(2)] });
  const deep = Array.from({ length: 64 }, (_, n) => ({ theirs: txid(END - n), ours: [txid(2)] }));
  const forks = new Forks({
    ledger,
    switching: { chosenAtMs: () => undefined, isSettled: () => true } as unknown as Switching,
    owner: () => bob.address,
    balance: () => ({ total: amount(0n), coins: 0 }),
    describe: () => {
      throw new Error('not asked for');
    },
    peers: () => ['a', 'b', 'c', 'd'],
    relationTo: () => ({ kind: 'forked', forks: deep }),
    holdersOf: () => new Set(),
    seenAtMs: () => 0,
  });
  const looked = vi.spyOn(ledger, 'findWinners');
  expect(forks.relationTo('a')).toEqual({ kind: 'forked', forks: [{ theirs: txid(10), ours: [txid(2)] }] });
  expect(forks.counter()(txid(END))).toBe(4);
  expect(looked.mock.calls.length).toBeLessThan(2 * LENGTH);

  ledger.retract(entry(2, 1), [txid(10)]);
  ledger.reconsider(entry(10, 1), []);
  expect(forks.relationTo('a')).toMatchObject({ forks: [{ theirs: txid(11) }] });
});
