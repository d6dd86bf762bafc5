/**
 * Torrents of attached files, beside those of transactions: of many pieces, seeded without holding their contents in memory, and fetched
 * only while somebody waits. Knows nothing of connections: those are made and bounded as for any other torrent.
 */
import type Wire from 'bittorrent-protocol';
import type { Torrent, TorrentOptions } from 'webtorrent';
import { attachmentInfoBytes, isAttachmentInfo } from '../core/attachment.ts';
import { TtxError } from '../core/error.ts';
import type { Infohash } from '../core/id.ts';
import type { Clock } from '../time/clock.ts';
import { ContentStore } from './content-store.ts';
import { encodeMetainfo } from './metainfo.ts';
import type { ContentFetch, ContentName, FetchedContent, SeededContent } from './swarm.ts';
import { onWrongPiece } from './wrong-piece.ts';

/** What a torrent needs of the running swarm. */
export interface ContentHost {
  readonly clock: Clock;
  readonly add: (torrent: string | Uint8Array, options: TorrentOptions) => Torrent;
  /** Whether a transaction of this infohash is here, or is sought: then there is a torrent, and two cannot be. */
  readonly transaction: (infohash: Infohash) => 'none' | 'sought' | 'here';
  /** Announces it and takes its wires. */
  readonly opened: (infohash: Infohash, torrent: Torrent, trackers: readonly string[]) => void;
  readonly closed: (infohash: Infohash, torrent: Torrent) => void;
  readonly connections: (infohash: Infohash) => number;
  /** Asks a connected peer for it, where trackers bring nobody. */
  readonly seek: (infohash: Infohash) => void;
  /** See {@link onWrongPiece}. */
  readonly spoiled: (infohash: Infohash, culprit: Wire | undefined) => void;
}

/** Between two attempts to find a file at a connected peer; trackers have the first word. */
const SEEK_MS = 3_000;

/** A fetch that somebody waits for. */
interface Job {
  readonly name: ContentName;
  readonly options: ContentFetch;
  readonly resolve: (content: FetchedContent) => void;
  readonly reject: (reason: unknown) => void;
}

/** A torrent that WebTorrent has; `job` while it is being fetched. */
interface Live {
  readonly torrent: Torrent;
  readonly store: ContentStore;
  readonly job: Job | undefined;
  cancelSeek: () => void;
}

/** Of one swarm, running or not. */
export class ContentTorrents {
  readonly #seeds = new Map<Infohash, SeededContent>();
  readonly #jobs = new Map<Infohash, Job>();
  readonly #live = new Map<Infohash, Live>();
  #host: ContentHost | undefined;

