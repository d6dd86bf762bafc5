/** What a double spend does to the payments of others: nothing but to those that build on the side that lost. */
import { expect, test } from 'vitest';
import { amount, locator, type TxId } from '../../core/id.ts';
import { signDraft } from '../../core/signature.ts';
import { decodeTransaction, encodeTransaction, type TransactionFile } from '../../core/transaction.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makePayment } from '../testkit/people.ts';
import { alice, bob, carol, genesis, World } from '../testkit/world.ts';

/** A payment by Bob that vouches for another. */
function vouch(parent: TransactionFile, vouched: TxId): TransactionFile {
  const prev = [locator(parent.infohash, parent.txid)];
  const draft = { time: 9, to: carol.address, tokens: amount(1_000_000n), key: bob.key, prev, ref: [vouched] };
  return decodeTransaction(encodeTransaction(signDraft(draft, 1_000_000_000_000_000, bob.secretKey)));
}

test('who vouched for the side that lost is paid all the same, and a coin merged with it can be spent again', async () => {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 100, wantedPeers: 8 });
  const world = new World(clock, () => hub.createSwarm(), createMemoryStorage);
  await world.openMany(10);
  const [first, last] = [world.nodes[0], world.nodes[9]];
  const one = makePayment(alice, [genesis], bob.address, 50_000_000n, 2);
  const two = makePayment(alice, [one], bob.address, 50_000_000n, 3);
  await world.give(first, one, two);
  await clock.advance(20_000);

  const sides = [4, 5].map((time) => makePayment(alice, [two], bob.address, 6_000_000n, time));
  const [winner, loser] = sides.sort((a, b) => (a.txid < b.txid ? -1 : 1));
  if (winner === undefined || loser === undefined) return expect.unreachable();
  const voucher = vouch(one, loser.txid);
  const merged = makePayment(bob, [two, loser], carol.address, 2_000_000n, 6);
  // As much stands behind the other side, so that it is not outweighed.
  const built = [winner];
  for (let time = 20; time < 24; time++) built.push(makePayment(bob, [built.at(-1) ?? winner], bob.address, 1_000n, time));
  await Promise.all([world.give(first, loser, voucher, merged), world.give(world.nodes[8], ...built), world.give(last, ...built)]);
  await clock.advance(50);
  expect(world.holding(merged.txid)).toBeGreaterThan(0);
  await clock.advance(40_000);
  expect([winner, loser, merged, voucher].map(({ txid }) => world.holding(txid))).toEqual([10, 0, 0, 10]);
  expect(new Set(world.stages(voucher.txid))).toEqual(new Set(['confirmed']));

  const again = makePayment(bob, [two], carol.address, 2_000_000n, 7);
  await world.give(last, again);
  await clock.advance(20_000);
  expect(new Set(world.stages(again.txid))).toEqual(new Set(['confirmed']));
  expect(world.holding(again.txid)).toBe(10);
  await world.stop();
});
