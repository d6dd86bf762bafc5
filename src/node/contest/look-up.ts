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

interface Asked {
  readonly atMs: number;
  isAnswered: boolean;
}

/** The latest question about coins that are to be spent. */
export class LookUp {
  readonly #options: LookUpOptions;
  /** Those of the latest question, and those that peers may not be asked about again yet. */
  readonly #asked = new Map<CoinId, Asked>();
  #coins: ReadonlySet<CoinId> = new Set();
  #stopWaiting: (() => void) | undefined;
  #isUnanswered = false;

  constructor(options: LookUpOptions) {
    this.#options = options;
  }

  /** Whether, of the coins that were asked about last, there is one about which nobody who knows it has answered. */
  get isUnanswered(): boolean {
    return this.#isUnanswered;
  }

  /** Asks peers who spends these coins, for what the answers bring; not again and again. */
  start(coins: readonly CoinId[]): void {
    const { clock, hasPeers, ask } = this.#options;
    if (!hasPeers()) return this.#end(true);
    const nowMs = clock.nowMs();
    const some = coins.slice(0, MAX_COINS);
    const fresh = some.filter((coin) => nowMs - (this.#asked.get(coin)?.atMs ?? Number.NEGATIVE_INFINITY) >= EVERY_MS);
    if (fresh.length === 0) return;
    for (const [coin, { atMs }] of this.#asked) if (nowMs - atMs >= EVERY_MS) this.#asked.delete(coin);
    for (const coin of fresh) this.#asked.set(coin, { atMs: nowMs, isAnswered: false });
    this.#coins = new Set(some);
    this.stop();
    this.#stopWaiting = clock.after(WITHIN_MS, () => this.#end(true));
    ask(fresh);
  }

  /** Somebody who knows the coin has answered. */
  answered(coin: CoinId): void {
    const asked = this.#asked.get(coin);
    if (asked !== undefined) asked.isAnswered = true;
    if (this.#coins.has(coin) && [...this.#coins].every((other) => this.#asked.get(other)?.isAnswered)) this.#end(false);
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
