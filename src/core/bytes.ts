/**
 * Bytes written and read one after the other. Non-negative integers take as few bytes as they need: groups of 7 bits, lowest first, the
 * highest bit says that more follow (LEB128).
 */
import { TtxError } from './error.ts';

/** Most bytes of one integer that this reads: 2^140, far beyond any amount. */
const MAX_INTEGER_BYTES = 20;

/** Bytes that grow as they are written. */
export class ByteWriter {
  #bytes = new Uint8Array(1_024);
  #length = 0;

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A number must be a safe integer. */
  integer(value: number | bigint): void {
    this.#reserve(MAX_INTEGER_BYTES);
    let rest = value;
    while (typeof rest === 'bigint' && rest > BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#bytes[this.#length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    let small = Number(rest);
    while (small > 127) {
      this.#bytes[this.#length++] = (small % 128) | 128;
      small = Math.floor(small / 128);
    }
    this.#bytes[this.#length++] = small;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what {@link ByteWriter} wrote. Everything throws `bug` where the bytes end too early: they are this program's own. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Uint8Array {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new TtxError('bug', { what: 'bytes end too early' });
    return this.#bytes.subarray(from, this.#at);
  }

  /** @throws {TtxError} `bug` for one beyond `most`, which is a safe integer */
  integer(most: number): number {
    const value = this.#next();
    if (value > most) throw new TtxError('bug', { what: 'integer out of range' });
    return value;
  }

  /** A bigint only where a number would not be exact. */
  largeInteger(): number | bigint {
    const from = this.#at;
    const value = this.#next();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let exact = 0n;
    for (let i = this.#at - 1; i >= from; i--) exact = (exact << 7n) | BigInt((this.#bytes[i] ?? 0) & 127);
    return exact;
  }

  /** Rounded beyond 2^53. */
  #next(): number {
    const first = this.#bytes[this.#at] ?? 128;
    if (first < 128) {
      this.#at++;
      return first;
    }
    let value = 0;
    for (let factor = 1; factor < 2 ** (7 * MAX_INTEGER_BYTES); factor *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new TtxError('bug', { what: 'bytes end too early' });
  }
}

/** ASCII text as bytes, by hand: for a few digits the browser's encoder takes longer than a hash. */
export function asciiBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** End to end. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
