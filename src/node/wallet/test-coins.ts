/** Coins of the development network, which anybody may take once. */
import { claimTestCoins, MAX_LEAVES } from '../../core/devnet.ts';
import { isTtxError } from '../../core/error.ts';
import type { Address } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Acceptor } from '../ledger/accept.ts';

/**
 * Walks the development network's tree to the leaf of `owner`.
 * @returns false when `owner` has had the coins
 * @throws {TtxError} `leaf-taken` when all its leaves are somebody else's
 */
export async function takeTestCoins(owner: Address, ledger: Ledger, acceptor: Acceptor): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      const files = claimTestCoins(owner, attempt, ledger);
      const outcomes = await acceptor.accept(files);
      if (outcomes.every((outcome) => outcome.kind === 'accepted')) return files.length > 0;
    } catch (error) {
      if (!isTtxError(error, 'leaf-taken') || attempt + 1 >= MAX_LEAVES) throw error;
    }
  }
}
