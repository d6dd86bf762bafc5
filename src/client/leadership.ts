/**
 * Which tab runs the node: whoever holds the lock. It passes on by itself when a tab closes or crashes; a frozen tab keeps it and has
 * it stolen; a hidden one gives it to a visible one, because browsers slow hidden tabs down.
 */

/** Name of the lock, and of the channel on which tabs tell who leads; nothing secret is said there. */
const LOCK = 'ttx-node';

/** How often a tab that lets all others go first looks whether none is left. */
const LOOK_MS = 2_000;

/** What tabs tell each other. */
type Kind =
  /** A tab leads now. */
  | 'leads'
  /** A visible tab would rather lead than be served by a hidden one. */
  | 'visible'
  /** Is the tab that leads awake? */
  | 'awake?'
  /** It is. */
  | 'awake';

interface Notice {
  readonly kind: Kind;
  /** {@link LeadershipDoors.contract} of who says it. */
  readonly contract: string;
}

/** What electing needs of the browser. */
export interface LeadershipDoors {
  readonly locks: Pick<LockManager, 'request' | 'query'>;
  readonly channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>;
  /** What this tab's version of the app takes for the way to talk with a node. */
  readonly contract: string;
  readonly isVisible: () => boolean;
  /** Not frozen by the browser. Messages may come to a frozen page, but no timer runs there. */
  readonly isAwake: () => boolean;
  /** Whether leading could be given up now without interrupting anybody. */
  readonly isIdle: () => boolean;
  /** This tab leads: runs the node until `ended`. Resolves when everything is written and closed. */
  readonly lead: (ended: Promise<void>) => Promise<void>;
  /** The lock was taken away: everything must end at once, written or not. */
  readonly dropped: () => void;
  /** Another tab leads now, or may. */
  readonly changed: () => void;
  readonly after: (delayMs: number, action: () => void) => () => void;
}

/** One tab's part in the election. */
export class Leadership {
  readonly #doors: LeadershipDoors;
  #giveUp: (() => void) | undefined;
  /** Ends waiting in the queue, so that stealing does not leave a second request behind. */
  #queued = new AbortController();
  #stealing = false;
  #isLast = false;
  #stopped = false;
  #waiting: ((isOfOurs: boolean) => void)[] = [];

  constructor(doors: LeadershipDoors) {
    this.#doors = doors;
    doors.channel.addEventListener('message', ({ data }: MessageEvent<Notice>) => this.#heard(data));
  }

  get isLeader(): boolean {
    return this.#giveUp !== undefined;
  }

  /** Stands for election until {@link stop}. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      this.#queued = new AbortController();
      const steal = this.#stealing;
      this.#stealing = false;
      try {
        // These exclude each other.
        const options = steal ? { steal } : this.#isLast ? { ifAvailable: true } : { signal: this.#queued.signal };
        await this.#doors.locks.request(LOCK, options, (lock) => (lock === null ? this.#pause() : this.#lead()));
      } catch {
        // Stolen from us, or we stopped waiting to steal it ourselves.
        if (this.isLeader) {
          this.#giveUp = undefined;
          this.#doors.dropped();
        }
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#queued.abort();
    this.#giveUp?.();
    this.#doors.channel.close();
  }

  /** The leader does not answer: takes its place. */
  steal(): void {
    if (this.isLeader) return;
    this.#stealing = true;
    this.#queued.abort();
  }

  /** Whether this tab leads only where nobody else wants to. */
  setLast(isLast: boolean): void {
    this.#isLast = isLast;
    if (isLast) this.#queued.abort();
  }

  /** The tab has become visible: it leads unless a visible one does. */
  ask(): void {
    if (!this.isLeader) this.#tell('visible');
  }

  /**
   * Resolves when the page of the tab that leads answers: whether it talks as this tab does. Its worker may answer while the page, and
   * with it WebRTC, is frozen.
   */
  awake(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#tell('awake?');
    });
  }

  /** The tab that leads, by the name that Web Locks have for it; service workers have another one. */
  async findLeader(): Promise<string | undefined> {
    const { held } = await this.#doors.locks.query();
    return held?.find((lock) => lock.name === LOCK)?.clientId;
  }

  async #lead(): Promise<void> {
    let giveUp = () => {};
    const ended = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    this.#giveUp = giveUp;
    this.#tell('leads');
    await this.#doors.lead(ended);
    // Stolen while it stepped down, and leading again by now.
    if (this.#giveUp === giveUp) this.#giveUp = undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#doors.after(LOOK_MS, resolve));
  }

  #heard({ kind, contract }: Notice): void {
    const isOfOurs = contract === this.#doors.contract;
    if (kind === 'visible') {
      // An older version that is looked at again would only take the node from the newer one.
      if (isOfOurs && this.isLeader && !this.#doors.isVisible() && this.#doors.isIdle()) this.#giveUp?.();
      return;
    }
    if (kind === 'awake?') {
      if (this.isLeader && this.#doors.isAwake()) this.#tell('awake');
      return;
    }
    for (const resolve of this.#waiting.splice(0)) resolve(isOfOurs);
    if (kind === 'awake') return;
    this.#doors.changed();
    // Whoever was first in the queue may be hidden.
    if (this.#doors.isVisible()) this.ask();
  }

  #tell(kind: Kind): void {
    const notice: Notice = { kind, contract: this.#doors.contract };
    this.#doors.channel.postMessage(notice);
  }
}
