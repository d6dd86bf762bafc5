/** The naive way, to compare with: each step as one would write it first, one transaction after the other. */
import { openDB } from 'idb';
import { decide, networkOf } from '../../src/core/decide.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { checkSignature } from '../../src/core/signature.ts';
import { decodeTransaction, type TransactionFile } from '../../src/core/transaction.ts';
import { leadingZeroBits, workHash } from '../../src/core/work.ts';

const DATABASE = 'naive';

/** Checks signatures with @noble/ed25519, one by one. @returns how many are valid */
export function verifyNaively(files: readonly TransactionFile[]): number {
  return files.filter(({ transaction }) => checkSignature(transaction) === 'valid').length;
}

/** Searches for work with the sha256 of @noble/hashes. */
export function searchNaively(core: Uint8Array, bits: number, from: number, count: number): number | undefined {
  for (let nonce = from; nonce < from + count; nonce++) if (leadingZeroBits(workHash(core, nonce)) >= bits) return nonce;
  return undefined;
}

/** Decodes, checks, decides and writes each file before it looks at the next. @returns accepted transactions */
export async function acceptNaively(files: readonly Uint8Array[]): Promise<number> {
  indexedDB.deleteDatabase(DATABASE);
  const database = await openDB(DATABASE, 1, { upgrade: (db) => db.createObjectStore('transactions') });
  const [genesis] = files;
  if (genesis === undefined) return 0;
  const ledger = new Ledger(networkOf(decodeTransaction(genesis)));
  for (const bytes of files) {
    try {
      const file = decodeTransaction(bytes);
      const decision = decide(file, checkSignature(file.transaction), ledger);
      ledger.apply(file.txid, decision);
      if (decision.kind === 'accepted') await database.put('transactions', file.bytes.slice(), file.txid);
    } catch {
      // Not even well-formed.
    }
  }
  database.close();
  return ledger.size;
}
