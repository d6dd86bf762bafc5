/**
 * One commit inside one IndexedDB transaction: new packs and files, files dropped and put back, amendments, and now and then small
 * packs joined to larger ones. Nothing is awaited here but requests of that transaction.
 */
import type { EarlierEntries } from '../core/entry-codec.ts';
import type { TxId } from '../core/id.ts';
import type { StoreSchema, WriteTransaction } from './idb-schema.ts';
import {
  amendPack,
  joinPacks,
  markDropped,
  PACK_ENTRIES,
  type PackRecord,
  type PositionedAmendment,
  type PositionedFile,
  packBytes,
  packEntries,
  packFiles,
  splitIntoRecords,
  unpackFiles,
} from './pack.ts';
import type { Commit, StoredTransaction } from './store.ts';
import type { PackPlace, StoreIndex } from './store-index.ts';

/**
 * So many packs at the end that are each smaller than a limit are joined, as in a log-structured merge tree: an entry is rewritten at most
 * twice, and of a hundred thousand single payments there are some two hundred packs. Half a pack counts as full.
 */
const JOINED_AT = 32;
const JOIN_LIMITS: readonly number[] = [JOINED_AT, PACK_ENTRIES / 2];
/** So many records of amendments are written into the packs. */
const AMENDED_AT = 64;

/** What a commit changes in the index, once it is on disk. */
export interface Change {
  readonly added: readonly StoredTransaction[];
  readonly putBack: readonly number[];
  readonly dropped: readonly number[];
  readonly packs: readonly PackPlace[];
  readonly amendments: number;
}

type Packs = StoreSchema['packs']['value'];

/** Writes a commit. What fails leaves the transaction to be aborted by the caller. */
export class CommitWriter {
  readonly #tx: WriteTransaction;
  readonly #index: StoreIndex;
  #packs: PackPlace[];
  /** Transactions of this commit that were not known before, and where they stand. */
  readonly #fresh: StoredTransaction[] = [];
  readonly #freshAt = new Map<TxId, number>();

  constructor(tx: WriteTransaction, index: StoreIndex) {
    this.#tx = tx;
    this.#index = index;
    this.#packs = [...index.packs];
  }

  async write({
    added = [],
    dropped = [],
    amended = [],
    wanted = [],
    unwanted = [],
    paid = [],
    attached = [],
    detached = [],
  }: Commit): Promise<Change> {
    const index = this.#index;
    const lacking = new Map<number, Uint8Array>();
    for (const transaction of added) {
      const position = this.#positionOf(transaction.entry.txid);
      if (position === undefined) this.#take(transaction);
      else if (position < index.count && !index.holds(position)) lacking.set(position, transaction.bytes);
    }
    this.#addEntries();
    this.#addFiles();
    for (const want of wanted) this.#put('wants', compact(want));
    for (const id of unwanted) this.#request(this.#tx.objectStore('wants').delete(id));
    for (const { job, txid } of paid) this.#request(this.#tx.objectStore('paid').put(txid, job));
    for (const one of attached) this.#attach(one);
    for (const infohash of detached)
      for (const name of ['attachments', 'contents'] as const) this.#request(this.#tx.objectStore(name).delete(infohash));
    await this.#putBack(lacking);
    const gone = dropped.flatMap((txid) => index.positionOf(txid) ?? []).filter((position) => index.holds(position));
    await this.#drop([...new Set(gone)].sort((a, b) => a - b));
    const amendments = await this.#amend(
      amended.flatMap(({ txid, ...facts }) => {
        const position = this.#positionOf(txid);
        return position === undefined ? [] : [{ ...facts, position }];
      }),
    );
    await this.#join();
    return { added: this.#fresh, putBack: [...lacking.keys()], dropped: gone, packs: this.#packs, amendments };
  }

