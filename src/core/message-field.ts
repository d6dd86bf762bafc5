/**
 * Fields of `ttx` messages: each knows how its value is written and read, and refuses the same values both ways. So a message is
 * described once, and what decodes also encodes, to the same bytes.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Bencoded, Encodable } from './bencode.ts';
import { TtxError } from './error.ts';
import { MAX_INTEGER, MAX_NATURAL_BYTES } from './limit.ts';

/** How one value travels. `what` names it in errors; both throw `message` for a value that is out of range. */
export interface Field<T> {
  readonly write: (value: T, what: string) => Encodable;
  readonly read: (value: Bencoded, what: string) => T;
}

/** Fields of a dictionary, by key. A value that may be undefined needs an {@link optional} field. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** The error of all fields. */
export const malformed = (what: string): TtxError => new TtxError('message', { what });

/** Dictionaries with exactly these keys, of which {@link optional} ones may be missing. */
export function record<T extends object>(fields: Fields<T>): Field<T> {
  const entries = Object.entries(fields) as [string, Field<unknown>][];
  return {
    write(value) {
      const written: Record<string, Encodable> = {};
      for (const [key, field] of entries) {
        const part = (value as Readonly<Record<string, unknown>>)[key];
        if (part !== undefined || !optionals.has(field)) written[key] = field.write(part, key);
      }
      return written;
    },
    read(value, what) {
      const dictionary = dictionaryOf(value, what);
      const read: Record<string, unknown> = {};
      let taken = 0;
      for (const [key, field] of entries) {
        const part = dictionary.get(key);
        if (part === undefined) {
          if (!optionals.has(field)) throw malformed(key);
          continue;
        }
        read[key] = field.read(part, key);
        taken++;
      }
      if (taken !== dictionary.size) throw malformed(`fields of ${what}`);
      return read as T;
    },
  };
}

const optionals = new WeakSet<object>();

/** A field of a {@link record} that may be missing. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  const made = { ...field } as Field<T | undefined>;
  optionals.add(made);
  return made;
}

/** Dictionaries of several shapes, told apart by `kind`. */
export function variants<T extends { readonly kind: string }>(
  shapes: {
    readonly [K in T['kind']]: Field<Omit<Extract<T, { readonly kind: K }>, 'kind'>>;
  },
): Field<T> {
  const byKind = new Map<string, Field<object>>(Object.entries(shapes));
  const shapeOf = (kind: string, what: string) => {
    const shape = byKind.get(kind);
    if (shape === undefined) throw malformed(what);
    return shape;
  };
  return {
    write: ({ kind, ...rest }, what) => ({ ...(shapeOf(kind, what).write(rest, what) as object), kind }),
    read(value, what) {
      const dictionary = new Map(dictionaryOf(value, what));
      const kind = textOf(dictionary.get('kind'), what);
      dictionary.delete('kind');
      return { ...shapeOf(kind, what).read(dictionary, what), kind } as T;
    },
  };
}

/** A value that travels in another form than it is used in. */
export function mapped<T, W>(field: Field<W>, to: (value: T, what: string) => W, from: (value: W, what: string) => T): Field<T> {
  return {
    write: (value, what) => field.write(to(value, what), what),
    read: (value, what) => from(field.read(value, what), what),
  };
}

/** Adds a condition to a field. */
export function where<T>(field: Field<T>, holds: (value: T) => boolean): Field<T> {
  const check = (value: T, what: string) => {
    if (!holds(value)) throw malformed(what);
    return value;
  };
  return mapped(field, check, check);
}

/** Lists of at most `most` values. */
export function list<T>(item: Field<T>, most: number): Field<readonly T[]> {
  return {
    write(values, what) {
      checkCount(values.length, most, what);
      return values.map((value) => item.write(value, what));
    },
    read(value, what) {
      if (!Array.isArray(value)) throw malformed(what);
      checkCount(value.length, most, what);
      return value.map((part: Bencoded) => item.read(part, what));
    },
  };
}

/** Values of one length in bytes, and how each becomes bytes and comes from them. */
export interface Fixed<T> {
  readonly size: number;
  readonly put: (value: T) => Uint8Array;
  readonly take: (bytes: Uint8Array) => T;
}

/** One value of fixed length, as a byte string. */
export function single<T>({ size, put, take }: Fixed<T>): Field<T> {
  return {
    write: (value, what) => checkSize(put(value), size, what),
    read: (value, what) => take(checkSize(bytesOf(value, what), size, what)),
  };
}

