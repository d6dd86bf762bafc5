/**
 * One node per browser profile, whatever the number of tabs: this tab runs it, or is connected to the tab that does. What the rest of
 * the page calls stays the same object while tabs come and go.
 */
import type { NodeApi } from '../api/node.ts';
import { isTtxError, TtxError } from '../core/error.ts';
import { Leadership } from './leadership.ts';

/** A way to a node. */
export interface NodeConnection {
  readonly api: NodeApi;
  /** Ends it at once. */
  close(): void;
}

/** A node in this tab. */
export interface OwnNode extends NodeConnection {
  /** Connects another tab to it. */
  admit(port: MessagePort): void;
}

/** What tabs need of the browser. */
export interface TabsDoors {
  readonly locks: Pick<LockManager, 'request' | 'query'>;
  readonly channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>;
  /** Names what pages and nodes of this version say to each other: a node with another name is not understood. */
  readonly contract: string;
  readonly isVisible: () => boolean;
  readonly isAwake: () => boolean;
  readonly spawn: () => OwnNode;
  readonly connect: (port: MessagePort) => NodeConnection;
  /** Passes a port to another tab. @returns whether there is a way to it */
  readonly send: (clientId: string, port: MessagePort) => Promise<boolean>;
  readonly after: (delayMs: number, action: () => void) => () => void;
  /** Jobs that run here must not be cut off for another tab's sake. */
  readonly isIdle: () => boolean;
  /** The node that took over could not start; no call was there to be told. */
  readonly failed: (error: unknown) => void;
  /** Whether another version of the app has taken the node over. Every call fails with `other-version` while it has. */
  readonly leftBehind: (isBehind: boolean) => void;
}

/** A leader that does not answer for this long while somebody looks is frozen. */
const ANSWER_MS = 4_000;
const HEARTBEAT_MS = 2_000;
const RETRY_MS = 250;
/** Time for a leader that steps down to write and close. */
const STOP_MS = 2_000;

/** Asking again with the same arguments does no harm: they read, or name what they change. */
const NOT_REPEATABLE: ReadonlySet<string> = new Set<keyof NodeApi>(['foundNetwork', 'stop']);

/** What came of asking a node whether it is there. */
type Answer = 'ours' | 'of another version' | 'silence';

interface Link {
  readonly connection: NodeConnection;
  readonly isOwn: boolean;
  /** Resolves when the node knows its wallets and networks: whatever is asked of it before would find nothing there. */
  readonly started: Promise<unknown>;
  /** Rejects with `moved` when the node is gone. */
  readonly lost: Promise<never>;
  readonly lose: () => void;
}

/** This tab among the tabs. */
export class Tabs {
  /** The node, wherever it runs. A call waits until there is one; one that can be repeated survives its tab. */
  readonly api: NodeApi;
  readonly #doors: TabsDoors;
  readonly #leadership: Leadership;
  #link: Link | undefined;
  #own: OwnNode | undefined;
  #waiting: (() => void)[] = [];
  #watch: Parameters<NodeApi['start']> | undefined;
  #following = false;
  #isBehind = false;
  #mayTake = true;
  #cancelHeartbeat: () => void = () => undefined;

