import { expect, test } from 'vitest';
import { ContentStore } from './content-store.ts';

const content = Uint8Array.from({ length: 70_000 }, (_, n) => n % 251);

const put = (store: ContentStore, index: number, piece: Uint8Array) =>
  new Promise<Error | null>((resolve) => store.put(index, piece, resolve));
const get = (store: ContentStore, index: number, options: { offset?: number; length?: number } | null = null) =>
  new Promise<Uint8Array | undefined>((resolve) => store.get(index, options, (_, bytes) => resolve(bytes)));

test('gathers pieces in any order, and has the file once all are there', async () => {
  const store = new ContentStore(70_000);
  const seen: number[] = [];
  store.onPiece = () => seen.push(store.receivedBytes);
  expect(await put(store, 1, content.subarray(65_536))).toBeNull();
  expect(store.take()).toBeUndefined();
  expect(await put(store, 0, content.subarray(0, 65_536))).toBeNull();
  expect(store.take()).toEqual(content);
  expect(seen).toEqual([4_464, 70_000]);
});

test('gives nothing of what is being fetched', async () => {
  const store = new ContentStore(5);
  expect(await put(store, 0, content.subarray(0, 5))).toBeNull();
  expect(await get(store, 0)).toBeUndefined();
});

test('gives copies, so that a block does not hold the file', async () => {
  const block = await get(new ContentStore(70_000, async () => content), 0, { offset: 0, length: 16_384 });
  expect(block?.buffer.byteLength).toBe(16_384);
});

test('takes nothing that does not belong to the file', async () => {
  const store = new ContentStore(70_000);
  expect(await put(store, 1, content.subarray(0, 65_536))).toBeInstanceOf(Error);
  expect(await put(store, -1, content.subarray(0, 5))).toBeInstanceOf(Error);
  expect(await put(new ContentStore(5, async () => content), 0, content.subarray(0, 5))).toBeInstanceOf(Error);
});

test('loads what is asked for, and no more than there is', async () => {
  const store = new ContentStore(70_000, async () => content);
  expect(await get(store, 1)).toEqual(content.subarray(65_536));
  expect(await get(store, 0, { offset: 16_384, length: 16_384 })).toEqual(content.subarray(16_384, 32_768));
  expect(await get(store, 1, { offset: 4_000, length: 16_384 })).toBeUndefined();
  expect(await get(store, 0, { offset: 0, length: 16_385 })).toBeUndefined();
  expect(await get(new ContentStore(70_000, async () => undefined), 0)).toBeUndefined();
  expect(await get(new ContentStore(70_000, () => Promise.reject(new Error('disk'))), 0)).toBeUndefined();
});
