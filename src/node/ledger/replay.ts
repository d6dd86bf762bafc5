/** Opening a network: the store's entries go into the ledger as they were decided, without their files. */
import { decide } from '../../core/decide.ts';
import type { Ledger } from '../../core/ledger.ts';
import { decodeTransaction } from '../../core/transaction.ts';
import type { Store, StoredEntry, StoredTransaction, UndecidedFile } from '../../storage/store.ts';

/**
 * Fills an empty ledger with what the store keeps.
 * @param seen told of each transaction, in order of acceptance
 * @throws {TtxError} `storage-lost`, `storage-newer`
 */
export async function replay(store: Store, ledger: Ledger, seen: (stored: StoredEntry) => void): Promise<void> {
  await store.load((page) => {
    for (const stored of page) {
      const { entry, winners } = stored;
      // Applied twice, its coins would be counted twice.
      if (ledger.find(entry.txid) !== undefined) continue;
      ledger.restore(entry, winners);
      seen(stored);
    }
  });
  await store.upgrade((files) =>
    files.flatMap((file) => {
      const decided = decideAgain(file, ledger);
      if (decided !== undefined) seen(decided);
      return decided ?? [];
    }),
  );
}

/** What an older version of the app kept without its entry. Its signature was checked before it was written. */
function decideAgain({ bytes, firstSeenMs }: UndecidedFile, ledger: Ledger): StoredTransaction | undefined {
  const file = decodeTransaction(bytes);
  if (ledger.find(file.txid) === undefined) ledger.apply(file.txid, decide(file, 'valid', ledger));
  const entry = ledger.find(file.txid);
  return entry && { entry, winners: ledger.findWinners(file.txid) ?? [], firstSeenMs, bytes };
}