  /** The swarm runs. */
  start(host: ContentHost): void {
    this.#host = host;
    for (const seed of this.#seeds.values()) this.#openSeed(seed);
    for (const job of this.#jobs.values()) this.#openFetch(job);
  }

  stop(): void {
    for (const job of [...this.#jobs.values()]) this.#fail(job, new TtxError('cancelled'));
    this.#seeds.clear();
    for (const infohash of [...this.#live.keys()]) this.#close(infohash);
    this.#host = undefined;
  }

  /** Whether somebody waits. */
  get isFetching(): boolean {
    return this.#jobs.size > 0;
  }

  find(infohash: Infohash): Torrent | undefined {
    return this.#live.get(infohash)?.torrent;
  }

  /** Whether a live torrent is being fetched; undefined where there is none. */
  isFetched(infohash: Infohash): boolean | undefined {
    const live = this.#live.get(infohash);
    return live && live.job !== undefined;
  }

  /** Length that the metadata of a torrent must have; undefined where it is none of these. */
  metadataBytes(infohash: Infohash): number | undefined {
    const name = this.#live.has(infohash) ? (this.#jobs.get(infohash)?.name ?? this.#seeds.get(infohash)) : undefined;
    return name && attachmentInfoBytes(name);
  }

  /** The number of connections has changed. */
  count(infohash: Infohash): void {
    const live = this.#live.get(infohash);
    if (live?.job !== undefined) this.#tell(live.job, live.store);
  }

  seed(content: SeededContent): void {
    if (this.#seeds.has(content.infohash)) return;
    this.#seeds.set(content.infohash, content);
    this.#openSeed(content);
  }

  unseed(infohash: Infohash): void {
    if (this.#seeds.delete(infohash) && !this.#jobs.has(infohash)) this.#close(infohash);
  }

  /** See {@link ContentSwarm.fetchContent}. */
  fetch(name: ContentName, options: ContentFetch): Promise<FetchedContent> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const { infohash } = name;
      if (this.#jobs.has(infohash)) return reject(new TtxError('bug', { what: 'fetched twice' }));
      const onAbort = () => this.#fail(job, signal.reason);
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          signal.removeEventListener('abort', onAbort);
          settle(value);
        };
      };
      const job: Job = { name, options, resolve: settled(resolve), reject: settled(reject) };
      signal.addEventListener('abort', onAbort);
      this.#jobs.set(infohash, job);
      this.#openFetch(job);
    });
  }

  /** Whether the metadata behind an infohash is here, and is that of an attached file: then it is no transaction's. */
  isCertain(infohash: Infohash): boolean {
    return this.#seeds.has(infohash) || this.#live.get(infohash)?.torrent.infoBuffer !== undefined;
  }

  /** A transaction of this infohash is sought, and nobody knows yet which of the two it is. */
  pause(infohash: Infohash): void {
    this.#close(infohash);
    this.#jobs.get(infohash)?.options.progress?.({ peers: 0, receivedBytes: 0 });
  }

  /** It is sought no more. */
  resume(infohash: Infohash): void {
    const [job, seed] = [this.#jobs.get(infohash), this.#seeds.get(infohash)];
    if (job !== undefined) this.#openFetch(job);
    else if (seed !== undefined) this.#openSeed(seed);
  }

  /** It is a transaction's: no attachment can have this infohash. */
  refuse(infohash: Infohash): void {
    this.unseed(infohash);
    const job = this.#jobs.get(infohash);
    if (job !== undefined) this.#fail(job, new TtxError('attachment', { what: 'torrent' }));
  }

  #openSeed({ infohash, info, size, load }: SeededContent): void {
    const host = this.#host;
    if (host === undefined || host.transaction(infohash) !== 'none' || this.#live.has(infohash)) return;
    const store = new ContentStore(size, load);
    const torrent = host.add(encodeMetainfo(info), { preloadedStore: store, skipVerify: true, storeCacheSlots: 0 });
    this.#open(host, infohash, { torrent, store, job: undefined, cancelSeek: () => {} }, []);
  }

  #openFetch(job: Job): void {
    const host = this.#host;
    const { infohash, size } = job.name;
    if (host === undefined) return;
    const transaction = host.transaction(infohash);
    if (transaction === 'here') return this.#fail(job, new TtxError('attachment', { what: 'torrent' }));
    if (transaction === 'sought') return;
    this.#close(infohash);
    const store = new ContentStore(size);
    // WebTorrent constructs a store itself, once it has the metadata.
    class Store {
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: the one that is read in the end
        return store;
      }
    }
    const torrent = host.add(infohash, { store: Store as unknown as new () => ContentStore, storeCacheSlots: 0 });
    store.onPiece = () => this.#tell(job, store);
    torrent.on('metadata', () => {
      if (!isAttachmentInfo(torrent.infoBuffer ?? new Uint8Array(), job.name))
        this.#fail(job, new TtxError('attachment', { what: 'torrent' }));
    });
    // Pieces are right by SHA-1 alone, so nobody is given any before the whole is known to be what was attached.
    torrent.on('wire', (wire) => {
      wire.unchoke = () => {};
    });
    onWrongPiece(torrent, (culprit) => host.spoiled(infohash, culprit));
    torrent.on('done', () => this.#done(job, torrent, store));
    const live: Live = { torrent, store, job, cancelSeek: () => {} };
    this.#open(host, infohash, live, job.options.trackers ?? []);
    this.#seekLater(host, infohash, live);
  }

  /** While nobody is there: again and again, each time somebody else. */
  #seekLater(host: ContentHost, infohash: Infohash, live: Live): void {
    live.cancelSeek = host.clock.after(SEEK_MS, () => {
      if (host.connections(infohash) === 0) host.seek(infohash);
      this.#seekLater(host, infohash, live);
    });
  }

  #open(host: ContentHost, infohash: Infohash, live: Live, trackers: readonly string[]): void {
    this.#live.set(infohash, live);
    live.torrent.on('error', (error) => {
      console.warn('swarm:', infohash, error);
      if (this.#live.get(infohash) !== live) return;
      if (live.job === undefined) this.#close(infohash);
      else this.#fail(live.job, new TtxError('bug', { what: 'torrent' }, { cause: error }));
    });
    host.opened(infohash, live.torrent, trackers);
  }

  #tell({ name, options }: Job, store: ContentStore): void {
    options.progress?.({ peers: this.#host?.connections(name.infohash) ?? 0, receivedBytes: store.receivedBytes });
  }

  #done(job: Job, torrent: Torrent, store: ContentStore): void {
    const { infohash } = job.name;
    const bytes = store.take();
    if (this.#jobs.get(infohash) !== job || bytes === undefined) return;
    const info = (torrent.infoBuffer ?? new Uint8Array()).slice();
    this.#jobs.delete(infohash);
    // Whether it is what was attached is not known yet.
    this.#close(infohash);
    job.resolve({ info, bytes });
  }

  #fail(job: Job, reason: unknown): void {
    const { infohash } = job.name;
    if (this.#jobs.get(infohash) !== job) return;
    this.#jobs.delete(infohash);
    this.#close(infohash);
    job.reject(reason);
  }

  #close(infohash: Infohash): void {
    const live = this.#live.get(infohash);
    if (live === undefined) return;
    this.#live.delete(infohash);
    live.cancelSeek();
    this.#host?.closed(infohash, live.torrent);
  }
}
