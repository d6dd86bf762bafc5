/** What a file proves that somebody has saved as evidence. Loaded when one is opened. */
import type { Evidence } from '../../api/node.ts';
import { addressOf, checkAddress } from '../../core/address.ts';
import { TtxError } from '../../core/error.ts';
import { decodeEvidence } from '../../core/evidence.ts';
import { amount } from '../../core/id.ts';
import type { Verifier } from '../ledger/accept.ts';

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
