/** Before coins are spent, peers are asked about them: the same words on another device may have spent them already. */
import type { CoinId } from '../../core/id.ts';
import type { Clock } from '../../time/clock.ts';

/** How often peers are asked about a coin, and about how many coins. */
const EVERY_MS = 2_000;
const MAX_COINS = 256;
/** After this long without an answer, whoever wants to pay is told. */
const WITHIN_MS = 2_000;

interface LookUpOptions {
  readonly clock: Clock;
  /** Whether there is anybody to ask. */
  readonly hasPeers: () => boolean;
  readonly ask: (coins: readonly CoinId[]) => void;
  readonly changed: () => void;
}

/** The latest question about coins that are to be spent. */
export class LookUp {
  readonly #options: LookUpOptions;
  /** When peers were asked about each, of those that may not be asked about again. */
  readonly #askedMs = new Map<CoinId, number>();
  #coins: ReadonlySet<CoinId> = new Set();
  #stopWaiting: (() => void) | undefined;
  #isUnanswered = false;

  constructor(options: LookUpOptions) {
    this.#options = options;
  }

  /** Whether nobody who knows them has answered about the coins that were asked about last. */
  get isUnanswered(): boolean {
    return this.#isUnanswered;
  }

  /** Asks peers who spends these coins, for what the answers bring; not again and again. */
  start(coins: readonly CoinId[]): void {
    const { clock, hasPeers, ask } = this.#options;
    if (!hasPeers()) return this.#end(true);
    const nowMs = clock.nowMs();
    for (const [coin, askedMs] of this.#askedMs) if (nowMs - askedMs >= EVERY_MS) this.#askedMs.delete(coin);
    const some = coins.slice(0, MAX_COINS);
    const fresh = some.filter((coin) => !this.#askedMs.has(coin));
    if (fresh.length === 0) return;
    for (const coin of fresh) this.#askedMs.set(coin, nowMs);
    this.#coins = new Set(some);
    this.stop();
    this.#stopWaiting = clock.after(WITHIN_MS, () => this.#end(true));
    ask(fresh);
  }

  /** Somebody who knows the coin has answered. */
  answered(coin: CoinId): void {
    if (this.#coins.has(coin)) this.#end(false);
  }

  stop(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }

  #end(isUnanswered: boolean): void {
    this.stop();
    if (isUnanswered === this.#isUnanswered) return;
    this.#isUnanswered = isUnanswered;
    this.#options.changed();
  }
}
