/**
 * Scores of remote peers, and who is barred. Scores are kept by peer id after a peer leaves, so that leaving and coming back
 * mends nothing. A peer id is free to choose, so this stops a broken or careless peer and slows a hostile one; what stops
 * that one is that a message costs it as much as it costs us.
 */

/** What a peer starts with, and the most it can have. */
const FULL_SCORE = 100;
/** Points that come back per second: an honest peer that errs once a minute never notices. */
const RECOVERY_PER_SECOND = 0.2;
/** First bar: long enough that a retry loop gives up, short enough that a mended peer is not lost for the day. */
const FIRST_BAR_MS = 600_000;
/** Longest bar; each further one is twice the one before. */
const LONGEST_BAR_MS = 86_400_000;
/** Peers remembered; the ones unheard of for longest are forgotten first. */
const MAX_ENTRIES = 1_000;

interface Entry {
  score: number;
  scoredAtMs: number;
  barredUntilMs: number;
  bars: number;
}

/** Remembers scores. The clock comes in with each call. */
export class PeerBook {
  readonly #entries = new Map<string, Entry>();

  /** Takes `points` off a peer's score. @returns whether that barred it */
  penalize(peerId: string, points: number, nowMs: number): boolean {
    const entry = this.#entries.get(peerId) ?? { score: FULL_SCORE, scoredAtMs: nowMs, barredUntilMs: 0, bars: 0 };
    const recovered = ((nowMs - entry.scoredAtMs) / 1000) * RECOVERY_PER_SECOND;
    entry.score = Math.min(FULL_SCORE, entry.score + recovered) - Math.max(0, points);
    entry.scoredAtMs = nowMs;
    const barred = entry.score <= 0;
    if (barred) {
      entry.barredUntilMs = nowMs + Math.min(LONGEST_BAR_MS, FIRST_BAR_MS * 2 ** entry.bars);
      entry.bars++;
      entry.score = FULL_SCORE;
    }
    this.#keep(peerId, entry);
    return barred;
  }

  isBarred(peerId: string, nowMs: number): boolean {
    const entry = this.#entries.get(peerId);
    return entry !== undefined && entry.barredUntilMs > nowMs;
  }

  /** Moves the entry to the young end, and forgets the oldest when the book is full. */
  #keep(peerId: string, entry: Entry): void {
    this.#entries.delete(peerId);
    this.#entries.set(peerId, entry);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > MAX_ENTRIES && !oldest.done) this.#entries.delete(oldest.value);
  }
}
