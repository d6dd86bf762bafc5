/**
 * A second implementation of the protocol's encodings, written from docs/protocol.md on nothing but node:crypto. The vectors
 * are made with it, so that a test that reads them compares two implementations, not one with itself.
 */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** @typedef {string | number | boolean | null | Json[] | { [key: string]: Json }} Json JSON as these scripts write it. */
/** @typedef {{ seed: string, key: string, address: string }} Person An ed25519 key pair from a fixed seed, and its ttx address. */

/** @param {string | Uint8Array} bytes */
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
/** @param {string | Uint8Array} bytes */
const sha1 = (bytes) => createHash('sha1').update(bytes).digest();

/**
 * RFC 8785 for values without fractions: keys sorted by UTF-16 code units, nothing escaped that need not be.
 * @param {Json} value
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`;
}

const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** @param {readonly number[]} values */
function polymod(values) {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    for (const [i, generator] of GENERATOR.entries()) if ((top >> i) & 1) checksum ^= generator;
  }
  return checksum;
}

/**
 * bech32 (constant 1, BIP 173) or bech32m (BIP 350).
 * @param {string} hrp
 * @param {Uint8Array} payload
 * @param {number} [constant]
 * @param {number} [padding] bits put where zeros belong
 */
export function bech32(hrp, payload, constant = 0x2bc830a3, padding = 0) {
  let bits = '';
  for (const byte of payload) bits += byte.toString(2).padStart(8, '0');
  const missing = (5 - (bits.length % 5)) % 5;
  bits += padding.toString(2).padStart(missing, '0').slice(0, missing);
  const words = (bits.match(/.{5}/g) ?? []).map((word) => Number.parseInt(word, 2));
  const codes = [...hrp].map((c) => c.charCodeAt(0));
  const expanded = [...codes.map((c) => c >> 5), 0, ...codes.map((c) => c & 31), ...words];
  const checksum = polymod([...expanded, 0, 0, 0, 0, 0, 0]) ^ constant;
  const tail = [0, 1, 2, 3, 4, 5].map((i) => (checksum >> (5 * (5 - i))) & 31);
  return `${hrp}1${[...words, ...tail].map((word) => CHARSET[word]).join('')}`;
}

/** @param {string} key 64 hex digits @param {string} [hrp] */
export const addressOf = (key, hrp = 'ttx') => bech32(hrp, sha256(Buffer.from(key, 'hex')));

/** @param {string} seed 64 hex digits */
const privateKey = (seed) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]),
    format: 'der',
    type: 'pkcs8',
  });

/** Public key of a seed, both in hex. @param {string} seed */
export const keyOfSeed = (seed) => createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');

/** A person whose seed is SHA-256 of a name. @param {string} name @returns {Person} */
export function person(name) {
  const seed = sha256(name).toString('hex');
  const key = keyOfSeed(seed);
  return { seed, key, address: addressOf(key) };
}

/** @param {Uint8Array} message @param {string} seed */
export const signBytes = (message, seed) => sign(null, message, privateKey(seed)).toString('hex');

/** The bytes that are signed. @param {{ [field: string]: Json }} transaction */
export function signedMessage(transaction) {
  const { signature: _, ...rest } = transaction;
  return Buffer.from(`ttx/1/tx\n${canonical(rest)}`);
}

/** @param {{ [field: string]: Json }} transaction */
export function workCore(transaction) {
  const { signature: _, nonce: __, ...rest } = transaction;
  return sha256(canonical(rest));
}

/** @param {Uint8Array} core @param {number} nonce */
export function workHash(core, nonce) {
  const suffix = Buffer.alloc(8);
  suffix.writeBigUInt64BE(BigInt(nonce));
  return sha256(Buffer.concat([core, suffix]));
}

/** Leading zero bits. @param {Uint8Array} hash */
export function zeroBits(hash) {
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.includes('1') ? bits.indexOf('1') : bits.length;
}

/** The first nonce from `from` that gives exactly `bits`. @param {{ [field: string]: Json }} transaction @param {number} bits @param {number} from */
export function mine(transaction, bits, from = 1_000_000_000_000_000) {
  const core = workCore(transaction);
  let nonce = from;
  while (zeroBits(workHash(core, nonce)) !== bits) nonce++;
  return nonce;
}

/** @param {Uint8Array} file */
export function infoDictionary(file) {
  const head = `d5:filesld6:lengthi${file.length}e4:pathl7:tx.jsoneee4:name2:tx12:piece lengthi16384e6:pieces20:`;
  return Buffer.concat([Buffer.from(head), sha1(file), Buffer.from('e')]);
}

/** @param {Uint8Array} file */
export const infohash = (file) => sha1(infoDictionary(file)).toString('hex');
/** @param {Uint8Array} file */
export const txid = (file) => sha256(file).toString('hex');
/** @param {Uint8Array} file */
export const locator = (file) => `${infohash(file)}:${txid(file)}`;

/**
 * Works on, signs and encodes a transaction.
 * @param {{ [field: string]: Json }} fields all but nonce and signature
 * @param {Person} sender
 * @param {number} [bits] exact work bits; a fixed nonce without
 * @returns {{ transaction: { [field: string]: Json }, text: string, bytes: Buffer }}
 */
export function makeFile(fields, sender, bits) {
  const nonce = bits === undefined ? 1_234_567_890_123_456 : mine(fields, bits);
  const unsigned = { ...fields, nonce };
  const transaction = { ...unsigned, signature: signBytes(signedMessage(unsigned), sender.seed) };
  const text = canonical(transaction);
  return { transaction, text, bytes: Buffer.from(text) };
}
