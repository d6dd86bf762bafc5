/**
 * Takes the place of npm's `bencode` under WebTorrent (an alias in the build). The original reads negative string lengths and
 * recurses without limit: `l-3:` in an extended handshake moves its cursor back, and every WebTorrent client that hears it
 * hangs for ever. This one knows the same values and is as lenient about the order of keys, but always moves forward.
 *
 * Values as webtorrent, bittorrent-protocol, ut_metadata, parse-torrent and create-torrent expect them: byte strings are
 * Uint8Array, dictionaries plain objects with UTF-8 keys, and `decode` ignores what follows the first value.
 */

/** Deepest nesting: a metainfo file needs 5. */
const MAX_DEPTH = 16;

const END = 0x65; // e
const INTEGER = 0x69; // i
const LIST = 0x6c; // l
const DICTIONARY = 0x64; // d
const COLON = 0x3a; // :

type Value = number | Uint8Array | string | Value[] | { [key: string]: Value };

interface Cursor {
  readonly bytes: Uint8Array;
  readonly asText: boolean;
  at: number;
}

const utf8 = new TextEncoder();
const lenient = new TextDecoder();
const strict = new TextDecoder('utf-8', { fatal: true });

function decode(data: Uint8Array | string | null | undefined, encoding?: string): Value | null {
  if (data === null || data === undefined || data.length === 0) return null;
  // A copy, as in the original: callers keep parts of it and reuse the buffer that it came in.
  const bytes = typeof data === 'string' ? utf8.encode(data) : data.slice();
  return readValue({ bytes, asText: encoding !== undefined, at: 0 }, 0);
}

function malformed(what: string): Error {
  return new Error(`Invalid bencoding: ${what}`);
}

function readValue(cursor: Cursor, depth: number): Value {
  if (depth > MAX_DEPTH) throw malformed('nested too deep');
  switch (cursor.bytes[cursor.at]) {
    case INTEGER:
      cursor.at++;
      return readInteger(cursor);
    case LIST: {
      const list: Value[] = [];
      for (cursor.at++; cursor.bytes[cursor.at] !== END; ) list.push(readValue(cursor, depth + 1));
      cursor.at++;
      return list;
    }
    case DICTIONARY: {
      const dictionary: { [key: string]: Value } = {};
      for (cursor.at++; cursor.bytes[cursor.at] !== END; ) {
        const value = { key: readKey(cursor), value: readValue(cursor, depth + 1) };
        // Not an assignment: the key may be `__proto__`.
        Object.defineProperty(dictionary, value.key, { value: value.value, enumerable: true, configurable: true, writable: true });
      }
      cursor.at++;
      return dictionary;
    }
    default: {
      const bytes = readString(cursor);
      return cursor.asText ? lenient.decode(bytes) : bytes;
    }
  }
}

function readDigits(cursor: Cursor, terminator: number): number {
  let value = 0;
  const first = cursor.at;
  for (;;) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw malformed('unexpected end');
    if (byte === terminator && cursor.at > first + 1) return value;
    if (byte < 0x30 || byte > 0x39) throw malformed('not a digit');
    value = value * 10 + (byte - 0x30);
  }
}

function readInteger(cursor: Cursor): number {
  const negative = cursor.bytes[cursor.at] === 0x2d;
  if (negative) cursor.at++;
  const value = readDigits(cursor, END);
  if (value > Number.MAX_SAFE_INTEGER) throw malformed('integer out of range');
  return negative && value !== 0 ? -value : value;
}

function readString(cursor: Cursor): Uint8Array {
  const length = readDigits(cursor, COLON);
  if (length > cursor.bytes.length - cursor.at) throw malformed('string longer than the data');
  cursor.at += length;
  return cursor.bytes.slice(cursor.at - length, cursor.at);
}

/** UTF-8, or hex where the key is not UTF-8, like the original. */
function readKey(cursor: Cursor): string {
  const bytes = readString(cursor);
  try {
    return strict.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}

function encode(data: unknown): Uint8Array {
  const parts: Uint8Array[] = [];
  write(data, parts);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function write(data: unknown, parts: Uint8Array[]): void {
  if (data === null || data === undefined) return;
  if (typeof data === 'number' || typeof data === 'boolean' || typeof data === 'bigint') {
    if (typeof data === 'number' && !Number.isFinite(data)) throw malformed('not a number');
    parts.push(utf8.encode(`i${typeof data === 'bigint' ? data : BigInt(Math.trunc(Number(data)))}e`));
  } else if (typeof data === 'string') {
    writeString(utf8.encode(data), parts);
  } else if (ArrayBuffer.isView(data)) {
    writeString(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), parts);
  } else if (data instanceof ArrayBuffer) {
    writeString(new Uint8Array(data), parts);
  } else if (Array.isArray(data) || data instanceof Set) {
    parts.push(Uint8Array.of(LIST));
    for (const item of data) write(item, parts);
    parts.push(Uint8Array.of(END));
  } else if (typeof data === 'object') {
    const entries: [string, unknown][] = data instanceof Map ? [...data].map(([key, value]) => [String(key), value]) : Object.entries(data);
    parts.push(Uint8Array.of(DICTIONARY));
    for (const [key, value] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (value === null || value === undefined) continue;
      writeString(utf8.encode(key), parts);
      write(value, parts);
    }
    parts.push(Uint8Array.of(END));
  }
}

function writeString(bytes: Uint8Array, parts: Uint8Array[]): void {
  parts.push(utf8.encode(`${bytes.length}:`), bytes);
}

const encodingLength = (data: unknown): number => encode(data).length;

/** The interface of npm's `bencode` 4: a default export with these four functions. */
export default { encode, decode, byteLength: encodingLength, encodingLength };
