/**
 * Torrents of attached files, beside those of transactions: of many pieces, seeded without holding their contents in memory, and fetched
 * only while somebody waits. Knows nothing of connections: those are made and bounded as for any other torrent.
 */
import type { Torrent, TorrentOptions } from 'webtorrent';
import { attachmentInfoBytes, isAttachmentInfo } from '../core/attachment.ts';
import { TtxError } from '../core/error.ts';
import type { Infohash } from '../core/id.ts';
import type { Clock } from '../time/clock.ts';
import { ContentStore } from './content-store.ts';
import { MetadataClaims } from './metadata-claims.ts';
import { encodeMetainfo } from './metainfo.ts';
import type { ContentFetch, ContentName, FetchedContent, SeededContent } from './swarm.ts';

/** What a torrent needs of the running swarm. */
export interface ContentHost {
  readonly clock: Clock;
  readonly add: (torrent: string | Uint8Array, options: TorrentOptions) => Torrent;
  /** A transaction has a torrent of this infohash: both cannot be. */
  readonly isTaken: (infohash: Infohash) => boolean;
  /** Announces it and takes its wires. */
  readonly opened: (infohash: Infohash, torrent: Torrent, trackers: readonly string[]) => void;
  readonly closed: (infohash: Infohash, torrent: Torrent) => void;
  readonly connections: (infohash: Infohash) => number;
  /** Asks a connected peer for it, where trackers bring nobody. */
  readonly seek: (infohash: Infohash) => void;
  /** A piece came wrong: whoever brought it is known where only one was there. */
  readonly spoiled: (infohash: Infohash) => void;
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
  readonly claims: MetadataClaims | undefined;
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

  /** A peer said how long the metadata is; `fits`: as long as it must be. */
  claim(infohash: Infohash, peerId: string, fits: boolean): void {
    this.#live.get(infohash)?.claims?.add(peerId, fits);
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

  /** A transaction's torrent takes this infohash: no attachment can have it. */
  yieldTo(infohash: Infohash): void {
    this.#seeds.delete(infohash);
    const job = this.#jobs.get(infohash);
    if (job === undefined) this.#close(infohash);
    else this.#fail(job, new TtxError('attachment', { what: 'torrent' }));
  }

  #openSeed({ infohash, info, size, load }: SeededContent): void {
    const host = this.#host;
    if (host === undefined || host.isTaken(infohash) || this.#live.has(infohash)) return;
    const store = new ContentStore(size, load);
    const torrent = host.add(encodeMetainfo(info), { preloadedStore: store, skipVerify: true, storeCacheSlots: 0 });
    this.#open(host, infohash, { torrent, store, claims: undefined, job: undefined, cancelSeek: () => {} }, []);
  }

  #openFetch(job: Job): void {
    const host = this.#host;
    const { infohash, size } = job.name;
    if (host === undefined) return;
    if (host.isTaken(infohash)) return this.#fail(job, new TtxError('attachment', { what: 'torrent' }));
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
    const claims = new MetadataClaims(host.clock, () => this.#fail(job, new TtxError('attachment', { what: 'metadata size' })));
    store.onPiece = () => this.#tell(job, store);
    torrent.on('metadata', () => {
      claims.settle();
      if (!isAttachmentInfo(torrent.infoBuffer ?? new Uint8Array(), job.name))
        this.#fail(job, new TtxError('attachment', { what: 'torrent' }));
    });
    torrent.on('warning', (warning) => {
      if (String(warning).includes('failed verification')) host.spoiled(infohash);
    });
    torrent.on('done', () => this.#done(job, torrent, store));
    const live: Live = { torrent, store, claims, job, cancelSeek: () => {} };
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
    // Whether it is what was attached is not known yet: until then nobody is given it.
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
    live.claims?.settle();
    live.cancelSeek();
    this.#host?.closed(infohash, live.torrent);
  }
}