/** At most `most` values of fixed length, as one byte string without separators. */
export function joined<T>({ size, put, take }: Fixed<T>, most: number): Field<readonly T[]> {
  return {
    write(values, what) {
      checkCount(values.length, most, what);
      const bytes = new Uint8Array(values.length * size);
      for (const [i, value] of values.entries()) bytes.set(checkSize(put(value), size, what), i * size);
      return bytes;
    },
    read(value, what) {
      const bytes = bytesOf(value, what);
      if (bytes.length % size !== 0) throw malformed(what);
      checkCount(bytes.length / size, most, what);
      return Array.from({ length: bytes.length / size }, (_, i) => take(bytes.subarray(i * size, (i + 1) * size)));
    },
  };
}

/** Two values of fixed length, one behind the other. */
export function pair<A, B, T>(first: Fixed<A>, second: Fixed<B>, split: (value: T) => readonly [A, B], join: (a: A, b: B) => T): Fixed<T> {
  return {
    size: first.size + second.size,
    put(value) {
      const [a, b] = split(value);
      const bytes = new Uint8Array(first.size + second.size);
      bytes.set(first.put(a));
      bytes.set(second.put(b), first.size);
      return bytes;
    },
    take: (bytes) => join(first.take(bytes.subarray(0, first.size)), second.take(bytes.subarray(first.size))),
  };
}

/** Ids without a brand: bytes as lowercase hex. */
export const hex = (size: number): Fixed<string> => ({ size, put: hexToBytes, take: bytesToHex });

/** Integers from `least` to 2^53 − 1. */
export function integer(least: number): Field<number> {
  const check = (value: unknown, what: string): number => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > MAX_INTEGER) throw malformed(what);
    return value;
  };
  return { write: check, read: check };
}

/** 0 or 1. */
export const flag: Field<boolean> = mapped(
  where(integer(0), (value) => value <= 1),
  (value) => (value ? 1 : 0),
  (value) => value === 1,
);

/** Whole numbers that may exceed 2^53: big-endian bytes without leading zeros, so 0 is the empty byte string. */
export const natural: Field<bigint> = {
  write(value, what) {
    const digits = value.toString(16);
    if (value < 0n || digits.length > 2 * MAX_NATURAL_BYTES) throw malformed(what);
    return value === 0n ? new Uint8Array() : hexToBytes(digits.padStart(digits.length + (digits.length % 2), '0'));
  },
  read(value, what) {
    const bytes = bytesOf(value, what);
    if (bytes.length > MAX_NATURAL_BYTES || bytes[0] === 0) throw malformed(what);
    return bytes.length === 0 ? 0n : BigInt(`0x${bytesToHex(bytes)}`);
  },
};

/** ASCII text that matches; `pattern` must bound its length to 64. */
export function text<T extends string = string>(pattern: RegExp): Field<T> {
  const check = (value: string, what: string): T => {
    if (!pattern.test(value)) throw malformed(what);
    return value as T;
  };
  return { write: check, read: (value, what) => check(textOf(value, what), what) };
}

/** Byte strings of 1 … `most` bytes, copied out of the message, so that keeping one does not keep the whole message alive. */
export function bytes(most: number): Field<Uint8Array> {
  const check = (value: Uint8Array, what: string) => {
    if (value.length === 0 || value.length > most) throw malformed(`${what} size`);
    return value;
  };
  return { write: check, read: (value, what) => check(bytesOf(value, what), what).slice() };
}

/** The text of a byte string of at most 64 bytes, one character per byte. @throws {TtxError} `message` */
export function textOf(value: Bencoded | undefined, what: string): string {
  const found = bytesOf(value, what);
  if (found.length > 64) throw malformed(what);
  return String.fromCharCode(...found);
}

/** @throws {TtxError} `message` unless it is a dictionary */
export function dictionaryOf(value: Bencoded, what: string): ReadonlyMap<string, Bencoded> {
  if (!(value instanceof Map)) throw malformed(what);
  return value;
}

function bytesOf(value: Bencoded | undefined, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed(what);
  return value;
}

function checkSize(value: Uint8Array, size: number, what: string): Uint8Array {
  if (value.length !== size) throw malformed(what);
  return value;
}

function checkCount(count: number, most: number, what: string): void {
  if (count > most) throw malformed(what);
}
