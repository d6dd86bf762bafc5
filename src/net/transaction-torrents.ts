/** Torrents of transactions: of one piece each, kept in memory; seeded in a role, or fetched while somebody waits. Knows nothing of connections. */
import type Wire from 'bittorrent-protocol';
import type { Torrent, TorrentOptions } from 'webtorrent';
import { TtxError } from '../core/error.ts';
import type { Infohash } from '../core/id.ts';
import { infoDictionary, parseInfoDictionary } from '../core/torrent.ts';
import type { Clock } from '../time/clock.ts';
import type { ContentTorrents } from './content-torrents.ts';
import { FetchJobs, type FetchOptions } from './fetch-jobs.ts';
import { MetadataClaims } from './metadata-claims.ts';
import { encodeMetainfo } from './metainfo.ts';
import { PieceStore } from './piece-store.ts';
import type { SeededFile, TorrentRole } from './swarm.ts';
import { onWrongPiece } from './wrong-piece.ts';

/** What a torrent needs of the running swarm. */
export interface TransactionHost {
  readonly clock: Clock;
  readonly add: (torrent: string | Uint8Array, options: TorrentOptions) => Torrent;
  /** Announces it and takes its wires. */
  readonly opened: (infohash: Infohash, torrent: Torrent, trackers: readonly string[]) => void;
  readonly closed: (infohash: Infohash, torrent: Torrent) => void;
  /** Announces it to these trackers as well. */
  readonly announce: (infohash: Infohash, trackers: readonly string[]) => void;
  /** What is wanted for it has changed. */
  readonly refresh: (infohash: Infohash) => void;
  readonly connections: (infohash: Infohash) => number;
  /** See {@link onWrongPiece}. */
  readonly spoiled: (infohash: Infohash, culprit: Wire | undefined) => void;
  readonly changed: () => void;
}

/** A fetched torrent stays this long for the node to decide to seed it, with its connections. */
const FETCHED_GRACE_MS = 30_000;

/** A torrent that WebTorrent has. Seeded if it has a `role`; else being fetched, or fetched a moment ago. */
export interface LiveTransaction {
  readonly infohash: Infohash;
  readonly torrent: Torrent;
  role: TorrentRole | undefined;
  /** While it is being fetched. */
  readonly claims?: MetadataClaims;
  /** The file, once it is complete. */
  bytes: Uint8Array | undefined;
  cancelGrace: () => void;
}

/** Of one swarm, running or not. What is asked for before the start happens after it. */
export class TransactionTorrents {
  readonly #contents: ContentTorrents;
  readonly #seeds = new Map<Infohash, SeededFile>();
  readonly #jobs = new FetchJobs((infohash) => this.#abandon(infohash));
  readonly #live = new Map<Infohash, LiveTransaction>();
  #host: TransactionHost | undefined;

  /** @param contents attached files, which may claim the same infohash */
  constructor(contents: ContentTorrents) {
    this.#contents = contents;
  }

