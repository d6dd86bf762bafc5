import { expect, test } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { Publisher } from './publisher.ts';

/** A state that changes every 5 ms for a second. @returns how often it was told, and what was told last */
async function watchChanges(isRush: boolean) {
  const clock = new VirtualClock();
  let state = 0;
  const told: number[] = [];
  const publisher = new Publisher(
    clock,
    () => state,
    () => isRush,
  );
  publisher.watch('tab', (value) => told.push(value));
  for (; state < 200; state++) {
    publisher.changed();
    await clock.advance(5);
  }
  publisher.changed();
  await clock.advance(100);
  return { times: told.length, last: told.at(-1) };
}

test('is told at most once a frame, ten times a second in a rush, and always what it was in the end', async () => {
  const usual = await watchChanges(false);
  const inRush = await watchChanges(true);
  expect([usual.last, inRush.last]).toEqual([200, 200]);
  expect(usual.times).toBeGreaterThan(40);
  expect(usual.times).toBeLessThanOrEqual(64);
  expect(inRush.times).toBeGreaterThan(8);
  expect(inRush.times).toBeLessThanOrEqual(12);
});