  #take(transaction: StoredTransaction): void {
    this.#freshAt.set(transaction.entry.txid, this.#index.count + this.#fresh.length);
    this.#fresh.push(transaction);
  }

  #positionOf(txid: TxId): number | undefined {
    return this.#freshAt.get(txid) ?? this.#index.positionOf(txid);
  }

  /** Only the end of the transaction tells why a request failed, so nobody waits for the request. */
  #request(request: Promise<unknown>): void {
    request.catch(() => undefined);
  }

  #put<N extends 'packs' | 'files' | 'wants' | 'amendments'>(name: N, value: StoreSchema[N]['value']): void {
    this.#request(this.#tx.objectStore(name).put(value));
  }

  #attach({ content, ...kept }: NonNullable<Commit['attached']>[number]): void {
    const { infohash } = kept.attachment;
    this.#request(this.#tx.objectStore('attachments').put(kept, infohash));
    if (content !== undefined) this.#request(this.#tx.objectStore('contents').put(content, infohash));
  }

  #putPack(first: number, pack: PackRecord): PackPlace {
    this.#put('packs', { ...pack, first });
    return { first, count: pack.count, sizeBytes: packBytes(pack) };
  }

  #putFiles(files: readonly PositionedFile[]): void {
    for (const run of splitIntoRecords(files)) this.#put('files', { ...packFiles(run), first: run[0]?.position ?? 0 });
  }

  #addEntries(): void {
    const base = this.#index.count;
    const earlier: EarlierEntries = {
      payeeAt: (address) => this.#index.payeeAt(address),
      positionOf: (txid) => this.#positionOf(txid),
      at: (position) => (position < base ? this.#index.at(position) : this.#fresh[position - base]?.entry),
    };
    for (let from = 0; from < this.#fresh.length; from += PACK_ENTRIES) {
      const first = base + from;
      this.#packs.push(this.#putPack(first, packEntries(this.#fresh.slice(from, from + PACK_ENTRIES), first, earlier)));
    }
  }

  #addFiles(): void {
    const base = this.#index.count;
    this.#putFiles(this.#fresh.map(({ bytes }, n) => ({ position: base + n, bytes })));
  }

  /** The pack at `place`, as it is after what was written so far. */
  async #getPack({ first }: PackPlace): Promise<Packs> {
    const pack = await this.#tx.objectStore('packs').get(first);
    if (pack === undefined) throw new DOMException('a pack is not there', 'NotFoundError');
    return pack;
  }

  async #changePacks(positions: readonly number[], change: (pack: Packs, positions: readonly number[]) => PackRecord): Promise<void> {
    const byPack = groupBy(positions, (position) => this.#packs.findLast(({ first }) => first <= position));
    for (const [place, inside] of byPack) {
      if (place === undefined) continue;
      const changed = this.#putPack(place.first, change(await this.#getPack(place), inside));
      this.#packs = this.#packs.map((other) => (other === place ? changed : other));
    }
  }

  /** Files that were dropped and are here again stand in the record before them: no record may begin in the middle of another. */
  async #putBack(files: ReadonlyMap<number, Uint8Array>): Promise<void> {
    if (files.size === 0) return;
    const store = this.#tx.objectStore('files');
    const placed: (PositionedFile & { readonly first: number })[] = [];
    for (const [position, bytes] of files) {
      const cursor = await store.openKeyCursor(IDBKeyRange.upperBound(position), 'prev');
      placed.push({ position, bytes, first: cursor?.key ?? position });
    }
    for (const [first, more] of groupBy(placed, (file) => file.first)) {
      const record = await store.get(first);
      const all = [...(record === undefined ? [] : unpackFiles(record)), ...more].sort((a, b) => a.position - b.position);
      this.#request(store.delete(first));
      this.#putFiles(all);
    }
    await this.#changePacks([...files.keys()], (pack, positions) => markDropped(pack, rowsOf(pack, positions), false));
  }

  /** @param positions ascending, of files that are kept */
  async #drop(positions: readonly number[]): Promise<void> {
    const gone = new Set(positions);
    const store = this.#tx.objectStore('files');
    let done = -1;
    for (const position of positions) {
      if (position <= done) continue;
      const cursor = await store.openCursor(IDBKeyRange.upperBound(position), 'prev');
      if (cursor === null) continue;
      const kept = unpackFiles(cursor.value).filter((file) => !gone.has(file.position));
      done = Math.max(position, cursor.value.positions.at(-1) ?? position);
      this.#request(store.delete(cursor.key));
      this.#putFiles(kept);
    }
    await this.#changePacks(positions, (pack, inside) => markDropped(pack, rowsOf(pack, inside), true));
  }

  /** @returns how many records of amendments there are now */
  async #amend(rows: readonly PositionedAmendment[]): Promise<number> {
    if (rows.length === 0) return this.#index.amendments;
    this.#put('amendments', { rows });
    if (this.#index.amendments + 1 < AMENDED_AT) return this.#index.amendments + 1;
    const all = (await this.#tx.objectStore('amendments').getAll()).flatMap((record) => record.rows);
    const byPosition = groupBy(all, ({ position }) => position);
    await this.#changePacks([...byPosition.keys()], (pack, positions) =>
      amendPack(
        pack,
        positions.flatMap((position) => (byPosition.get(position) ?? []).map((one) => ({ ...one, row: position - pack.first }))),
      ),
    );
    this.#request(this.#tx.objectStore('amendments').clear());
    return 0;
  }

  async #join(): Promise<void> {
    for (const limit of JOIN_LIMITS) {
      const from = this.#packs.findLastIndex(({ count }) => count >= limit) + 1;
      const small = this.#packs.slice(from);
      if (small.length === 0) continue;
      // Larger ones wait for these, or each would be rewritten over and over.
      if (small.length < JOINED_AT) return;
      const [{ first }] = small as [PackPlace];
      const range = IDBKeyRange.lowerBound(first);
      const packs = await this.#tx.objectStore('packs').getAll(range);
      this.#request(this.#tx.objectStore('packs').delete(range));
      this.#packs = this.#packs.slice(0, from);
      for (const run of runsOf(packs)) this.#packs.push(this.#putPack(run[0]?.first ?? first, joinPacks(run)));
      // Files of single payments, too, are soon too many for a record each; those of batches are large enough.
      if (limit === JOINED_AT) await this.#joinFiles(range);
    }
  }

  async #joinFiles(range: IDBKeyRange): Promise<void> {
    const records = await this.#tx.objectStore('files').getAll(range);
    this.#request(this.#tx.objectStore('files').delete(range));
    this.#putFiles(records.flatMap(unpackFiles));
  }
}

function groupBy<K, V>(values: readonly V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}

const rowsOf = (pack: Packs, positions: readonly number[]): number[] => positions.map((position) => position - pack.first);

/** Packs in runs that fit one pack each. */
function runsOf(packs: readonly Packs[]): Packs[][] {
  const runs: Packs[][] = [];
  let count = PACK_ENTRIES;
  for (const pack of packs) {
    if (count + pack.count > PACK_ENTRIES) {
      runs.push([]);
      count = 0;
    }
    runs.at(-1)?.push(pack);
    count += pack.count;
  }
  return runs;
}

/** A view would be cloned with its whole buffer. */
const compact = (want: StoreSchema['wants']['value']): StoreSchema['wants']['value'] =>
  want.bytes === undefined ? want : { ...want, bytes: want.bytes.slice() };
