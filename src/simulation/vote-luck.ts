/** Votes whose luck is drawn instead of hashed, so that an hour of hashing takes no time: the nonce says how many zero bits it "has". */
import type { VoteBits, VoteSearch } from '../node/contest/voting.ts';

/** What a phone hashes in WebAssembly in a millisecond, about. */
export const HASHES_PER_MS = 1_000;
/** Bits are kept in the lower digits of a nonce. */
const MOST_BITS = 64;

/** Draws votes. */
export class VoteLuck {
  readonly #random: () => number;
  #drawn = 0;

  /** @param random 0 ≤ x < 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** What a node votes with. */
  readonly search: VoteSearch = async (_, effortMs) => this.best(effortMs * HASHES_PER_MS, 1)[0];

  readonly bitsOf: VoteBits = (_, nonce) => nonce % MOST_BITS;

  /** Nonces of the best `count` of so many hashes, the best first. A hash is below x with chance x, so the least of them are a Poisson process. */
  best(hashes: number, count: number): readonly number[] {
    let arrivals = 0;
    return Array.from({ length: count }, () => {
      arrivals -= Math.log(1 - this.#random());
      const bits = Math.min(MOST_BITS - 1, Math.max(0, Math.floor(Math.log2(hashes / arrivals))));
      return ++this.#drawn * MOST_BITS + bits;
    });
  }
}