  /** The swarm runs. */
  start(host: TransactionHost): void {
    this.#host = host;
    for (const file of this.#seeds.values()) this.#openSeed(file);
    for (const infohash of this.#jobs.infohashes()) this.#openFetch(infohash);
  }

  /** Ends what is waited for. */
  cancel(): void {
    for (const infohash of this.#jobs.infohashes()) this.#jobs.reject(infohash, new TtxError('cancelled'));
    this.#seeds.clear();
  }

  /** The swarm stops. */
  stop(): void {
    for (const live of [...this.#live.values()]) this.#close(live);
    this.#host = undefined;
  }

  /** Whether somebody waits. */
  get isFetching(): boolean {
    return this.#jobs.infohashes().length > 0;
  }

  /** In whose swarm nodes meet. */
  get genesis(): SeededFile | undefined {
    return [...this.#seeds.values()].find(({ role }) => role === 'genesis');
  }

  /** All that WebTorrent has. */
  live(): Iterable<LiveTransaction> {
    return this.#live.values();
  }

  find(infohash: Infohash): LiveTransaction | undefined {
    return this.#live.get(infohash);
  }

  seed(file: SeededFile): void {
    if (this.#seeds.get(file.infohash)?.role === file.role) return;
    this.#seeds.set(file.infohash, file);
    this.#jobs.resolve(file.infohash, file.bytes);
    this.#openSeed(file);
  }

  unseed(infohash: Infohash): void {
    if (!this.#seeds.delete(infohash)) return;
    const live = this.#live.get(infohash);
    if (live !== undefined) this.#close(live);
  }

  /** It is an attached file: whoever waits for a transaction waits in vain. */
  refuse(infohash: Infohash): void {
    const live = this.#live.get(infohash);
    if (live !== undefined && live.bytes === undefined) this.#failFetch(live, new TtxError('schema', { what: 'attachment' }));
  }

  /** See `Swarm.fetch`. `begun` is called where it is not here already. */
  async fetch(infohash: Infohash, options: FetchOptions, begun: () => void): Promise<Uint8Array> {
    options.signal.throwIfAborted();
    const held = this.#seeds.get(infohash)?.bytes ?? this.#live.get(infohash)?.bytes;
    if (held !== undefined) return held.slice();
    const fetched = this.#jobs.wait(infohash, options);
    begun();
    this.#openFetch(infohash);
    return fetched;
  }

  /** The number of connections has changed. */
  count(infohash: Infohash): void {
    this.#jobs.tellConnected(infohash, this.#host?.connections(infohash) ?? 0);
  }

  #openSeed({ infohash, bytes, role }: SeededFile): void {
    const host = this.#host;
    if (host === undefined) return;
    const open = this.#live.get(infohash);
    if (open?.bytes !== undefined) {
      // Fetched a moment ago, or seeded in another role: it is complete and keeps its connections.
      open.cancelGrace();
      open.role = role;
      host.refresh(infohash);
      host.changed();
      return;
    }
    this.#contents.refuse(infohash);
    if (open !== undefined) this.#close(open);
    const metainfo = encodeMetainfo(infoDictionary(bytes));
    const torrent = host.add(metainfo, { preloadedStore: new PieceStore(bytes), skipVerify: true, storeCacheSlots: 0 });
    this.#addTorrent(host, { infohash, torrent, role, bytes, cancelGrace: () => {} }, []);
  }

  #openFetch(infohash: Infohash): void {
    const host = this.#host;
    if (host === undefined) return;
    const extra = this.#jobs.trackersOf(infohash);
    if (this.#live.has(infohash)) {
      host.announce(infohash, extra);
      this.count(infohash);
      return;
    }
    if (this.#contents.isCertain(infohash)) return this.#jobs.reject(infohash, new TtxError('schema', { what: 'attachment' }));
    this.#contents.pause(infohash);
    const stores: PieceStore[] = [];
    // WebTorrent constructs the store itself, once it has the metadata.
    class Store extends PieceStore {
      constructor() {
        super();
        stores.push(this);
      }
    }
    const torrent = host.add(infohash, { store: Store, storeCacheSlots: 0 });
    const claims = new MetadataClaims(host.clock, () => this.#failFetch(live, new TtxError('schema', { what: 'metadata size' })));
    const live: LiveTransaction = { infohash, torrent, role: undefined, claims, bytes: undefined, cancelGrace: () => {} };
    torrent.on('metadata', () => this.#checkMetadata(live));
    onWrongPiece(torrent, (culprit) => host.spoiled(infohash, culprit));
    torrent.on('done', () => stores[0]?.get(0, null, (_, bytes) => bytes !== undefined && this.#onFetched(live, bytes)));
    this.#addTorrent(host, live, extra);
  }

  #addTorrent(host: TransactionHost, live: LiveTransaction, extra: readonly string[]): void {
    const { infohash, torrent } = live;
    this.#live.set(infohash, live);
    torrent.on('error', (error) => {
      console.warn('swarm:', infohash, error);
      this.#failFetch(live, new TtxError('bug', { what: 'torrent' }, { cause: error }));
    });
    host.opened(infohash, torrent, extra);
    host.changed();
  }

  /** The info dictionary is here and its hash is right; is it that of a transaction? */
  #checkMetadata(live: LiveTransaction): void {
    try {
      parseInfoDictionary(live.torrent.infoBuffer ?? new Uint8Array());
      live.claims?.settle();
    } catch (error) {
      this.#failFetch(live, error);
    }
  }

  #failFetch(live: LiveTransaction, reason: unknown): void {
    if (this.#close(live)) this.#jobs.reject(live.infohash, reason);
  }

  #onFetched(live: LiveTransaction, bytes: Uint8Array): void {
    const host = this.#host;
    if (host === undefined || this.#live.get(live.infohash) !== live || live.bytes !== undefined) return;
    live.bytes = bytes;
    this.#contents.refuse(live.infohash);
    live.cancelGrace = host.clock.after(FETCHED_GRACE_MS, () => {
      if (live.role === undefined) this.#close(live);
    });
    host.refresh(live.infohash);
    this.#jobs.resolve(live.infohash, bytes);
  }

  #abandon(infohash: Infohash): void {
    const live = this.#live.get(infohash);
    if (live !== undefined && live.bytes === undefined) this.#close(live);
  }

  /** @returns false if it was closed before */
  #close(live: LiveTransaction): boolean {
    if (this.#live.get(live.infohash) !== live) return false;
    this.#live.delete(live.infohash);
    live.cancelGrace();
    live.claims?.settle();
    this.#host?.closed(live.infohash, live.torrent);
    this.#contents.resume(live.infohash);
    return true;
  }
}
