/**
 * The one error class of the project: a code out of a closed table, who is at fault, and cloneable detail.
 * Expected outcomes (a missing parent, a known transaction) are return values and never come here.
 */

/** Who caused an error, and so what happens next: a peer is scored, the user is told, a local fault is retried, a bug is reported. */
export type Fault = 'peer' | 'user' | 'local' | 'bug';

/** Every error code, with its fault and what it means. Codes of rejected transactions are part of the protocol's vectors. */
export const ERRORS = {
  // Transaction files: context-free.
  size: ['peer', 'the file is empty or larger than 16,384 bytes'],
  depth: ['peer', 'JSON is nested more than 16 deep'],
  encoding: ['peer', 'the file is not strict UTF-8 JSON'],
  canonical: ['peer', 'the file is not in canonical form (RFC 8785)'],
  schema: ['peer', 'a field is missing, unknown or out of range'],
  address: ['peer', 'the address is misspelt or not in canonical form'],
  key: ['peer', 'the public key is not an admissible ed25519 key'],
  signature: ['peer', 'the signature does not match'],
  // Transaction files: against what is known.
  'wrong-network': ['peer', 'the transaction belongs to another network'],
  'parent-rejected': ['peer', 'a transaction that this one builds on is invalid'],
  locator: ['peer', 'a locator names a known transaction with another infohash'],
  'no-coin': ['peer', 'the sender owns no coin in a transaction listed in prev'],
  insufficient: ['peer', 'the coins do not cover the amount and the burn'],
  // Wire and BitTorrent.
  bencode: ['peer', 'the bencoding is malformed or not canonical'],
  message: ['peer', 'the wire message is malformed or over its limit'],
  'double-spend': ['peer', 'the two transactions do not spend one coin twice'],
  'other-network-peer': ['peer', 'the peer follows another network'],
  // Links and what people type.
  link: ['user', 'this is not a TorrentTX link or a magnet link of a transaction'],
  evidence: ['user', 'this file does not prove a double spend'],
  'proof-file': ['user', 'this is not a torrent file of a transaction'],
  attachment: ['user', 'the attached file is empty or too large'],
  pairing: ['user', 'this is not a pairing code, or not the one that was expected'],
  amount: ['user', 'the amount is not a number of TTX with at most 6 decimals'],
  words: ['user', 'these are not 12 words of a TorrentTX wallet'],
  'network-parameters': ['user', 'a network parameter is out of range'],
  'not-enough': ['user', 'the wallet cannot cover the amount and the burn'],
  'leaf-taken': ['user', 'somebody else has taken the test coins of this address'],
  'no-network': ['user', 'no network is open'],
  'no-wallet': ['user', 'there is no such wallet on this device'],
  'unknown-transaction': ['user', 'this transaction is not known here'],
  'file-dropped': ['user', 'the file of this transaction is not kept here any more, to save space'],
  'quote-changed': ['user', 'the coins changed since the cost was shown'],
  // The machine we run on.
  cancelled: ['local', 'stopped on request'],
  timeout: ['local', 'nobody answered in time'],
  'storage-full': ['local', 'the device is out of storage'],
  'storage-lost': ['local', 'the browser closed the database'],
  'work-lost': ['local', 'the worker that computes could not be loaded'],
  moved: ['local', 'the tab that ran the wallet was closed meanwhile'],
  'other-version': ['local', 'another version of the app runs the wallet in another tab'],
  'storage-taken': ['local', 'another tab has taken the wallet over'],
  'storage-newer': ['local', 'the stored data was written by a newer version of the app'],
  unsupported: ['local', 'this browser lacks something the app needs'],
  bug: ['bug', 'an unexpected error; please report it'],
} as const satisfies Record<string, readonly [Fault, string]>;

/** A key of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** Codes with which a transaction is rejected for good (`docs/protocol.md`, Validity). */
export const REJECT_CODES = [
  'size',
  'depth',
  'encoding',
  'canonical',
  'schema',
  'address',
  'key',
  'signature',
  'wrong-network',
  'parent-rejected',
  'locator',
  'no-coin',
  'insufficient',
] as const satisfies readonly ErrorCode[];

/** One of {@link REJECT_CODES}. */
export type RejectCode = (typeof REJECT_CODES)[number];

/** Structured-cloneable facts about an error; never a secret. */
export type ErrorDetail = Readonly<Record<string, string | number | bigint | boolean>>;

/** An error with a {@link ErrorCode}. `message` is for logs; people see a sentence chosen by `code`. */
export class TtxError extends Error {
  override readonly name = 'TtxError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail = {}, options?: { cause?: unknown }) {
    const facts = Object.entries(detail).map(([k, v]) => `${k}=${String(v)}`);
    super([`${code}: ${ERRORS[code][1]}`, ...facts].join('; '));
    if (options?.cause !== undefined) this.cause = options.cause;
    this.code = code;
    this.detail = detail;
  }

  /** Who caused it. */
  get fault(): Fault {
    return ERRORS[this.code][0];
  }
}

/** Narrows to a TtxError of one of `codes`, or of any code when none is given. */
export function isTtxError(error: unknown, ...codes: ErrorCode[]): error is TtxError {
  return error instanceof TtxError && (codes.length === 0 || codes.includes(error.code));
}
