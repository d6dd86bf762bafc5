/**
 * Attached files of one network: kept and seeded by whoever sent or fetched them, fetched only when a person asks, and given to nobody
 * before they are known to be what was attached. docs/protocol.md, Attachments.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { AttachmentFetch } from '../../api/node.ts';
import { type Attachment, type ContentHashes, type DescribedFile, describeAttachment, PIECE_BYTES } from '../../core/attachment.ts';
import { isTtxError, TtxError } from '../../core/error.ts';
import type { Infohash } from '../../core/id.ts';
import { MAX_ATTACHMENT_BYTES } from '../../core/limit.ts';
import type { ContentSwarm } from '../../net/swarm.ts';
import { byAge, type KeptAttachment, type Store } from '../../storage/store.ts';
import type { Clock } from '../../time/clock.ts';
import { Serial } from '../../time/serial.ts';
import { AttachmentContents } from './attachment-contents.ts';
import { DISMISSED, isDismissal } from './dismissal.ts';

/** Share of the network's budget that contents may take up; the oldest go first. */
const SHARE = 0.5;
/** Swarms of attached files that are live: those that were sent or fetched last. Each costs an announce a minute. */
const MAX_LIVE = 16;
/** Fetches at a time; others wait for their turn. */
const MAX_FETCHES = 3;

interface Fetch {
  readonly attachment: Attachment;
  readonly ended: AbortController;
  stage: AttachmentFetch['stage'];
}

interface AttachmentsOptions {
  readonly store: Pick<Store, 'commit' | 'loadAttachment' | 'loadAttachments'>;
  readonly swarm: ContentSwarm;
  readonly clock: Clock;
  readonly budgetBytes: () => number;
  readonly trackers: () => readonly string[];
  /** Runs a task while nothing is being decided: commits must not overlap. */
  readonly quiet: (task: () => Promise<void>) => Promise<void>;
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
}

/** A file of this device, described and read. */
interface ReadFile extends DescribedFile {
  readonly content: Uint8Array<ArrayBuffer>;
}

/** What a content is known by; in the browser's own code, because half a second of hashing would hold up everything else. */
async function hash(content: Uint8Array<ArrayBuffer>): Promise<ContentHashes> {
  const { subtle } = globalThis.crypto;
  const pieces = new Uint8Array(20 * Math.ceil(content.length / PIECE_BYTES));
  for (let from = 0, at = 0; from < content.length; from += PIECE_BYTES, at += 20) {
    pieces.set(new Uint8Array(await subtle.digest('SHA-1', content.subarray(from, from + PIECE_BYTES))), at);
  }
  return { size: content.length, sha256: await sha256Of(content), pieces };
}

