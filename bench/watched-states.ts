/** What a page's node says of itself, read off the messages between the threads; the app knows nothing of it. */
import type { Page } from '@playwright/test';
import type { NodeState } from '../src/api/node.ts';

/** When a node came how far, in the page's milliseconds, and where it is. */
export interface Watched {
  /** The first peer was ready. */
  readonly connectedMs: number | undefined;
  /** The first time since then that it had the same roots as a peer. */
  readonly inSyncMs: number | undefined;
  /** The largest number of transactions, and when it was reached. */
  readonly transactions: number;
  readonly grownMs: number;
  readonly supply: string;
  readonly peers: readonly string[];
  /** Most peers that were ready at a time. */
  readonly mostPeers: number;
  /** Infohashes of the torrents that are seeded now, and most of them at a time. */
  readonly swarms: readonly string[];
  readonly mostSwarms: number;
}

/** Runs in the page before the app does. Roots count as equal with a peer of at least `least` transactions only. */
export function watchStates(least: number): void {
  const watched: { -readonly [Key in keyof Watched]: Watched[Key] } = {
    connectedMs: undefined,
    inSyncMs: undefined,
    transactions: 0,
    grownMs: 0,
    supply: '',
    peers: [],
    mostPeers: 0,
    swarms: [],
    mostSwarms: 0,
  };
  Object.assign(window, { watched });
  const look = ({ network }: Partial<NodeState>) => {
    if (network?.peers === undefined) return;
    watched.swarms = network.seeds.map(({ infohash }) => infohash);
    watched.mostSwarms = Math.max(watched.mostSwarms, watched.swarms.length);
    const nowMs = performance.now();
    const ready = network.peers.filter(({ status }) => status === 'ready');
    watched.mostPeers = Math.max(watched.mostPeers, ready.length);
    if (ready.length > 0) watched.connectedMs ??= nowMs;
    if (ready.some(({ relation, transactions }) => relation?.kind === 'in-sync' && transactions >= least)) watched.inSyncMs ??= nowMs;
    if (network.transactions > watched.transactions) watched.grownMs = nowMs;
    watched.transactions = network.transactions;
    watched.supply = String(network.supply);
    watched.peers = network.peers.map(({ status, transactions, relation }) => `${status} ${transactions} ${relation?.kind}`);
  };
  const { addEventListener } = EventTarget.prototype;
  const heard = new WeakSet<EventTarget>();
  EventTarget.prototype.addEventListener = function (this: EventTarget, ...values: Parameters<EventTarget['addEventListener']>) {
    if (values[0] === 'message' && (this instanceof Worker || this instanceof MessagePort) && !heard.has(this)) {
      heard.add(this);
      const hear = ({ data }: Event & { data?: { value?: unknown; argumentList?: { value?: unknown }[] } }) => {
        for (const value of [data?.value, ...(data?.argumentList ?? []).map((argument) => argument.value)])
          if (typeof value === 'object' && value !== null && 'acceptances' in value) look(value as Partial<NodeState>);
      };
      Reflect.apply(addEventListener, this, ['message', hear]);
    }
    return Reflect.apply(addEventListener, this, values);
  };
}

/** What `page` has seen so far. */
export const watchedIn = (page: Page): Promise<Watched> =>
  page.evaluate(() => ({ ...(window as unknown as { watched: Watched }).watched }));
