/** What can be said of a file without knowing any other: whether it is well-formed, and whether its signature is right. */
import type { SignatureVerdict, SignedMessage } from '../../core/ed25519.ts';
import { isTtxError, REJECT_CODES, type RejectCode } from '../../core/error.ts';
import type { Hashes } from '../../core/hashes.ts';
import { signedMessageOf } from '../../core/signature.ts';
import { decodeTransaction, type TransactionFile } from '../../core/transaction.ts';

/** A decoded file with its signature's verdict, so that neither is done twice. */
export interface CheckedFile {
  readonly file: TransactionFile;
  readonly verdict: SignatureVerdict;
}

/** The code says why bytes are no transaction. */
export type Examined = CheckedFile | { readonly code: RejectCode };

/** Gives the authority's verdict on a signature. */
export type SignatureCheck = (signed: SignedMessage) => Promise<SignatureVerdict>;

/** Decodes bytes, or says what is wrong with them. */
export function tryToDecode(...file: Parameters<typeof decodeTransaction>): TransactionFile | { readonly code: RejectCode } {
  try {
    return decodeTransaction(...file);
  } catch (error) {
    if (isTtxError(error, ...REJECT_CODES)) return { code: error.code as RejectCode };
    throw error;
  }
}

/** Decodes a file and checks its signature. */
export async function examine(bytes: Uint8Array, check: SignatureCheck, hashes?: Hashes): Promise<Examined> {
  const file = tryToDecode(bytes, undefined, hashes);
  return 'code' in file ? file : { file, verdict: await check(signedMessageOf(file)) };
}
