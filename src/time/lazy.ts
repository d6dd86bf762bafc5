/** Something that takes a while to get: it is got when it is first asked for, and again if that failed. */
export class Lazy<T> {
  readonly #get: () => Promise<T>;
  #getting: Promise<T> | undefined;
  #value: T | undefined;
  #hasFailed = false;

  constructor(get: () => Promise<T>) {
    this.#get = get;
  }

  /** Once it is there. */
  get value(): T | undefined {
    return this.#value;
  }

  /** Whether it is not there because it could not be got. */
  get isMissing(): boolean {
    return this.#hasFailed && this.#value === undefined;
  }

  /** @throws as getting it */
  load(): Promise<T> {
    this.#getting ??= this.#get().then(
      (value) => {
        this.#value = value;
        return value;
      },
      (error: unknown) => {
        this.#getting = undefined;
        this.#hasFailed = true;
        throw error;
      },
    );
    return this.#getting;
  }

  /** Resolves when nothing is being got. */
  async idle(): Promise<void> {
    await this.#getting?.catch(() => undefined);
  }
}
