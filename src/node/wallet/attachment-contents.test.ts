import { beforeEach, expect, test } from 'vitest';
import type { Infohash } from '../../core/id.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { AttachmentContents } from './attachment-contents.ts';

const infohash = (n: number) => n.toString(16).padStart(40, '0') as Infohash;

let clock: VirtualClock;
let contents: AttachmentContents;
let reads: Infohash[];
let reading: number;
let most: number;
beforeEach(() => {
  clock = new VirtualClock();
  reads = [];
  reading = 0;
  most = 0;
  contents = new AttachmentContents(clock, async (which) => {
    reads.push(which);
    most = Math.max(most, ++reading);
    await new Promise((resolve) => setImmediate(resolve));
    reading--;
    if (which === infohash(99)) throw new Error('disk');
    return which === infohash(98) ? undefined : Uint8Array.of(Number.parseInt(which, 16));
  });
});

test('as many files as one receiver fetches at a time are read once, in whatever order their blocks are asked for', async () => {
  for (let n = 0; n < 300; n++) expect(await contents.load(infohash(n % 3))).toEqual(Uint8Array.of(n % 3));
  expect(reads).toHaveLength(3);
});

test('of what is asked for at once each is read once, and one after the other', async () => {
  const blocks = await Promise.all(Array.from({ length: 2_000 }, (_, n) => contents.load(infohash(n % 16))));
  expect(blocks[17]).toEqual(Uint8Array.of(1));
  expect([reads.length, most]).toEqual([16, 1]);
});

test('four are kept, those that were asked for last, until nobody has asked for half a minute', async () => {
  for (const n of [0, 1, 2, 3, 0, 4]) await contents.load(infohash(n));
  for (const n of [0, 2, 3, 4]) await contents.load(infohash(n));
  expect(reads).toHaveLength(5);
  await contents.load(infohash(1));
  expect(reads).toHaveLength(6);
  await clock.advance(29_000);
  await contents.load(infohash(1));
  await clock.advance(29_000);
  await contents.load(infohash(1));
  expect(reads).toHaveLength(6);
  await clock.advance(30_000);
  await contents.load(infohash(1));
  expect(reads).toHaveLength(7);
});

test('one that is forgotten while it is read is not kept, and one that waits to be read is not read', async () => {
  const [first, second] = [contents.load(infohash(0)), contents.load(infohash(1))];
  await Promise.resolve();
  await Promise.resolve();
  contents.stop();
  expect([await first, await second]).toEqual([Uint8Array.of(0), undefined]);
  expect(reads).toEqual([infohash(0)]);
  expect(await contents.load(infohash(0))).toEqual(Uint8Array.of(0));
  expect(reads).toHaveLength(2);
});

test('what is gone or cannot be read is asked for again the next time', async () => {
  for (const _ of [1, 2]) {
    expect(await contents.load(infohash(98))).toBeUndefined();
    await expect(contents.load(infohash(99))).rejects.toThrow('disk');
  }
  expect(reads).toHaveLength(4);
});
