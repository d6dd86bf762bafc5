/**
 * The transaction and its file `tx.json`: schema, encoding and decoding. Context-free: what can be said of the bytes alone.
 * Everything here is CONSENSUS; docs/protocol.md, The transaction file.
 */
import { addressOf, checkAddress, hrpOf } from './address.ts';
import { TtxError } from './error.ts';
import { NOBLE } from './hashes.ts';
import {
  type Address,
  type Amount,
  amount,
  type Infohash,
  isLocator,
  isPublicKey,
  isSignature,
  isTxId,
  type Locator,
  type PublicKey,
  type Signature,
  type TxId,
  txidFromBytes,
  txidOf,
} from './id.ts';
import { decodeJson, encodeJson, type Json, type JsonObject, parseJson } from './json.ts';
import { MAX_INTEGER, MAX_PREV, MAX_REF } from './limit.ts';
import { checkParameters } from './network.ts';
import { infohash } from './torrent.ts';
import { leadingZeroBits, workHash } from './work.ts';

/** Module name → that module's object or text (`comment`, `attachment`, `network`, …). Never empty where present. */
export type Modules = { readonly [name: string]: string | JsonObject };

/** A transaction before work and signature: what {@link workCore} commits to. */
export interface Draft {
  /** Claimed by the sender, Unix milliseconds, for people; validity never looks at a clock. */
  readonly time: number;
  readonly to: Address;
  /** Paid to `to`, 0 … 2^53 − 1 base units. */
  readonly tokens: Amount;
  /** The sender. */
  readonly key: PublicKey;
  /** Transactions whose coins are spent, sorted, 1 … 32; `null` for a genesis. */
  readonly prev: readonly Locator[] | null;
  /** Transactions that the sender vouches for, sorted, 0 … 8. A vote, never a condition. */
  readonly ref: readonly TxId[];
  readonly modules?: Modules;
}

/** A whole transaction, protocol version 1. */
export interface Transaction extends Draft {
  /** 0 … 2^53 − 1. */
  readonly nonce: number;
  readonly signature: Signature;
}

/** A well-formed file with what follows from its bytes alone. Its signature is not checked yet. */
export interface TransactionFile {
  readonly bytes: Uint8Array;
  readonly txid: TxId;
  readonly infohash: Infohash;
  readonly transaction: Transaction;
  /** Prefix of `to`; must be the network's. */
  readonly hrp: string;
  /** Address of `transaction.key` with that prefix. */
  readonly sender: Address;
  /** Its work: leading zero bits of its work hash. */
  readonly workBits: number;
}

const MODULE_NAME = /^[a-z0-9-]{1,32}$/;
const FIELDS = new Set(['v', 'time', 'to', 'tokens', 'key', 'prev', 'ref', 'nonce', 'modules', 'signature']);

