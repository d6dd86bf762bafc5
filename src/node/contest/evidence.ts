/** Evidence of a double spend: the file that somebody saves, and what one proves. Loaded when it is asked for. */
import type { Evidence } from '../../api/node.ts';
import { addressOf, checkAddress } from '../../core/address.ts';
import { findDoubleSpend } from '../../core/double-spend.ts';
import { TtxError } from '../../core/error.ts';
import { decodeEvidence, encodeEvidence } from '../../core/evidence.ts';
import { amount, type TxId } from '../../core/id.ts';
import { decodeTransaction } from '../../core/transaction.ts';
import type { Store } from '../../storage/store.ts';
import type { Verifier } from '../ledger/accept.ts';

/** A transaction and one that spends a coin of it, as they are kept. @throws {TtxError} `unknown-transaction`, `file-dropped` */
export async function loadEvidence(store: Store, txid: TxId, others: readonly TxId[]): Promise<Uint8Array> {
  if (others.length === 0) throw new TtxError('unknown-transaction', { txid });
  const files = await store.loadFiles([txid, ...others]);
  const own = files.get(txid);
  const rivals = others.flatMap((rival) => files.get(rival) ?? []);
  const evidence = own && makeEvidence(own, rivals);
  if (evidence === undefined) throw new TtxError('file-dropped', { txid });
  return evidence;
}

/** A transaction's file and the first of the others that spends a coin of it; undefined if none does. */
export function makeEvidence(own: Uint8Array, others: readonly Uint8Array[]): Uint8Array | undefined {
  const file = decodeTransaction(own);
  for (const other of others) {
    const found = findDoubleSpend(file, decodeTransaction(other));
    if (found !== undefined) return encodeEvidence(found);
  }
  return undefined;
}

/** @throws {TtxError} `evidence` */
export async function checkEvidence(bytes: Uint8Array, verify: Verifier): Promise<Evidence> {
  const { files, key, spentTwice } = decodeEvidence(bytes);
  const verdicts = await Promise.all(files.map((file) => verify(file)));
  const wrong = verdicts.find((verdict) => verdict !== 'valid');
  if (wrong !== undefined) throw new TtxError('evidence', { what: wrong });
  const [{ transaction }] = files;
  return {
    signer: addressOf(key, checkAddress(transaction.to).hrp),
    spentTwice,
    payments: files.map(({ txid, transaction: { to, tokens, time } }) => ({ txid, to, amount: amount(tokens), claimedAtMs: time })),
  };
}
