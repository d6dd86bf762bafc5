/** Runs tasks one after another: decide and commit must not interleave, nor two payments choose the same coin. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `task` when all earlier ones have ended, well or badly. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything queued so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
