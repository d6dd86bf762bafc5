import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, encode } from './bencode.ts';
import { isTtxError } from './error.ts';
import type { Locator } from './id.ts';
import { MAX_PROOF_FILE_BYTES } from './limit.ts';
import { decodeProofFile, encodeProofFile } from './proof-file.ts';
import { infoDictionary, infohash } from './torrent.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const network = `${'a'.repeat(40)}:${'b'.repeat(64)}` as Locator;
const [grandparent, parent, own] = [bytes('{"a":1}'), bytes('{"b":2}'), bytes('{"c":3}')];

test('carries the transaction, its ancestors, the network and the trackers', () => {
  const proof = decodeProofFile(encodeProofFile([grandparent, parent, own], network, ['wss://one.example', 'ws://two.example/announce']));
  expect(proof).toEqual({
    infohash: infohash(own),
    network,
    trackers: ['wss://one.example', 'ws://two.example/announce'],
    files: [grandparent, parent, own],
  });
});

test('is the torrent that everybody else makes of the file', () => {
  const metainfo = decode(encodeProofFile([own], network, []), { maxDepth: 8 });
  if (!(metainfo instanceof Map)) throw new Error('not a dictionary');
  expect(encode(metainfo.get('info'))).toEqual(infoDictionary(own));
});

test('leaves out the farthest ancestors beyond 1 MiB', () => {
  const ancestors = Array.from({ length: 80 }, (_, i) => new Uint8Array(16_000).fill(i));
  const file = encodeProofFile([...ancestors, own], network, []);
  expect(file.length).toBeLessThanOrEqual(MAX_PROOF_FILE_BYTES);
  const { files } = decodeProofFile(file);
  expect(files.length).toBeGreaterThan(60);
  expect(files.at(-1)).toEqual(own);
  expect(files.at(-2)).toEqual(ancestors.at(-1));
});

test('reads a torrent that other software made of a transaction', () => {
  const info = decode(infoDictionary(own), { maxDepth: 8 });
  const foreign = encode({
    announce: 'udp://tracker.example:80',
    'announce-list': [['wss://t.example'], ['udp://u.example']],
    'created by': 'x',
    info,
  });
  expect(decodeProofFile(foreign)).toEqual({ infohash: infohash(own), network: undefined, trackers: ['wss://t.example'], files: [] });
});

test('refuses torrents of anything else, and files that are not the ones named', () => {
  const info = decode(infoDictionary(own), { maxDepth: 8 });
  const cases = [
    bytes('hello'),
    new Uint8Array(),
    encode({ info: { name: 'film', length: 3, 'piece length': 16384, pieces: new Uint8Array(20) } }),
    encode({ info, ttx: { files: [parent], network } }),
    encode({ info, ttx: { files: [own], network: 'x' } }),
    encode({ info, ttx: 'files' }),
  ];
  for (const file of cases) expect(() => decodeProofFile(file)).toThrow(expect.objectContaining({ code: 'proof-file' }));
});

test('never throws anything else, whatever the bytes', () => {
  const valid = encodeProofFile([parent, own], network, ['wss://one.example']);
  const mutated = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => valid.with(at, byte));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), (file) => {
      try {
        decodeProofFile(file);
      } catch (error) {
        expect(isTtxError(error, 'proof-file')).toBe(true);
      }
    }),
  );
});
