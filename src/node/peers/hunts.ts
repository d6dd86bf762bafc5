/**
 * The search for ancestors of payments that a person waits for: all connected peers are asked in turn; what none of them has is sought in
 * its own swarm, which costs new connections, so few at a time and in turns. Nothing is asked for without a rest between.
 */
import { isTtxError } from '../../core/error.ts';
import { infohashOf, type Locator, type TxId, txidOf } from '../../core/id.ts';
import type { Swarm } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import type { Acceptor } from '../ledger/accept.ts';
import type { Fetcher } from './fetcher.ts';

/** Ancestors of one payment sought at a time: as they come they name the next. */
const MAX_SOUGHT = 128;
/** Swarms joined at a time, for all payments: each costs a few connections. */
const MAX_HUNTS = 4;
/** Connected peers are asked first; they deliver within this, or have it not. */
const PEERS_FIRST_MS = 3_000;
/** How long a swarm is searched: one where nobody is gives its place to the next, one with somebody in it has longer. */
const TURN_MS = { alone: 15_000, connected: 60_000 } as const;
/** An ancestor that nobody offered for this long is named as unseeded; it is still asked for. */
const UNSEEDED_AFTER_MS = 10_000;
/** Before peers are asked again, and before a swarm is searched again; twice as long each time. */
const FIRST_REST_MS = { peers: 5_000, swarm: 15_000 } as const;
const LONGEST_REST_MS = { peers: 60_000, swarm: 120_000 } as const;

/** An ancestor that is sought. */
interface Quarry {
  readonly ancestor: Locator;
  readonly sinceMs: number;
  askAtMs: number;
  askRestMs: number;
  huntAtMs: number;
  huntRestMs: number;
}

interface Hunt {
  readonly startedAtMs: number;
  readonly ended: AbortController;
  connected: number;
}

/** What one payment waits for. */
interface Search {
  trackers: readonly string[];
  quarries: Map<TxId, Quarry>;
}

interface HuntsOptions {
  readonly acceptor: Pick<Acceptor, 'accept'>;
  readonly fetcher: Pick<Fetcher, 'urge' | 'relax'>;
  readonly swarm: Pick<Swarm, 'fetch'>;
  readonly clock: Clock;
  readonly hasPeers: () => boolean;
  /** An ancestor came, from its swarm: perhaps it names others. */
  readonly found: () => void;
  readonly failed: (error: unknown) => void;
}

const OVER = 'over';

/** Everything that is sought. */
export class Hunts {
  readonly #options: HuntsOptions;
  readonly #searches = new Map<string, Search>();
  readonly #hunts = new Map<TxId, Hunt>();

  constructor(options: HuntsOptions) {
    this.#options = options;
  }

  /** What a payment misses now: called again and again while it does. */
  seek(payment: string, missing: readonly Locator[], trackers: readonly string[]): void {
    const { clock, fetcher } = this.#options;
    const nowMs = clock.nowMs();
    const before = this.#searches.get(payment)?.quarries;
    const quarries = new Map<TxId, Quarry>();
    const asked: TxId[] = [];
    for (const ancestor of missing.slice(0, MAX_SOUGHT)) {
      const txid = txidOf(ancestor);
      const quarry = before?.get(txid) ?? newQuarry(ancestor, nowMs);
      quarries.set(txid, quarry);
      if (nowMs < quarry.askAtMs) continue;
      quarry.askAtMs = nowMs + quarry.askRestMs;
      quarry.askRestMs = Math.min(2 * quarry.askRestMs, LONGEST_REST_MS.peers);
      asked.push(txid);
    }
    this.#searches.set(payment, { trackers, quarries });
    fetcher.urge(asked);
    this.#drop([...(before?.keys() ?? [])]);
    this.#turn();
  }

  /** A payment waits no longer. */
  end(payment: string): void {
    const search = this.#searches.get(payment);
    this.#searches.delete(payment);
    if (search !== undefined) this.#drop([...search.quarries.keys()]);
  }

