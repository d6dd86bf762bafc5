/** What was chosen and the node has not changed yet: shown meanwhile, so that what was tapped does not jump back. */
import { signal } from '@preact/signals';

/** The last wish of several counts, whichever of them fails or comes true first. */
export class Asked<Value> {
  readonly #value = signal<Value | undefined>(undefined);
  #change: Promise<unknown> | undefined;

  /** To be shown in place of what is. */
  get value(): Value | undefined {
    return this.#value.value;
  }

  /** @param failed is called whichever change fails */
  ask(value: Value, change: Promise<unknown>, failed: () => void): void {
    this.#value.value = value;
    this.#change = change;
    change.then(
      () => this.#end(change),
      () => {
        if (this.#end(change)) this.#value.value = undefined;
        failed();
      },
    );
  }

  /** What is has become `value`. */
  became(value: Value): void {
    if (this.#change === undefined || value === this.#value.peek()) this.#value.value = undefined;
  }

  #end(change: Promise<unknown>): boolean {
    if (this.#change !== change) return false;
    this.#change = undefined;
    return true;
  }
}
