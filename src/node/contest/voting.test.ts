import { expect, test } from 'vitest';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makePayment } from '../testkit/people.ts';
import { alice, bob, genesis } from '../testkit/world.ts';
import { Voting } from './voting.ts';

test('votes get a tenth of the time, however many contests there are', async () => {
  const clock = new VirtualClock();
  let [spentMs, votes] = [0, 0];
  const search = (_: Uint8Array, effortMs: number) =>
    new Promise<number>((resolve) => {
      clock.after(effortMs, () => {
        spentMs += effortMs;
        resolve(++votes);
      });
    });
  const voting = new Voting({ genesis: genesis.txid, clock, search, bitsOf: () => 1, isSide: () => true });
  const sides = Array.from({ length: 20 }, (_, n) => makePayment(alice, [genesis], bob.address, 1_000n, n).txid);
  for (let passedMs = 0; passedMs < 100_000; passedMs += 250) {
    for (const side of sides) void voting.cast(side, 100);
    await clock.advance(250);
  }
  expect(votes).toBeGreaterThan(50);
  expect(spentMs).toBeLessThanOrEqual(10_100);
});
