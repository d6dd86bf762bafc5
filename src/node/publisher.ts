/** Sends the state to the tabs that watch: after each change, at most once a frame, and less often while thousands of changes come. */
import type { Clock } from '../time/clock.ts';

/** One state per frame is all a screen can show. */
const PUBLISH_MS = 16;
/** Nobody reads numbers that run faster, and drawing them costs all threads together more than a millisecond. */
const RUSH_MS = 100;

/** Tells watchers of a value that is put together only when somebody is told. */
export class Publisher<State> {
  readonly #clock: Clock;
  readonly #describe: () => State | undefined;
  readonly #isRush: () => boolean;
  readonly #watchers = new Map<string, (state: State) => void>();
  #isDue = false;

  /**
   * @param describe undefined while there is nothing to be told yet
   * @param isRush whether changes come by the thousand, so that one more or less is not noticed
   */
  constructor(clock: Clock, describe: () => State | undefined, isRush: () => boolean) {
    this.#clock = clock;
    this.#describe = describe;
    this.#isRush = isRush;
  }

  watch(name: string, watcher: (state: State) => void): void {
    this.#watchers.set(name, watcher);
  }

  leave(name: string): void {
    this.#watchers.delete(name);
  }

  /** The state is not what it was. Called often. */
  changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.after(this.#isRush() ? RUSH_MS : PUBLISH_MS, () => {
      this.#isDue = false;
      this.publish();
    });
  }

  /** Tells everybody now. */
  publish(): void {
    const state = this.#watchers.size === 0 ? undefined : this.#describe();
    if (state !== undefined) for (const watcher of this.#watchers.values()) watcher(state);
  }
}
