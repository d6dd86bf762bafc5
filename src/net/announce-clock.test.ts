import { expect, test } from 'vitest';
import { AnnounceClock } from './announce-clock.ts';
import type { TorrentDemand } from './tracker-client.ts';

const wanting: TorrentDemand = { offers: 2, connections: 0, longestWaitMs: 60_000, leftBytes: 1 };
const seeding: TorrentDemand = { offers: 0, connections: 0, longestWaitMs: 60_000, leftBytes: 0 };
const open = () => new AnnounceClock(() => 0.5);

/** Waits between announces, in milliseconds, as `demand` has it. */
function waits(clock: AnnounceClock, demand: TorrentDemand, count: number): number[] {
  const found: number[] = [];
  let atMs = 0;
  clock.announced(atMs);
  for (let i = 0; i < count; i++) {
    const fromMs = atMs;
    while (!clock.isDue(atMs, demand)) atMs += 100;
    clock.announced(atMs);
    found.push(atMs - fromMs);
  }
  return found;
}

test('announces at once, then ever more rarely while nobody comes', () => {
  const clock = open();
  expect(clock.isDue(0, wanting)).toBe(true);
  const found = waits(clock, wanting, 12);
  expect(found.slice(0, 3)).toEqual([3_000, 4_500, 6_800]);
  expect(found.at(-1)).toBe(60_000);
});

test('is in no hurry once somebody is there, and keeps to the interval when nothing is wanted', () => {
  expect(waits(open(), { ...wanting, connections: 1 }, 1)).toEqual([15_000]);
  expect(waits(open(), seeding, 2)).toEqual([120_000, 120_000]);
  const told = open();
  told.onResponse({ interval: 1 });
  expect(waits(told, seeding, 1)).toEqual([30_000]);
  told.onResponse({ interval: 1e9 });
  expect(waits(told, seeding, 1)).toEqual([900_000]);
});

test('hurries after a change, and starts again from the shortest wait', () => {
  const clock = open();
  waits(clock, wanting, 12);
  const nowMs = 1e9;
  clock.announced(nowMs);
  clock.hurry();
  expect(clock.isDue(nowMs + 499, wanting)).toBe(false);
  expect(clock.isDue(nowMs + 500, wanting)).toBe(true);
  clock.announced(nowMs + 500);
  expect(clock.isDue(nowMs + 500 + 1_999, wanting)).toBe(false);
  expect(clock.isDue(nowMs + 500 + 2_000, wanting)).toBe(true);
});

test('makes no more offers than there are others to take them', () => {
  const clock = open();
  expect(clock.offersWorth(wanting, false)).toBe(2);
  clock.onResponse({ complete: 1, incomplete: 0 });
  expect([clock.others, clock.offersWorth(wanting, false)]).toEqual([0, 0]);
  clock.onResponse({ complete: 1, incomplete: 1 });
  expect(clock.offersWorth(wanting, false)).toBe(1);
  expect(clock.offersWorth({ ...wanting, connections: 1 }, false)).toBe(0);
  clock.onResponse({ complete: 'many', incomplete: null });
  expect(clock.others).toBe(1);
});

test('hurries when the first other one shows up', () => {
  const clock = open();
  clock.announced(0);
  clock.onResponse({ complete: 1, incomplete: 0 });
  expect(clock.isDue(500, wanting)).toBe(false);
  clock.onResponse({ complete: 2, incomplete: 0 });
  expect(clock.isDue(500, wanting)).toBe(true);
});