/** The JSON of a transaction or of a draft, without the fields it has not got yet. */
function toJson(draft: Draft & { readonly nonce?: number; readonly signature?: Signature }): Json {
  const { time, to, tokens, key, prev, ref, modules, nonce, signature } = draft;
  // Number() would round what is beyond, and sign another amount than the one that was shown.
  if (tokens > BigInt(MAX_INTEGER)) throw new TtxError('bug', { what: 'tokens beyond 2^53 - 1' });
  return {
    v: 1,
    time,
    to,
    tokens: Number(tokens),
    key,
    prev,
    ref,
    ...(modules === undefined ? {} : { modules }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(signature === undefined ? {} : { signature }),
  };
}

/** The fields of `draft` and no others, so that a signature or nonce at hand does not slip in. */
function draftOf({ time, to, tokens, key, prev, ref, modules }: Draft): Draft {
  return { time, to, tokens, key, prev, ref, ...(modules === undefined ? {} : { modules }) };
}

/** SHA-256 of the canonical JSON without `nonce` and `signature`, 32 bytes: what work is done on. */
export const workCore = (draft: Draft): Uint8Array => NOBLE.sha256(encodeJson(toJson(draftOf(draft))));

/** The work L of a transaction in leading zero bits. */
export const workBits = (draft: Draft, nonce: number): number => leadingZeroBits(workHash(workCore(draft), nonce));

/** Canonical JSON without `signature`: what is signed, behind a prefix (`signature.ts`). */
export const signedJson = (draft: Draft, nonce: number): Uint8Array => encodeJson(toJson({ ...draftOf(draft), nonce }));

type Uncut = Pick<TransactionFile, 'bytes' | 'transaction'>;

/** Where the members that are cut out stand in a canonical file, in bytes. */
interface Cuts {
  readonly nonce: { readonly from: number; readonly to: number };
  readonly signature: { readonly from: number; readonly to: number };
}

/**
 * Counted from the end, because only `modules`, near the start, is of any length: canonical JSON has its keys in order, and all that
 * stands behind `nonce` is ASCII.
 */
function cutsOf({ bytes, transaction }: Uncut): Cuts {
  const { time, to, tokens, prev, ref, nonce } = transaction;
  const behindSignature = `"time":${time},"to":"${to}","tokens":${tokens},"v":1}`.length;
  const signatureTo = bytes.length - behindSignature;
  const signatureFrom = signatureTo - '"signature":"",'.length - 128;
  const list = (count: number, length: number) => '[]'.length + count * (length + '"",'.length) - (count === 0 ? 0 : ','.length);
  const prevLength = prev === null ? 'null'.length : list(prev.length, 105);
  const nonceTo = signatureFrom - '"prev":,"ref":,'.length - prevLength - list(ref.length, 64);
  return {
    nonce: { from: nonceTo - `"nonce":${nonce},`.length, to: nonceTo },
    signature: { from: signatureFrom, to: signatureTo },
  };
}

/** {@link workCore} of a decoded file, by cutting its bytes instead of encoding them anew. */
export function workCoreOf(file: Uncut, { sha256 } = NOBLE): Uint8Array {
  const { nonce, signature } = cutsOf(file);
  const { bytes } = file;
  return sha256(bytes.subarray(0, nonce.from), bytes.subarray(nonce.to, signature.from), bytes.subarray(signature.to));
}

/** {@link signedJson} of a decoded file, likewise: what is before its signature, and what is behind it. */
export function signedJsonOf(file: TransactionFile): readonly [Uint8Array, Uint8Array] {
  const { signature } = cutsOf(file);
  return [file.bytes.subarray(0, signature.from), file.bytes.subarray(signature.to)];
}

/** The file of a transaction. */
export const encodeTransaction = (transaction: Transaction): Uint8Array<ArrayBuffer> => encodeJson(toJson(transaction));

/** Length in bytes of the file that `draft` becomes with a nonce of 16 digits. */
export function fileLength(draft: Draft): number {
  return encodeJson(toJson({ ...draftOf(draft), nonce: MAX_INTEGER, signature: '0'.repeat(128) as Signature })).length;
}

const isInteger = (value: Json | undefined): value is number => typeof value === 'number' && value >= 0;

function isAscending(items: readonly string[]): boolean {
  return items.every((item, i) => i === 0 || (items[i - 1] ?? '') < item);
}

/** Sorted as bytes and distinct by txid: two locators of one txid would let a lying infohash in. */
function checkPrev(value: Json | undefined): readonly Locator[] | null {
  if (value === null) return null;
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_PREV || !value.every(isLocator)) {
    throw new TtxError('schema', { what: 'prev' });
  }
  if (!isAscending(value) || new Set(value.map(txidOf)).size !== value.length) throw new TtxError('schema', { what: 'prev order' });
  return value;
}

function checkRef(value: Json | undefined, prev: readonly Locator[] | null): readonly TxId[] {
  if (!Array.isArray(value) || value.length > MAX_REF || !value.every(isTxId)) throw new TtxError('schema', { what: 'ref' });
  const spent = new Set((prev ?? []).map(txidOf));
  if (!isAscending(value) || value.some((txid) => spent.has(txid))) throw new TtxError('schema', { what: 'ref order' });
  return value;
}

