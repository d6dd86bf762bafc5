import { expect, test } from 'vitest';
import { TtxError } from '../../core/error.ts';
import { searchWork } from '../../core/search.ts';
import { leadingZeroBits, workHash } from '../../core/work.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { Miner } from './miner.ts';

const random = (length: number) => new Uint8Array(length).fill(3);
const core = new Uint8Array(32).fill(1);
const ignore = () => undefined;

/** Workers whose every slice takes 10 ms of a virtual clock, however long it is, and that say what they were given. */
function slowWorkers(clock: VirtualClock) {
  const slices: { from: number; count: number; atMs: number }[] = [];
  let running = 0;
  let most = 0;
  const search = async (sought: Uint8Array, bits: number, from: number, count: number) => {
    slices.push({ from, count, atMs: clock.nowMs() });
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => clock.after(10, resolve));
    running--;
    return searchWork(sought, bits, from, Math.min(count, 500));
  };
  return { search, slices, running: () => running, most: () => most };
}

test.each([1, 3])('finds a nonce with %i workers that never search the same', async (parallel) => {
  const clock = new VirtualClock();
  const workers = slowWorkers(clock);
  const mining = new Miner(workers, clock, random, parallel).mine(core, 10, new AbortController().signal, ignore);
  for (let step = 0; step < 40; step++) await clock.advance(10);
  expect(leadingZeroBits(workHash(core, await mining))).toBeGreaterThanOrEqual(10);
  expect(workers.most()).toBe(parallel);
  const sorted = [...workers.slices].sort((a, b) => a.from - b.from);
  for (const [i, slice] of sorted.slice(1).entries()) expect(slice.from).toBe((sorted[i]?.from ?? 0) + (sorted[i]?.count ?? 0));
});

test('an abort is answered at once, and no worker gets another slice', async () => {
  const clock = new VirtualClock();
  const workers = slowWorkers(clock);
  const abort = new AbortController();
  const mining = new Miner(workers, clock, random, 2).mine(core, 60, abort.signal, ignore);
  for (let step = 0; step < 5; step++) await clock.advance(10);
  const given = workers.slices.length;
  abort.abort(new TtxError('moved'));
  await expect(mining).rejects.toMatchObject({ code: 'moved' });
  await clock.advance(10);
  expect([workers.slices.length, workers.running()]).toEqual([given, 0]);
});

test('a wrong nonce is noticed', async () => {
  const miner = new Miner({ search: async () => 5 }, new VirtualClock(), random);
  await expect(miner.mine(core, 20, new AbortController().signal, ignore)).rejects.toMatchObject({ code: 'bug' });
});

test('a worker that fails ends the search of all', async () => {
  let asked = 0;
  const search = async () => {
    if (++asked === 3) throw new Error('lost');
    return undefined;
  };
  const miner = new Miner({ search }, new VirtualClock(), random, 2);
  await expect(miner.mine(core, 60, new AbortController().signal, ignore)).rejects.toThrow('lost');
  const then = asked;
  await new VirtualClock().advance(0);
  expect(asked - then).toBeLessThan(2);
});

test('slices grow until one takes 10 ms, and the rate counts all workers', async () => {
  const clock = new VirtualClock();
  let longest = 0;
  // 3,000 tries a millisecond each.
  const search = async (_: Uint8Array, __: number, ___: number, count: number) => {
    longest = Math.max(longest, count);
    await new Promise<void>((resolve) => clock.after(count / 3_000, resolve));
    return undefined;
  };
  const measuring = new Miner({ search }, clock, random, 2).measure();
  for (let step = 0; step < 400; step++) await clock.advance(1);
  const triesPerSec = await measuring;
  expect(longest).toBeGreaterThan(25_000);
  expect(longest).toBeLessThan(45_000);
  expect(triesPerSec).toBeGreaterThan(4_500_000);
  expect(triesPerSec).toBeLessThan(6_500_000);
});