const sha256Of = async (content: Uint8Array<ArrayBuffer>): Promise<string> =>
  bytesToHex(new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', content)));

/** Reads and describes a file. One that is too large is refused before it is read. @throws {TtxError} `attachment` */
async function readAttachment(file: Blob, name: string): Promise<ReadFile> {
  if (file.size < 1 || file.size > MAX_ATTACHMENT_BYTES) throw new TtxError('attachment', { bytes: file.size });
  let content: Uint8Array<ArrayBuffer>;
  try {
    content = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    // Moved or changed on disk since it was chosen, or a folder.
    throw new TtxError('attachment', { what: 'changed' }, { cause: error });
  }
  return { content, ...describeAttachment(await hash(content), name, file.type) };
}

/** See the file's comment. */
export class Attachments {
  readonly #options: AttachmentsOptions;
  readonly #kept = new Map<Infohash, KeptAttachment>();
  readonly #fetches = new Map<Infohash, Fetch>();
  readonly #contents: AttachmentContents;
  readonly #live = new Set<Infohash>();
  readonly #reading = new Serial();
  #started: Promise<void> | undefined;

  constructor(options: AttachmentsOptions) {
    this.#options = options;
    this.#contents = new AttachmentContents(options.clock, (infohash) => options.store.loadAttachment(infohash));
  }

  /** Reads what is kept, once, and seeds the latest of it. */
  start(): Promise<void> {
    this.#started ??= this.#options.store.loadAttachments().then((all) => {
      for (const kept of all) this.#kept.set(kept.attachment.infohash, kept);
      this.#seedLatest();
    });
    return this.#started;
  }

  stop(): void {
    for (const { ended } of this.#fetches.values()) ended.abort(DISMISSED);
    this.#contents.stop();
  }

  /** Bytes of contents that are kept. */
  get usedBytes(): number {
    return [...this.#kept.values()].reduce((sum, { attachment }) => sum + attachment.size, 0);
  }

  /** Whether the content of exactly this file is here. */
  holds({ infohash, sha256 }: Attachment): boolean {
    return this.#kept.get(infohash)?.attachment.sha256 === sha256;
  }

  /** Fetches under way, and those that failed until they are dismissed. */
  fetches(): readonly AttachmentFetch[] {
    return [...this.#fetches.values()].map(({ attachment: { infohash, sha256 }, stage }) => ({ infohash, sha256, stage }));
  }

  /** What a file of this device is called in a payment. One after the other, so that one at a time is in memory. @throws {TtxError} `attachment` */
  describe(file: Blob, name: string): Promise<Attachment> {
    return this.#reading.run(async () => (await readAttachment(file, name)).attachment);
  }

  /**
   * Reads and keeps files that are about to be sent.
   * @param files in the order of `attachments`
   * @returns how to forget those that were not here before, if they are not sent in the end
   * @throws {TtxError} `attachment` where they are not what was described, or do not fit the budget; `storage-full`
   */
  async attach(attachments: readonly Attachment[], files: readonly Blob[]): Promise<() => Promise<void>> {
    if (attachments.length === 0) return async () => undefined;
    await this.start();
    if (attachments.reduce((sum, { size }) => sum + size, 0) > this.#mostBytes) throw new TtxError('attachment', { what: 'budget' });
    await this.#refresh(attachments);
    const fresh: Infohash[] = [];
    const forget = () => this.#drop(fresh);
    try {
      for (const [n, attachment] of attachments.entries()) {
        if (this.holds(attachment)) continue;
        const read = await readAttachment(files[n] ?? new Blob(), attachment.name);
        const isSame = read.attachment.infohash === attachment.infohash && read.attachment.sha256 === attachment.sha256;
        if (!isSame) throw new TtxError('attachment', { what: 'changed' });
        await this.#keep({ ...read, attachment });
        fresh.push(attachment.infohash);
      }
    } catch (error) {
      await forget();
      throw error;
    }
    this.#seedLatest();
    return forget;
  }

  /** Begins to fetch a file, and goes on until it is here, cancelled, or known to be something else. Twice is harmless. */
  fetch(attachment: Attachment): void {
    const { infohash } = attachment;
    const before = this.#fetches.get(infohash);
    if (this.holds(attachment) || (before !== undefined && !isOver(before))) return;
    this.#fetches.set(infohash, { attachment, ended: new AbortController(), stage: { kind: 'waiting' } });
    this.#next();
    this.#options.changed();
  }

  /** Ends a fetch, or dismisses one that failed. */
  cancel(infohash: Infohash): void {
    this.#fetches.get(infohash)?.ended.abort(DISMISSED);
    this.#fetches.delete(infohash);
    this.#next();
    this.#options.changed();
  }

  /** The content of a file that is kept. @throws {TtxError} `attachment` */
  async load(attachment: Attachment): Promise<Uint8Array<ArrayBuffer>> {
    await this.start();
    const content = this.holds(attachment) ? await this.#options.store.loadAttachment(attachment.infohash) : undefined;
    if (content === undefined) throw new TtxError('attachment', { what: 'gone' });
    return new Uint8Array(content);
  }

  get #mostBytes(): number {
    return SHARE * this.#options.budgetBytes();
  }

  #next(): void {
    const running = [...this.#fetches.values()].filter(({ stage }) => stage.kind === 'fetching').length;
    const waiting = [...this.#fetches.values()].filter(({ stage }) => stage.kind === 'waiting');
    for (const fetch of waiting.slice(0, Math.max(0, MAX_FETCHES - running))) {
      fetch.stage = { kind: 'fetching', peers: 0, receivedBytes: 0 };
      this.#run(fetch)
        .then(
          () => this.#forget(fetch),
          (error: unknown) => this.#end(fetch, error),
        )
        .finally(() => {
          this.#next();
          this.#options.changed();
        });
    }
  }

  #end(fetch: Fetch, error: unknown): void {
    if (isDismissal(error)) this.#forget(fetch);
    else if (isTtxError(error)) fetch.stage = { kind: 'failed', error: { code: error.code, detail: error.detail } };
    else {
      fetch.stage = { kind: 'failed', error: { code: 'bug', detail: { what: 'attachment' } } };
      this.#options.failed(error);
    }
  }

  /** Another one of the same file may have begun since it was cancelled. */
  #forget(fetch: Fetch): void {
    const { infohash } = fetch.attachment;
    if (this.#fetches.get(infohash) === fetch) this.#fetches.delete(infohash);
  }

  async #run(fetch: Fetch): Promise<void> {
    const { swarm, trackers } = this.#options;
    const { attachment, ended } = fetch;
    if (attachment.size > this.#mostBytes) throw new TtxError('attachment', { what: 'budget' });
    // Begun anew while its content was being kept.
    if (this.holds(attachment)) return;
    // The content of this torrent is here, and is something else.
    if (this.#kept.has(attachment.infohash)) throw new TtxError('attachment', { what: 'content' });
    const { info, bytes } = await swarm.fetchContent(attachment, {
      trackers: trackers(),
      signal: ended.signal,
      progress: ({ peers, receivedBytes }) => {
        fetch.stage = { kind: 'fetching', peers, receivedBytes };
        this.#options.changed();
      },
    });
    const content = new Uint8Array(bytes);
    if (content.length !== attachment.size || (await sha256Of(content)) !== attachment.sha256) {
      throw new TtxError('attachment', { what: 'content' });
    }
    ended.signal.throwIfAborted();
    await this.#keep({ attachment, info, content });
    this.#seedLatest();
  }

  /** Those of a payment's files that are here already count as kept now, so that the others do not take their room. */
  async #refresh(attachments: readonly Attachment[]): Promise<void> {
    const { store, clock, quiet } = this.#options;
    await quiet(async () => {
      const held = attachments.filter((attachment) => this.holds(attachment)).flatMap(({ infohash }) => this.#kept.get(infohash) ?? []);
      const attached = held.map((kept) => ({ ...kept, keptAtMs: clock.nowMs() }));
      if (attached.length > 0) await store.commit({ attached });
      for (const kept of attached) this.#kept.set(kept.attachment.infohash, kept);
    });
  }

  async #keep({ attachment, info, content }: ReadFile): Promise<void> {
    const { store, clock, quiet } = this.#options;
    const { infohash } = attachment;
    await quiet(async () => {
      const kept: KeptAttachment = { attachment, info, keptAtMs: clock.nowMs() };
      let roomBytes = this.#mostBytes - attachment.size;
      const detached: Infohash[] = [];
      for (const { attachment: other } of byAge([...this.#kept.values()]).reverse()) {
        roomBytes -= other.size;
        if (roomBytes < 0 && other.infohash !== infohash) detached.push(other.infohash);
      }
      await store.commit({ attached: [{ ...kept, content }], detached });
      for (const gone of detached) this.#unseed(gone);
      // One of the same infohash whose content was another is not seeded any more.
      this.#unseed(infohash);
      this.#kept.set(infohash, kept);
    });
    this.#options.changed();
  }

  async #drop(infohashes: readonly Infohash[]): Promise<void> {
    await this.#options.quiet(() => this.#options.store.commit({ detached: infohashes }));
    for (const infohash of infohashes) this.#unseed(infohash);
    this.#options.changed();
  }

  #seedLatest(): void {
    const latest = byAge([...this.#kept.values()]).slice(-MAX_LIVE);
    const chosen = new Set(latest.map(({ attachment }) => attachment.infohash));
    for (const infohash of this.#live) if (!chosen.has(infohash)) this.#silence(infohash);
    for (const { attachment, info } of latest) {
      const { infohash, name, size } = attachment;
      if (this.#live.has(infohash)) continue;
      this.#live.add(infohash);
      this.#options.swarm.seedContent({ infohash, name, size, info, load: () => this.#contents.load(infohash) });
    }
  }

  #silence(infohash: Infohash): void {
    if (this.#live.delete(infohash)) this.#options.swarm.unseedContent(infohash);
    this.#contents.forget(infohash);
  }

  #unseed(infohash: Infohash): void {
    this.#kept.delete(infohash);
    this.#silence(infohash);
  }
}

const isOver = ({ stage }: Fetch): boolean => stage.kind === 'failed';
