/**
 * Strict bencoding (BEP 3): every value has exactly one encoding, and any other is refused. So bytes that decode also
 * re-encode to themselves, and a hash of a message or an info dictionary means one value only.
 */
import { asciiBytes } from './bytes.ts';
import { TtxError } from './error.ts';

/** A decoded value. Dictionary keys are byte strings, held as text with one character (U+0000 … U+00FF) per byte. */
export type Bencoded = number | Uint8Array | readonly Bencoded[] | ReadonlyMap<string, Bencoded>;

/** What {@link encode} takes: plain text is written as UTF-8, and a plain object as a dictionary with its keys sorted. */
export type Encodable =
  | number
  | string
  | Uint8Array
  | readonly Encodable[]
  | ReadonlyMap<string, Encodable>
  | { readonly [key: string]: Encodable };

const END = 0x65; // e
const INTEGER = 0x69; // i
const LIST = 0x6c; // l
const DICTIONARY = 0x64; // d
const COLON = 0x3a; // :
const MINUS = 0x2d; // -
const ZERO = 0x30;
const NINE = 0x39;

/** Where a decoder stands: one per call, so that nothing is shared between calls. */
interface Cursor {
  readonly bytes: Uint8Array;
  readonly maxDepth: number;
  at: number;
}

/**
 * Decodes `bytes`, which must be one canonical value and nothing else: keys sorted by bytes and unique, no leading zeros, no
 * `-0`, integers within ±(2^53 − 1). Byte strings are views into `bytes`. A list or dictionary at the top has depth 1.
 * @throws {TtxError} `bencode`
 */
export function decode(bytes: Uint8Array, options: { readonly maxDepth: number }): Bencoded {
  const cursor: Cursor = { bytes, maxDepth: options.maxDepth, at: 0 };
  const value = readValue(cursor, 0);
  if (cursor.at !== bytes.length) throw malformed(cursor, 'trailing bytes');
  return value;
}

/**
 * Encodes a value in its one canonical form.
 * @throws {TtxError} `bencode` for a number that is not a safe integer or a map key that is not made of bytes
 */
export function encode(value: Encodable): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  write(value, parts);
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function malformed(cursor: Cursor, what: string): TtxError {
  return new TtxError('bencode', { what, at: cursor.at });
}

function readValue(cursor: Cursor, depth: number): Bencoded {
  switch (cursor.bytes[cursor.at]) {
    case INTEGER:
      cursor.at++;
      return readInteger(cursor, END);
    case LIST:
      return readList(cursor, depth + 1);
    case DICTIONARY:
      return readDictionary(cursor, depth + 1);
    default:
      return readString(cursor);
  }
}

/** Reads digits up to and including `terminator`. Only what ends in `e` may be negative: a string's length never is. */
function readInteger(cursor: Cursor, terminator: typeof END | typeof COLON): number {
  const { bytes } = cursor;
  const negative = terminator === END && bytes[cursor.at] === MINUS;
  if (negative) cursor.at++;
  const first = cursor.at;
  let value = 0;
  for (;;) {
    const byte = bytes[cursor.at];
    if (byte === undefined) throw malformed(cursor, 'unexpected end');
    if (byte === terminator && cursor.at > first) break;
    if (byte < ZERO || byte > NINE) throw malformed(cursor, 'not a digit');
    if (cursor.at > first && bytes[first] === ZERO) throw malformed(cursor, 'leading zero');
    value = value * 10 + (byte - ZERO);
    if (value > Number.MAX_SAFE_INTEGER) throw malformed(cursor, 'integer out of range');
    cursor.at++;
  }
  cursor.at++;
  if (negative && value === 0) throw malformed(cursor, 'negative zero');
  return negative ? -value : value;
}

function readString(cursor: Cursor): Uint8Array {
  const length = readInteger(cursor, COLON);
  if (length > cursor.bytes.length - cursor.at) throw malformed(cursor, 'string longer than the data');
  const start = cursor.at;
  cursor.at += length;
  return cursor.bytes.subarray(start, cursor.at);
}

/** Steps into a list or dictionary. */
function enter(cursor: Cursor, depth: number): void {
  if (depth > cursor.maxDepth) throw malformed(cursor, 'nested too deep');
  cursor.at++;
}

/** Whether the list or dictionary ends here; if so, steps out of it. */
function leave(cursor: Cursor): boolean {
  if (cursor.bytes[cursor.at] !== END) return false;
  cursor.at++;
  return true;
}

function readList(cursor: Cursor, depth: number): Bencoded[] {
  enter(cursor, depth);
  const list: Bencoded[] = [];
  while (!leave(cursor)) list.push(readValue(cursor, depth));
  return list;
}

function readDictionary(cursor: Cursor, depth: number): Map<string, Bencoded> {
  enter(cursor, depth);
  const dictionary = new Map<string, Bencoded>();
  let previous: string | undefined;
  while (!leave(cursor)) {
    const key = keyText(readString(cursor));
    // Comparing text by code units compares the keys by bytes, because each character is one byte.
    if (previous !== undefined && key <= previous) throw malformed(cursor, 'keys not sorted and unique');
    dictionary.set(key, readValue(cursor, depth));
    previous = key;
  }
  return dictionary;
}

function keyText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function keyBytes(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => {
    const code = character.charCodeAt(0);
    if (code > 0xff || character.length !== 1) throw new TtxError('bencode', { what: 'key is not made of bytes' });
    return code;
  });
}

const utf8 = new TextEncoder();

function write(value: Encodable, parts: Uint8Array[]): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TtxError('bencode', { what: 'not a safe integer' });
    parts.push(asciiBytes(`i${value}e`));
  } else if (typeof value === 'string') {
    writeString(utf8.encode(value), parts);
  } else if (value instanceof Uint8Array) {
    writeString(value, parts);
  } else if (isList(value)) {
    parts.push(Uint8Array.of(LIST));
    for (const item of value) write(item, parts);
    parts.push(Uint8Array.of(END));
  } else {
    const entries = value instanceof Map ? [...value.entries()] : Object.entries(value as { readonly [key: string]: Encodable });
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    parts.push(Uint8Array.of(DICTIONARY));
    for (const [key, item] of entries) {
      writeString(keyBytes(key), parts);
      write(item, parts);
    }
    parts.push(Uint8Array.of(END));
  }
}

function isList(value: Encodable): value is readonly Encodable[] {
  return Array.isArray(value);
}

function writeString(bytes: Uint8Array, parts: Uint8Array[]): void {
  parts.push(asciiBytes(`${bytes.length}:`), bytes);
}
