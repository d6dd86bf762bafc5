/** Rate limit: a bucket holds up to `burst` tokens and is refilled at `perSecond`. Pure but for its own two numbers. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs: number;

  /** Starts full. */
  constructor(limit: { readonly perSecond: number; readonly burst: number }, nowMs: number) {
    this.#perSecond = limit.perSecond;
    this.#burst = limit.burst;
    this.#tokens = limit.burst;
    this.#filledAtMs = nowMs;
  }

  /** Takes `tokens` out. @returns false, and takes nothing, if there are too few */
  take(tokens: number, nowMs: number): boolean {
    this.#refill(nowMs);
    if (tokens > this.#tokens) return false;
    this.#tokens -= tokens;
    return true;
  }

  /** Puts extra tokens in, beyond `burst` if need be: something was asked for, so it may come. */
  grant(tokens: number): void {
    this.#tokens += tokens;
  }

  #refill(nowMs: number): void {
    const refill = ((nowMs - this.#filledAtMs) / 1000) * this.#perSecond;
    this.#filledAtMs = nowMs;
    // Granted tokens above the rim stay, but time adds none to them.
    if (refill > 0 && this.#tokens < this.#burst) this.#tokens = Math.min(this.#burst, this.#tokens + refill);
  }
}
