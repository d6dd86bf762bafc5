/** Which of the wallet's coins nobody else can take back. */
import type { Standing } from '../../api/node.ts';
import type { Address, TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';

/** Ancestors looked at for one coin; with more of them unconfirmed, it is not firm. */
const MAX_ANCESTORS = 256;

/**
 * Whether a transaction is confirmed, or is the owner's and so is all that it builds on and that is not confirmed: change of what another has just
 * paid goes with it when they take it back. The answers hold until something is decided.
 */
export function firmness(
  owner: Address,
  ledger: Pick<Ledger, 'find'>,
  stageOf: (txid: TxId) => Standing['stage'],
): (txid: TxId) => boolean {
  /** Found to be firm: coins of one line share most of it. */
  const firm = new Set<TxId>();
  return (txid) => {
    const line = new Set<TxId>([txid]);
    // A Set is walked in the order of insertion, also while it grows.
    for (const next of line) {
      if (firm.has(next) || stageOf(next) === 'confirmed') continue;
      const entry = ledger.find(next);
      if (entry?.sender !== owner) return false;
      for (const parent of entry.prev) line.add(parent);
      if (line.size > MAX_ANCESTORS) return false;
    }
    for (const next of line) firm.add(next);
    return true;
  };
}
