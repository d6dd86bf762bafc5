import { expect, test } from 'vitest';
import type { Entry } from '../../core/entry.ts';
import { coinId, type TxId, txidFromBytes } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import { bareEntry } from '../testkit/people.ts';
import { alice, bob, network } from '../testkit/world.ts';
import { Contests, report } from './contests.ts';
import { decideContest } from './deciding.ts';
import { Settling } from './settling.ts';
import type { Switching } from './switching.ts';

/** Bob's coin from Alice, or what he pays her with such coins. */
function entryOf(id: number, prev: readonly TxId[]): Entry {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, id);
  const [from, to] = prev.length === 0 ? [alice, bob] : [bob, alice];
  return { ...bareEntry(from.address, txidFromBytes(bytes), prev), to: to.address };
}

test('however many contests are open, a new one is not forgotten, for none of its coins', () => {
  const ledger = new Ledger(network);
  const contested = new Set<TxId>();
  const contests = new Contests({
    ledger,
    random: () => 0.5,
    nowMs: () => 0,
    brokenMs: () => 0,
    seenMsOf: () => 0,
    contested: () => contested,
    weigh: (sides) => sides.map(() => 1n),
  });
  /** Coins that are spent twice. */
  const meet = (first: number, count: number) => {
    const coins = Array.from({ length: count }, (_, n) => entryOf(first + n, []));
    const sides = coins.map((coin, n) => entryOf(10_000 + first + n, [coin.txid]));
    const rival = entryOf(
      20_000 + first,
      coins.map(({ txid }) => txid),
    );
    for (const entry of [...coins, ...sides]) ledger.apply(entry.txid, { kind: 'accepted', entry });
    ledger.apply(rival.txid, { kind: 'conflicted', entry: rival, winners: sides.map(({ txid }) => txid) });
    contests.meet(rival);
    return sides.map(({ txid }) => txid);
  };
  for (let n = 0; n < 512; n++) for (const txid of meet(n, 1)) contested.add(txid);
  const ours = meet(1_000, 2);
  expect(ours.map((txid) => contests.of(txid).length)).toEqual([1, 1]);
  // Once they are over, the oldest go until there are as many as before.
  contested.clear();
  meet(2_000, 1);
  const known = Array.from({ length: 512 }, (_, n) => contests.get(coinId(entryOf(n, []).txid, bob.address)) !== undefined);
  expect(known).toEqual(Array.from({ length: 512 }, (_, n) => n >= 3));
  expect(ours.map((txid) => contests.of(txid).length)).toEqual([1, 1]);
});

test('a look at a contest weighs all of its sides once, not once for each pair', async () => {
  const ledger = new Ledger(network);
  const settling = new Settling();
  const [coin, ours] = [entryOf(1, []), entryOf(2, [entryOf(1, []).txid])];
  for (const entry of [coin, ours]) ledger.apply(entry.txid, { kind: 'accepted', entry });
  settling.contest(ours, 0);
  let weighed = 0;
  const weigh = (sides: readonly TxId[]) => {
    weighed += sides.length;
    return sides.map((_, n) => BigInt(n));
  };
  const nowMs = () => 1_000;
  const contests = new Contests({
    ledger,
    random: () => 0.5,
    nowMs,
    brokenMs: () => 0,
    seenMsOf: () => 0,
    contested: () => settling.contested(),
    weigh,
  });
  for (let n = 3; n < 66; n++) {
    const rival = entryOf(n, [coin.txid]);
    ledger.apply(rival.txid, { kind: 'conflicted', entry: rival, winners: [ours.txid] });
    contests.meet(rival);
  }
  const contest = contests.get(coinId(coin.txid, bob.address)) ?? expect.unreachable('was not met');
  for (const [n, side] of [ours, entryOf(3, []), entryOf(4, [])].entries()) report(contest, `${n}`, side.txid, false);
  const wentOver: TxId[] = [];
  const goOver = async (rival: TxId) => wentOver.push(rival) > 0;
  const switching = { chosenAtMs: () => undefined, goOver } as unknown as Switching;
  await decideContest(contest, { ledger, contests, settling, switching, nowMs });
  expect(wentOver).toHaveLength(1);
  expect([contest.sides.size, weighed]).toEqual([64, 64]);
});
