/**
 * CONSENSUS. Canonical JSON (RFC 8785, JCS) as transactions use it: strict UTF-8, safe integers only, bounded depth, and
 * nothing that does not re-encode to itself. The last check catches duplicate keys, `1.0`, `1e3`, `-0`, spaces and escapes.
 */
import canonicalize from 'canonicalize';
import { TtxError } from './error.ts';
import { MAX_FILE_BYTES, MAX_JSON_DEPTH } from './limit.ts';

/** JSON without fractions. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/** Deepest nesting of brackets outside strings, read off the bytes, so that no parser ever recurses deeper. */
function checkDepth(bytes: Uint8Array): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
      if (depth > MAX_JSON_DEPTH) throw new TtxError('depth', { depth });
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
}

/**
 * Text is well-formed Unicode (a lone surrogate has no UTF-8 form), then numbers are safe integers: text first wherever it stands, so
 * that the code does not depend on the order in which an engine lists keys. Recursion is bounded by the depth check.
 */
function checkValues(value: unknown, text: string): value is Json {
  // Strict UTF-8 has no lone surrogates: they come from escapes only.
  if (!hasSafeNumbers(value, text.includes('\\'))) throw new TtxError('schema', { what: 'number' });
  return true;
}

/** Whether all numbers are safe integers. @throws {TtxError} `encoding` for a lone surrogate */
function hasSafeNumbers(value: unknown, hasEscapes: boolean): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (hasEscapes && typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new TtxError('encoding', { what: 'lone surrogate' });
  if (typeof value !== 'object' || value === null) return true;
  let safe = true;
  for (const [key, member] of Object.entries(value)) {
    safe = hasSafeNumbers(key, hasEscapes) && safe;
    safe = hasSafeNumbers(member, hasEscapes) && safe;
  }
  return safe;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Canonical text of `value` as UTF-8. The caller has checked its depth. */
export function encodeJson(value: Json): Uint8Array<ArrayBuffer> {
  const text = canonicalize(value);
  if (text === undefined) throw new TtxError('bug', { what: 'not JSON' });
  return encoder.encode(text);
}

/** What JSON says whose every byte {@link decodeJson} has checked before. */
export const parseJson = (bytes: Uint8Array): Json => JSON.parse(utf8.decode(bytes));

/**
 * Reads canonical JSON. The order of checks is part of the protocol, so that every node names the same code.
 * @param bytes 1 … 16,384 bytes
 * @throws {TtxError} `size`, `depth`, `encoding`, `schema` (a number), `canonical`
 */
export function decodeJson(bytes: Uint8Array): Json {
  if (bytes.length === 0 || bytes.length > MAX_FILE_BYTES) throw new TtxError('size', { bytes: bytes.length });
  checkDepth(bytes);
  let text: string;
  let value: unknown;
  try {
    // With ignoreBOM a byte order mark stays in the text, where JSON.parse refuses it.
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new TtxError('encoding', {}, { cause });
  }
  if (!checkValues(value, text)) throw new TtxError('bug');
  // Strict UTF-8 has one form for each text, so equal texts are equal bytes.
  if (!isCanonical(value, text)) throw new TtxError('canonical');
  return value;
}

/**
 * Canonical text is what `JSON.stringify` writes, with its keys in order. Parsed objects keep the order of their text, so writing them natively
 * and looking at the keys answers nearly always; the library decides where it does not (keys that are integers come first, whatever the text).
 */
const isCanonical = (value: Json, text: string): boolean =>
  (JSON.stringify(value) === text && hasSortedKeys(value)) || canonicalize(value) === text;

function hasSortedKeys(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(hasSortedKeys);
  let before: string | undefined;
  for (const [key, member] of Object.entries(value)) {
    if ((before !== undefined && before >= key) || !hasSortedKeys(member)) return false;
    before = key;
  }
  return true;
}