  constructor(doors: TabsDoors) {
    this.#doors = doors;
    this.#leadership = new Leadership({
      locks: doors.locks,
      channel: doors.channel,
      contract: doors.contract,
      isVisible: doors.isVisible,
      isAwake: doors.isAwake,
      isIdle: doors.isIdle,
      lead: (ended) => this.#lead(ended),
      dropped: () => this.#drop(),
      changed: () => this.#moved(),
      after: doors.after,
    });
    // Every method is passed on by name, so the object needs no list of them.
    this.api = new Proxy({} as NodeApi, {
      get:
        (_, method: keyof NodeApi) =>
        (...values: unknown[]) =>
          this.#call(method, values),
    });
  }

  get isLeader(): boolean {
    return this.#leadership.isLeader;
  }

  start(): void {
    void this.#leadership.run();
    void this.#follow();
  }

  /** A port that another tab sent through the service worker. One that comes to a tab that does not lead is dropped: the sender asks again. */
  admit(port: MessagePort): void {
    this.#own?.admit(port);
  }

  /** The tab was shown, hidden or clicked. */
  seen(): void {
    if (!this.#doors.isVisible()) return;
    this.#mayTake = true;
    this.#leadership.ask();
    this.#beat();
  }

  async #call(method: keyof NodeApi, values: readonly unknown[]): Promise<unknown> {
    for (;;) {
      const link = await this.#connected();
      const run = link.connection.api[method] as (...values: readonly unknown[]) => Promise<unknown>;
      try {
        if (method !== 'start') await Promise.race([link.started, link.lost]);
        const result = await Promise.race([run(...values), link.lost]);
        if (method === 'start') this.#watch = values as Parameters<NodeApi['start']>;
        return result;
      } catch (error) {
        if (!isTtxError(error, 'moved') || NOT_REPEATABLE.has(method)) {
          // A node that could not start may yet: whoever asked for its state watches from now on, in the next one, too.
          if (method === 'start') this.#watch = values as Parameters<NodeApi['start']>;
          throw error;
        }
        // A node that stops says so before this tab knows of another one.
        await link.lost.catch(() => undefined);
      }
    }
  }

  async #connected(): Promise<Link> {
    while (this.#link === undefined) {
      if (this.#isBehind) throw new TtxError('other-version');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#link;
  }

  #attach(connection: NodeConnection, isOwn: boolean): void {
    this.#detach();
    let lose = () => {};
    const lost = new Promise<never>((_, reject) => {
      lose = () => reject(new TtxError('moved'));
    });
    lost.catch(() => undefined);
    // Whoever watched the state goes on watching, and has drawn it before; a call of `start` under way is repeated by itself.
    const failed = (error: unknown) => {
      if (this.#link?.connection === connection && !isTtxError(error, 'moved')) this.#doors.failed(error);
    };
    const started = this.#watch === undefined ? Promise.resolve() : connection.api.start(...this.#watch).catch(failed);
    if (this.#watch !== undefined) started.then(() => connection.api.drawn()).catch(() => undefined);
    this.#link = { connection, isOwn, started, lost, lose };
    this.#setBehind(false);
    this.#beat();
  }

  #detach(): void {
    const link = this.#link;
    this.#link = undefined;
    this.#cancelHeartbeat();
    link?.lose();
    if (link !== undefined && !link.isOwn) link.connection.close();
  }

  async #lead(ended: Promise<void>): Promise<void> {
    const own = this.#doors.spawn();
    this.#own = own;
    this.#attach(own, true);
    await ended;
    // Dropped meanwhile: nothing is left to be written.
    if (this.#own !== own) return;
    await Promise.race([own.api.stop().catch(() => undefined), new Promise<void>((resolve) => this.#doors.after(STOP_MS, resolve))]);
    // Dropped while it stopped: this tab may run another node by now.
    if (this.#own === own) this.#drop();
  }

  #drop(): void {
    const own = this.#own;
    this.#own = undefined;
    this.#detach();
    own?.close();
    void this.#follow();
  }

  #moved(): void {
    if (this.#link?.isOwn === true) return;
    this.#detach();
    // Whoever leads now may be of this version again.
    this.#isBehind = false;
    void this.#follow();
  }

  /** Looks for the leader until this tab is connected or leads itself. */
  async #follow(): Promise<void> {
    if (this.#following) return;
    this.#following = true;
    try {
      while (this.#link === undefined && !this.#leadership.isLeader && !this.#isBehind) {
        await this.#reach();
        if (this.#link === undefined && !this.#isBehind) await this.#pause(RETRY_MS);
      }
    } finally {
      this.#following = false;
    }
  }

  async #reach(): Promise<void> {
    const leader = await this.#leadership.findLeader();
    if (leader === undefined || this.#link !== undefined) return;
    const { port1, port2 } = new MessageChannel();
    if (!(await this.#doors.send(leader, port2))) return this.#takeOnce();
    const connection = this.#doors.connect(port1);
    const answer = await this.#answers(connection);
    if (answer === 'ours' && this.#link === undefined) return this.#attach(connection, false);
    connection.close();
    if (this.#link !== undefined) return;
    // The tab that was loaded later has the newer version, and takes the node over: this one, unless it had a node before.
    if (answer === 'of another version' && this.#watch !== undefined) return this.#setBehind(true);
    if (this.#doors.isVisible()) return this.#leadership.steal();
    // It answers at once, and would be asked again and again.
    if (answer === 'of another version') await this.#pause(ANSWER_MS);
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#doors.after(delayMs, resolve));
  }

  #setBehind(isBehind: boolean): void {
    this.#isBehind = isBehind;
    this.#leadership.setLast(isBehind);
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#doors.leftBehind(isBehind);
  }

  /** Without a service worker there is no way to the leader: whoever was looked at last leads, and two visible windows do not fight for it. */
  #takeOnce(): void {
    if (!this.#mayTake || !this.#doors.isVisible()) return;
    this.#mayTake = false;
    this.#leadership.steal();
  }

  async #answers({ api }: NodeConnection): Promise<Answer> {
    let cancel = () => {};
    const silence = new Promise<Answer>((resolve) => {
      cancel = this.#doors.after(ANSWER_MS, () => resolve('silence'));
    });
    const ask = async (): Promise<Answer> => {
      // A node of another version may not even know the question.
      if (!(await this.#leadership.awake())) return 'of another version';
      await api.ping();
      return 'ours';
    };
    const answer = ask().catch((): Answer => 'silence');
    return Promise.race([answer, silence]).finally(() => cancel());
  }

  /** While this tab is looked at, it makes sure that the leader lives, and would rather lead than be served by a hidden one. */
  #beat(): void {
    this.#cancelHeartbeat();
    const link = this.#link;
    if (link === undefined || link.isOwn || !this.#doors.isVisible()) return;
    this.#cancelHeartbeat = this.#doors.after(HEARTBEAT_MS, async () => {
      const answer = await this.#answers(link.connection);
      if (this.#link !== link) return;
      if (!this.#doors.isVisible()) return;
      if (answer === 'silence') return this.#leadership.steal();
      this.#leadership.ask();
      this.#beat();
    });
  }
}
