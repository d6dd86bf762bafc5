import { expect, test } from 'vitest';
import { PieceStore } from './piece-store.ts';

const read = (store: PieceStore, index: number, options?: { offset?: number; length?: number }) =>
  new Promise<Uint8Array | string>((resolve) => store.get(index, options, (error, bytes) => resolve(error?.message ?? bytes ?? 'nothing')));
const write = (store: PieceStore, index: number, bytes: Uint8Array) =>
  new Promise<string | undefined>((resolve) => store.put(index, bytes, (error) => resolve(error?.message)));

test('gives back the piece, whole or in blocks', async () => {
  const store = new PieceStore(Uint8Array.of(1, 2, 3, 4));
  expect(await read(store, 0)).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(await read(store, 0, { offset: 1, length: 2 })).toEqual(Uint8Array.of(2, 3));
});

test('refuses blocks outside the piece', async () => {
  const store = new PieceStore(Uint8Array.of(1, 2, 3, 4));
  for (const options of [{ offset: 3, length: 2 }, { offset: -1, length: 1 }, { offset: 5 }])
    expect(await read(store, 0, options)).toBe('no such block');
  expect(await read(store, 1)).toBe('no such block');
  expect(await read(new PieceStore(), 0)).toBe('no such block');
});

test('keeps one piece of at most 16,384 bytes, and its own copy', async () => {
  const store = new PieceStore();
  expect(await write(store, 0, new Uint8Array(16_385))).toBe('not the piece of a transaction');
  expect(await write(store, 1, new Uint8Array(1))).toBe('not the piece of a transaction');
  const bytes = Uint8Array.of(1);
  expect(await write(store, 0, bytes)).toBeUndefined();
  bytes[0] = 2;
  expect(await read(store, 0)).toEqual(Uint8Array.of(1));
});
