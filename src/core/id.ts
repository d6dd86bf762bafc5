/**
 * Branded identifiers, and the one file that casts to them. All are lowercase text, so that they can be compared, sorted,
 * logged and used as map keys; bytes appear only at the edges (hashing, wire).
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { TtxError } from './error.ts';

declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** SHA-256 of a transaction file, 64 lowercase hex digits. */
export type TxId = Brand<string, 'TxId'>;
/** BitTorrent v1 infohash of a transaction's torrent, 40 lowercase hex digits (BEP 3). */
export type Infohash = Brand<string, 'Infohash'>;
/** `<infohash>:<txid>`: where to fetch, and what must arrive. 105 characters. */
export type Locator = Brand<string, 'Locator'>;
/** Any other SHA-256, 64 lowercase hex digits: a root or a node of a tree, a key in one, the payload of an address. */
export type Hash = Brand<string, 'Hash'>;
/** ed25519 public key, 64 lowercase hex digits (RFC 8032). */
export type PublicKey = Brand<string, 'PublicKey'>;
/** ed25519 signature, 128 lowercase hex digits. */
export type Signature = Brand<string, 'Signature'>;
/** bech32m of SHA-256(public key) with the network's prefix, lowercase. */
export type Address = Brand<string, 'Address'>;
/** Amount in base units, 0 or more; 1 TTX = 1,000,000 base units. */
export type Amount = Brand<bigint, 'Amount'>;
/** Names one coin: `<txid>/<address of its owner>`. A transaction makes at most one coin per owner. */
export type CoinId = Brand<string, 'CoinId'>;

const HEX = /^[0-9a-f]*$/;
const LOCATOR = /^[0-9a-f]{40}:[0-9a-f]{64}$/;

function isHex(value: unknown, digits: number): value is string {
  return typeof value === 'string' && value.length === digits && HEX.test(value);
}

/** Whether `value` is written like a {@link TxId}. */
export const isTxId = (value: unknown): value is TxId => isHex(value, 64);
/** Whether `value` is written like an {@link Infohash}. */
export const isInfohash = (value: unknown): value is Infohash => isHex(value, 40);
/** Whether `value` is written like a {@link PublicKey}; says nothing about the curve. */
export const isPublicKey = (value: unknown): value is PublicKey => isHex(value, 64);
/** Whether `value` is written like a {@link Signature}. */
export const isSignature = (value: unknown): value is Signature => isHex(value, 128);
/** Whether `value` is written like a {@link Locator}. */
export const isLocator = (value: unknown): value is Locator => typeof value === 'string' && LOCATOR.test(value);

/** @throws {TtxError} `schema` unless `value` is a txid. */
export function checkTxId(value: unknown): TxId {
  if (!isTxId(value)) throw new TtxError('schema', { what: 'txid' });
  return value;
}

/** @throws {TtxError} `schema` unless `value` is an infohash. */
export function checkInfohash(value: unknown): Infohash {
  if (!isInfohash(value)) throw new TtxError('schema', { what: 'infohash' });
  return value;
}

/** @throws {TtxError} `schema` unless `value` is a locator. */
export function checkLocator(value: unknown): Locator {
  if (!isLocator(value)) throw new TtxError('schema', { what: 'locator' });
  return value;
}

/** Joins the two halves of a locator. */
export const locator = (infohash: Infohash, txid: TxId): Locator => `${infohash}:${txid}` as Locator;
/** The infohash of a locator. */
export const infohashOf = (value: Locator): Infohash => value.slice(0, 40) as Infohash;
/** The txid of a locator. */
export const txidOf = (value: Locator): TxId => value.slice(41) as TxId;

/** Only the length can be wrong: hex of bytes is made of the right digits. @throws {TtxError} `schema` */
function hexOf(bytes: Uint8Array, length: number, what: string): string {
  if (bytes.length !== length) throw new TtxError('schema', { what });
  return bytesToHex(bytes);
}

/** 32 bytes → txid. @throws {TtxError} `schema` for another length, as all that follow. */
export const txidFromBytes = (bytes: Uint8Array): TxId => hexOf(bytes, 32, 'txid') as TxId;
/** 20 bytes → infohash. */
export const infohashFromBytes = (bytes: Uint8Array): Infohash => hexOf(bytes, 20, 'infohash') as Infohash;
/** 32 bytes → hash. */
export const hashFromBytes = (bytes: Uint8Array): Hash => hexOf(bytes, 32, 'hash') as Hash;
/** 32 bytes → public key. */
export const publicKeyFromBytes = (bytes: Uint8Array): PublicKey => hexOf(bytes, 32, 'key') as PublicKey;
/** 64 bytes → signature. */
export const signatureFromBytes = (bytes: Uint8Array): Signature => hexOf(bytes, 64, 'signature') as Signature;
/** Hex of any branded id → bytes. */
export const idBytes = (id: TxId | Infohash | Hash | PublicKey | Signature): Uint8Array => hexToBytes(id);

/** Marks a non-negative number of base units as an amount. @throws {TtxError} `bug` for a negative one. */
export function amount(units: bigint | number): Amount {
  const value = BigInt(units);
  if (value < 0n) throw new TtxError('bug', { what: 'negative amount' });
  return value as Amount;
}

/** Marks text that `address.ts` has encoded or checked. */
export const markAddress = (text: string): Address => text as Address;

/** Marks 64 hex digits that were made from bytes. */
export const markTxId = (hex: string): TxId => hex as TxId;
/** Marks 40 hex digits that were made from bytes. */
export const markInfohash = (hex: string): Infohash => hex as Infohash;

/** The coin of `txid` that belongs to `owner`. */
export const coinId = (txid: TxId, owner: Address): CoinId => `${txid}/${owner}` as CoinId;
/** What {@link coinId} has joined. */
export const coinOf = (id: CoinId): { readonly txid: TxId; readonly owner: Address } => ({
  txid: id.slice(0, 64) as TxId,
  owner: id.slice(65) as Address,
});

/** A txid as the key under which the tree of transactions has it, and back. */
export const keyOfTxid = (txid: TxId): Hash => txid as string as Hash;
export const txidOfKey = (key: Hash): TxId => key as string as TxId;
