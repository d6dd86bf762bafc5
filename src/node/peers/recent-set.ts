/** A set that forgets what came first, for what strangers may add to without end. */

/**
 * Remembers the latest `most / 2` at least and `most` at most, in two generations: to take the oldest out of a Set again and again costs a
 * walk over all that was taken out before.
 */
export class RecentSet<T> {
  readonly #most: number;
  #latest = new Set<T>();
  #before = new Set<T>();

  constructor(most: number) {
    this.#most = most;
  }

  has(value: T): boolean {
    return this.#latest.has(value) || this.#before.has(value);
  }

  add(value: T): void {
    this.#before.delete(value);
    this.#latest.add(value);
    if (this.#latest.size * 2 < this.#most) return;
    this.#before = this.#latest;
    this.#latest = new Set();
  }

  /** @returns whether it was there */
  delete(value: T): boolean {
    return this.#latest.delete(value) || this.#before.delete(value);
  }

  /** Forgets what is not to stay. */
  filter(stays: (value: T) => boolean): void {
    for (const generation of [this.#latest, this.#before]) for (const value of generation) if (!stays(value)) generation.delete(value);
  }
}
