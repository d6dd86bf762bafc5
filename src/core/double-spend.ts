/**
 * Double-spend proofs: two transactions by one key with a common transaction in `prev`. The two files are all of it, and anybody can check
 * them, without a ledger or a network. docs/protocol.md, Conflicts.
 */
import { TtxError } from './error.ts';
import { type PublicKey, type TxId, txidOf } from './id.ts';
import { checkSignature } from './signature.ts';
import { decodeTransaction, type TransactionFile } from './transaction.ts';

/** Two files that cannot both be true. Their signatures are checked apart ({@link isSigned}), for that takes time. */
export interface DoubleSpend {
  /** In ascending order of txid, so that there is one proof of one fact. */
  readonly files: readonly [TransactionFile, TransactionFile];
  /** Who signed both. */
  readonly key: PublicKey;
  /** Transactions whose coin both spend, ascending; at least one. */
  readonly spentTwice: readonly TxId[];
}

/** What two decoded files prove; undefined if they do not conflict. */
export function findDoubleSpend(one: TransactionFile, other: TransactionFile): DoubleSpend | undefined {
  const files = one.txid < other.txid ? ([one, other] as const) : ([other, one] as const);
  const [first, second] = files.map(({ transaction }) => (transaction.prev ?? []).map(txidOf));
  const spentTwice = (first ?? []).filter((txid) => second?.includes(txid)).sort();
  const { key } = one.transaction;
  // Two locators of one txid but with other infohashes: one of the files is then rejected, and proves nothing.
  const agree = (one.transaction.prev ?? []).some((locator) => other.transaction.prev?.includes(locator));
  if (one.txid === other.txid || key !== other.transaction.key || spentTwice.length === 0 || !agree) return undefined;
  return { files, key, spentTwice };
}

/**
 * Reads a proof from a stranger, in either order.
 * @throws {TtxError} `double-spend` when the two files do not conflict, or what `decodeTransaction` throws
 */
export function decodeDoubleSpend([one, other]: readonly [Uint8Array, Uint8Array]): DoubleSpend {
  const found = findDoubleSpend(decodeTransaction(one), decodeTransaction(other));
  if (found === undefined) throw new TtxError('double-spend');
  return found;
}

/** The files of a proof as they travel. */
export const encodeDoubleSpend = ({ files: [first, second] }: DoubleSpend): readonly [Uint8Array, Uint8Array] => [
  first.bytes,
  second.bytes,
];

/** Whether one key really signed both. About a millisecond. */
export const isSigned = ({ files }: DoubleSpend): boolean => files.every(({ transaction }) => checkSignature(transaction) === 'valid');