  /** It was decided: its swarm is left. */
  take(txid: TxId): void {
    this.#hunts.get(txid)?.ended.abort(OVER);
  }

  /** Whether an ancestor has been sought for a while and nobody who could have it was met. */
  isUnseeded(payment: string, txid: TxId): boolean {
    const quarry = this.#searches.get(payment)?.quarries.get(txid);
    if (quarry === undefined || this.#options.clock.nowMs() - quarry.sinceMs < UNSEEDED_AFTER_MS) return false;
    return (this.#hunts.get(txid)?.connected ?? 0) === 0;
  }

  stop(): void {
    for (const payment of [...this.#searches.keys()]) this.end(payment);
  }

  /** Ends the search for what no payment seeks any more. */
  #drop(txids: readonly TxId[]): void {
    const gone = txids.filter((txid) => ![...this.#searches.values()].some(({ quarries }) => quarries.has(txid)));
    this.#options.fetcher.relax(gone);
    for (const txid of gone) this.#hunts.get(txid)?.ended.abort(OVER);
  }

  /** Ends hunts that had their turn, and starts those whose turn it is. */
  #turn(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const { startedAtMs, connected, ended } of this.#hunts.values())
      if (nowMs - startedAtMs >= (connected > 0 ? TURN_MS.connected : TURN_MS.alone)) ended.abort(OVER);
    while (this.#hunts.size < MAX_HUNTS) {
      const next = this.#next(nowMs);
      if (next === undefined) return;
      this.#hunt(next.quarry, next.search);
    }
  }

  /** Of the payment with the fewest hunts, the ancestor whose turn was due first: a payment with many holds up none with few. */
  #next(nowMs: number): { readonly search: Search; readonly quarry: Quarry } | undefined {
    const patienceMs = this.#options.hasPeers() ? PEERS_FIRST_MS : 0;
    const hunted = ({ quarries }: Search) => [...this.#hunts.keys()].filter((txid) => quarries.has(txid)).length;
    for (const search of [...this.#searches.values()].sort((a, b) => hunted(a) - hunted(b))) {
      const due = [...search.quarries].filter(
        ([txid, { huntAtMs, sinceMs }]) => !this.#hunts.has(txid) && huntAtMs <= nowMs && nowMs - sinceMs >= patienceMs,
      );
      const [first] = due.map(([, quarry]) => quarry).sort((a, b) => a.huntAtMs - b.huntAtMs);
      if (first !== undefined) return { search, quarry: first };
    }
    return undefined;
  }

  #hunt(quarry: Quarry, { trackers }: Search): void {
    const { clock, acceptor, swarm, found, failed } = this.#options;
    const txid = txidOf(quarry.ancestor);
    const hunt: Hunt = { startedAtMs: clock.nowMs(), connected: 0, ended: new AbortController() };
    this.#hunts.set(txid, hunt);
    const connected = (peers: number) => {
      hunt.connected = peers;
    };
    swarm
      .fetch(infohashOf(quarry.ancestor), { trackers, signal: hunt.ended.signal, connected })
      .then((bytes) => acceptor.accept([bytes]))
      .then(found)
      .catch((error) => {
        if (error !== OVER && !isTtxError(error, 'schema') && !isTtxError(error, 'cancelled')) failed(error);
      })
      .finally(() => {
        this.#hunts.delete(txid);
        quarry.huntAtMs = clock.nowMs() + quarry.huntRestMs;
        quarry.huntRestMs = Math.min(2 * quarry.huntRestMs, LONGEST_REST_MS.swarm);
        this.#turn();
      });
  }
}

const newQuarry = (ancestor: Locator, nowMs: number): Quarry => ({
  ancestor,
  sinceMs: nowMs,
  askAtMs: nowMs,
  askRestMs: FIRST_REST_MS.peers,
  huntAtMs: nowMs,
  huntRestMs: FIRST_REST_MS.swarm,
});