function checkModules(value: Json): Modules {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TtxError('schema', { what: 'modules' });
  const modules = Object.entries(value);
  const isModule = (module: Json) =>
    typeof module === 'string' || (typeof module === 'object' && module !== null && !Array.isArray(module));
  if (modules.length === 0 || !modules.every(([name, module]) => MODULE_NAME.test(name) && isModule(module))) {
    throw new TtxError('schema', { what: 'modules' });
  }
  return value as Modules;
}

/** A genesis is its network's description; no other file may describe one. */
function checkGenesisRules(transaction: Transaction, hrp: string): void {
  const described = transaction.modules !== undefined && Object.hasOwn(transaction.modules, 'network');
  if (transaction.prev !== null) {
    if (described) throw new TtxError('schema', { what: 'modules.network' });
    return;
  }
  const parameters = checkParameters(transaction.modules?.network);
  if (transaction.ref.length > 0) throw new TtxError('schema', { what: 'ref' });
  if (transaction.tokens < 1n) throw new TtxError('schema', { what: 'tokens' });
  if (parameters.hrp !== hrp) throw new TtxError('schema', { what: 'hrp' });
}

function checkSchema(json: Json): { transaction: Transaction; hrp: string } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new TtxError('schema', { what: 'object' });
  const object = json as JsonObject;
  const unknown = Object.keys(object).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) throw new TtxError('schema', { what: `field ${unknown.slice(0, 40)}` });
  const { v, time, to, tokens, key, nonce, signature, modules, prev, ref } = object;
  if (v !== 1) throw new TtxError('schema', { what: 'v' });
  if (!isInteger(time)) throw new TtxError('schema', { what: 'time' });
  if (!isInteger(tokens)) throw new TtxError('schema', { what: 'tokens' });
  if (!isPublicKey(key)) throw new TtxError('schema', { what: 'key' });
  if (!isInteger(nonce)) throw new TtxError('schema', { what: 'nonce' });
  if (!isSignature(signature)) throw new TtxError('schema', { what: 'signature' });
  if (typeof to !== 'string') throw new TtxError('schema', { what: 'to' });
  checkRef(ref, checkPrev(prev));
  if (modules !== undefined) checkModules(modules);
  const { hrp } = checkAddress(to);
  const transaction = transactionIn(object);
  checkGenesisRules(transaction, hrp);
  return { transaction, hrp };
}

/** The transaction in JSON that has been checked. */
function transactionIn(json: JsonObject): Transaction {
  const { time, to, tokens, key, prev, ref, nonce, signature, modules } = json as unknown as Omit<Transaction, 'tokens'> & {
    readonly tokens: number;
  };
  const transaction = { time, to, tokens: amount(tokens), key, prev, ref, nonce, signature };
  return modules === undefined ? transaction : { ...transaction, modules };
}

/**
 * Reads a transaction file: size, depth, canonical form, schema, in this order. The signature is left to `signature.ts`.
 * @param known the SHA-256 of `bytes`, where it has just been computed
 * @throws {TtxError} `size`, `depth`, `encoding`, `canonical`, `schema`, `address`
 */
export function decodeTransaction(bytes: Uint8Array, known?: TxId, hashes = NOBLE): TransactionFile {
  const { transaction, hrp } = checkSchema(decodeJson(bytes));
  return {
    bytes,
    txid: known ?? txidFromBytes(hashes.sha256(bytes)),
    infohash: infohash(bytes, hashes),
    transaction,
    hrp,
    sender: addressOf(transaction.key, hrp, hashes),
    workBits: leadingZeroBits(workHash(workCoreOf({ bytes, transaction }, hashes), transaction.nonce, hashes)),
  };
}

/** What {@link decodeTransaction} takes long to find out. */
export type FileFacts = Pick<TransactionFile, 'txid' | 'infohash' | 'sender' | 'workBits'>;

/** What {@link decodeTransaction} returned for these bytes, in a twentieth of the time. Nothing is checked again. */
export function recallTransaction(bytes: Uint8Array, { txid, infohash, sender, workBits }: FileFacts): TransactionFile {
  return { bytes, txid, infohash, transaction: transactionIn(parseJson(bytes) as JsonObject), hrp: hrpOf(sender), sender, workBits };
}
