/// <reference path="./torrent-packages.d.ts" />
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import createTorrent from 'create-torrent';
import fc from 'fast-check';
import parseTorrent from 'parse-torrent';
import { describe, expect, test } from 'vitest';
import { isTtxError } from './error.ts';
import { infoDictionary, infohash, parseInfoDictionary } from './torrent.ts';
import vectors from './vectors/torrent.json' with { type: 'json' };

type Valid = (typeof vectors.valid)[number];
const fileOf = ({ file, fill }: Valid): Uint8Array => {
  if (file !== undefined) return hexToBytes(file);
  const [byte = 0, length = 0] = fill ?? [];
  return new Uint8Array(length).fill(byte);
};

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.name, v] as const))('makes the torrent of %s', (_, vector) => {
    const file = fileOf(vector);
    expect(bytesToHex(infoDictionary(file))).toBe(vector.info);
    expect(infohash(file)).toBe(vector.infohash);
    expect(parseInfoDictionary(hexToBytes(vector.info)).length).toBe(file.length);
  });

  test.each(vectors.invalid.map((v) => [v.name, v] as const))('refuses %s', (_, vector) => {
    expect(() => parseInfoDictionary(hexToBytes(vector.info))).toThrowError(expect.objectContaining({ code: vector.error }));
  });

  test.each(vectors.valid.map((v) => [v.name, v] as const))(
    'BitTorrent software gives a folder on disk the same infohash: %s',
    async (_, vector) => {
      const directory = await mkdtemp(join(tmpdir(), 'ttx-torrent-'));
      try {
        const folder = join(directory, 'tx');
        await mkdir(folder);
        await writeFile(join(folder, 'tx.json'), fileOf(vector));
        // Dates, trackers and comments stand outside the info dictionary and so outside the infohash.
        const options = { pieceLength: 16_384, comment: 'outside', announceList: [['wss://tracker.invalid']] };
        const torrent = await new Promise<Uint8Array>((resolve, reject) => {
          createTorrent(folder, options, (error, made) => (error ? reject(error) : resolve(made)));
        });
        const parsed = await parseTorrent(torrent);
        expect(parsed.infoHash).toBe(vector.infohash);
        expect(bytesToHex(parsed.infoBuffer)).toBe(vector.info);
      } finally {
        await rm(directory, { recursive: true });
      }
    },
  );
});

test('reading undoes writing, and any other bytes are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), fc.nat(255), (file, at, byte) => {
      const info = infoDictionary(file);
      expect(parseInfoDictionary(info).length).toBe(file.length);
      const damaged = info.slice();
      damaged[at % info.length] = byte;
      try {
        const { length, sha1 } = parseInfoDictionary(damaged);
        expect(length).toBeGreaterThan(0);
        expect(sha1).toHaveLength(20);
      } catch (error) {
        expect(isTtxError(error, 'schema')).toBe(true);
      }
    }),
  );
});
