/**
 * The torrent of a transaction (BEP 3): a folder `tx` with the one file `tx.json`, one piece. Its info dictionary is a pure
 * function of the file's bytes, so everybody who holds the file seeds the same torrent.
 */
import { asciiBytes, joinBytes } from './bytes.ts';
import { TtxError } from './error.ts';
import { NOBLE } from './hashes.ts';
import { type Infohash, infohashFromBytes, type Locator, locator, txidFromBytes } from './id.ts';
import { MAX_FILE_BYTES } from './limit.ts';

const encoder = new TextEncoder();
const HEAD = encoder.encode('d5:filesld6:lengthi');
const MIDDLE = encoder.encode('e4:pathl7:tx.jsoneee4:name2:tx12:piece lengthi16384e6:pieces20:');
const END = encoder.encode('e');
const PATTERN = /^d5:filesld6:lengthi([1-9]\d{0,4})e4:pathl7:tx\.jsoneee4:name2:tx12:piece lengthi16384e6:pieces20:$/;

const partsOf = (file: Uint8Array, { sha1 } = NOBLE): readonly Uint8Array[] => [
  HEAD,
  asciiBytes(String(file.length)),
  MIDDLE,
  sha1(file),
  END,
];

/**
 * CONSENSUS. The bencoded info dictionary of a transaction file; keys sorted as BEP 3 wants. Written by hand because
 * BitTorrent libraries cannot make a folder of one file from memory.
 */
export const infoDictionary = (file: Uint8Array): Uint8Array => joinBytes(partsOf(file));

/** CONSENSUS. The BitTorrent v1 infohash of a transaction file. */
export const infohash = (file: Uint8Array, hashes = NOBLE): Infohash => infohashFromBytes(hashes.sha1(...partsOf(file, hashes)));

/** The BitTorrent v1 infohash of a bencoded info dictionary: its SHA-1 (BEP 3). */
export const infohashOfDictionary = (info: Uint8Array): Infohash => infohashFromBytes(NOBLE.sha1(info));

/**
 * Reads an info dictionary that came from a peer. Only the shape that {@link infoDictionary} writes is a transaction's.
 * @returns the file's length in bytes and the SHA-1 of its one piece (20 bytes)
 * @throws {TtxError} `schema` for any other torrent
 */
export function parseInfoDictionary(info: Uint8Array): { readonly length: number; readonly sha1: Uint8Array } {
  const headLength = info.length - 21;
  if (headLength < 0 || headLength > 120 || info.at(-1) !== END[0]) throw new TtxError('schema', { what: 'info dictionary' });
  const head = String.fromCharCode(...info.subarray(0, headLength));
  const length = Number(PATTERN.exec(head)?.[1] ?? 0);
  if (length < 1 || length > MAX_FILE_BYTES) throw new TtxError('schema', { what: 'info dictionary' });
  return { length, sha1: info.slice(headLength, headLength + 20) };
}

/** Whether `file` is what a locator names: both hashes, because SHA-1 alone can be forged. */
export const isFileOf = (named: Locator, file: Uint8Array): boolean => named === locator(infohash(file), txidFromBytes(NOBLE.sha256(file)));
