/**
 * A network's transactions in IndexedDB: packs of entries, which are all read when the network is opened, records of files, which are
 * read when somebody asks for one, and in memory an index from txid to position.
 */
import type { IDBPDatabase } from 'idb';
import { EntryReader } from '../core/entry-codec.ts';
import type { Infohash, TxId } from '../core/id.ts';
import { type Change, CommitWriter } from './idb-commit.ts';
import { IdbConnection } from './idb-connection.ts';
import { checkFence } from './idb-fence.ts';
import {
  ALL,
  eachRecord,
  STORE_VERSION,
  type StoreName,
  type StoreSchema,
  type UndecidedRecord,
  upgradeStore,
  type WriteTransaction,
} from './idb-schema.ts';
import { amend, type PositionedAmendment, packBytes, unpackEntries, unpackFiles } from './pack.ts';
import {
  byAge,
  type Commit,
  inOrder,
  type KeptAttachment,
  type Store,
  type StoredEntry,
  type StoredTransaction,
  type StoreUsage,
  type UndecidedFile,
  type Want,
} from './store.ts';
import { type PackPlace, StoreIndex } from './store-index.ts';

/** One object store, to read from. idb's own shortcuts leave the end of an aborted transaction to be an unhandled rejection. */
function reading<N extends StoreName>(db: IDBPDatabase<StoreSchema>, name: N) {
  const tx = db.transaction(name, 'readonly');
  tx.done.catch(() => undefined);
  return tx.store;
}

/** The files of a record of version 1. */
const undecidedFiles = ({ ends, bytes, firstSeenMs }: UndecidedRecord): UndecidedFile[] =>
  Array.from(ends, (end, row) => ({ bytes: bytes.slice(row === 0 ? 0 : ends[row - 1], end), firstSeenMs: firstSeenMs[row] ?? 0 }));

/** Opens a network's database; see {@link Storage.openStore}. */
export const openStore = async (name: string, onClosed: () => void): Promise<Store> =>
  new IdbStore(await IdbConnection.open<StoreSchema>({ name, version: STORE_VERSION, upgrade: upgradeStore, onClosed }));

/** {@link Store} over an open database. */
export class IdbStore implements Store {
  readonly #connection: IdbConnection<StoreSchema>;
  /**
   * As read over one connection; undefined until the packs have been read once. Another connection reads again: what failed with the
   * old one may have reached the disk all the same.
   */
  #read: { readonly db: IDBPDatabase<StoreSchema>; readonly index: StoreIndex } | undefined;

  #lastWrite: Promise<void> = Promise.resolve();

  constructor(connection: IdbConnection<StoreSchema>) {
    this.#connection = connection;
  }

  async load(page: (entries: readonly StoredEntry[]) => void): Promise<void> {
    // What `page` throws is its caller's own and goes back as it is.
    let thrown: { readonly error: unknown } | undefined;
    let delivered = 0;
    await this.#connection.run((db) => {
      // Read again on a new connection, everything comes again, in the same order.
      let seen = 0;
      return this.#readPacks(db, (entries) => {
        seen += entries.length;
        const fresh = entries.slice(entries.length - Math.max(0, seen - delivered));
        delivered = Math.max(seen, delivered);
        try {
          if (thrown === undefined && fresh.length > 0) page(fresh);
        } catch (error) {
          thrown = { error };
        }
      });
    });
    if (thrown !== undefined) throw thrown.error;
  }

  async #readPacks(db: IDBPDatabase<StoreSchema>, page: (entries: readonly StoredEntry[]) => void): Promise<StoreIndex> {
    const before = this.#read?.index;
    const index = new StoreIndex();
    const reader = new EntryReader();
    const amendments = new Map<number, PositionedAmendment>();
    const packs: PackPlace[] = [];
    const tx = db.transaction(ALL, 'readonly');
    tx.done.catch(() => undefined);
    await eachRecord(
      tx,
      'amendments',
      ({ seq = 0 }) => seq,
      ({ rows }) => rows.length * 100,
      ({ rows }) => {
        index.amendments++;
        for (const row of rows) amendments.set(row.position, amend(amendments.get(row.position) ?? row, row));
      },
    );
    await eachRecord(
      tx,
      'packs',
      ({ first }) => first,
      packBytes,
      (pack) => {
        // Read a second time, they stay the objects that the ledger has.
        const entries = reader.read(pack).map((entry, row) => {
          const known = before?.at(pack.first + row);
          return known?.txid === entry.txid ? known : entry;
        });
        for (const [row, entry] of entries.entries()) index.add(entry, pack.dropped?.[row] === 1);
        packs.push({ first: pack.first, count: pack.count, sizeBytes: packBytes(pack) });
        const stored = unpackEntries(pack, entries);
        page(amendments.size === 0 ? stored : stored.map((one, row) => amend(one, amendments.get(pack.first + row) ?? {})));
      },
    );
    await tx.done;
    index.packs = packs;
    this.#read = { db, index };
    return index;
  }

  /** The index, which holds for `db` only. */
  async #index(db: IDBPDatabase<StoreSchema>): Promise<StoreIndex> {
    return this.#read?.db === db ? this.#read.index : this.#readPacks(db, () => undefined);
  }

  upgrade(decide: (files: readonly UndecidedFile[]) => readonly StoredTransaction[]): Promise<void> {
    return this.#inTurn(async () => {
      let left = true;
      while (left) {
        await this.#connection.run(async (db) => {
          const [record] = await reading(db, 'log').getAll(undefined, 1);
          left = record !== undefined;
          if (record === undefined) return;
          const added = decide(undecidedFiles(record));
          await this.#write(db, { added }, (tx) => tx.objectStore('log').delete(record.seq ?? 0));
        });
      }
    });
  }

  holds(txid: TxId): boolean {
    const index = this.#read?.index;
    const position = index?.positionOf(txid);
    return position !== undefined && index?.holds(position) === true;
  }

  usage(): StoreUsage {
    return this.#read?.index.usage ?? { fileBytes: 0, entryBytes: 0, dropped: 0 };
  }

  loadWants(): Promise<readonly Want[]> {
    return this.#connection.run(async (db) => inOrder(await reading(db, 'wants').getAll()));
  }

  findPaid(job: string): Promise<TxId | undefined> {
    return this.#connection.run((db) => reading(db, 'paid').get(job));
  }

  loadFiles(txids: readonly TxId[]): Promise<ReadonlyMap<TxId, Uint8Array>> {
    return this.#connection.run(async (db) => {
      const index = await this.#index(db);
      const wanted = new Map<number, TxId>();
      for (const txid of txids) {
        const position = index.positionOf(txid);
        if (position !== undefined) wanted.set(position, txid);
      }
      const files = new Map<TxId, Uint8Array>();
      // Opened even when nothing is wanted: a closed database says so in every case.
      const tx = db.transaction('files', 'readonly');
      tx.done.catch(() => undefined);
      const positions = [...wanted.keys()].sort((a, b) => b - a);
      let from = Number.POSITIVE_INFINITY;
      for (const position of positions) {
        if (position >= from) continue;
        // Asked of the database, not of memory: whoever has taken it over may have joined records since.
        const record = await recordOf(tx.store, position);
        if (record === undefined) continue;
        from = record.first;
        for (const file of unpackFiles(record)) {
          const txid = wanted.get(file.position);
          // A copy, so that keeping it does not keep the whole record.
          if (txid !== undefined) files.set(txid, file.bytes.slice());
        }
      }
      await tx.done;
      return files;
    });
  }

  loadAttachments(): Promise<readonly KeptAttachment[]> {
    return this.#connection.run(async (db) => byAge(await reading(db, 'attachments').getAll()));
  }

  loadAttachment(infohash: Infohash): Promise<Uint8Array | undefined> {
    return this.#connection.run((db) => reading(db, 'contents').get(infohash));
  }

  commit(commit: Commit): Promise<void> {
    return this.#inTurn(() => this.#connection.run((db) => this.#write(db, commit)));
  }

  /** A commit begins with what the one before has left, on disk and in the index. */
  #inTurn(write: () => Promise<void>): Promise<void> {
    const written = this.#lastWrite.then(write);
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  /** @param also what else belongs to the same step: requests of its transaction */
  async #write(db: IDBPDatabase<StoreSchema>, commit: Commit, also?: (tx: WriteTransaction) => Promise<unknown>): Promise<void> {
    const owner = await this.#connection.owner(db);
    const index = await this.#index(db);
    const tx = db.transaction(ALL, 'readwrite', { durability: 'strict' });
    await checkFence(tx, owner);
    let change: Change;
    try {
      change = await new CommitWriter(tx, index).write(commit);
      also?.(tx).catch(() => undefined);
    } catch (error) {
      // A value that cannot be cloned throws and leaves the transaction alive with half of the commit.
      if (tx.error === null) tryToAbort(tx);
      // Only the end of a transaction knows why it was aborted (a full disk); its requests just say that it was.
      await tx.done.catch(() => undefined);
      throw tx.error ?? error;
    }
    await tx.done;
    for (const { entry } of change.added) index.add(entry, false);
    for (const position of change.putBack) index.setDropped(position, false);
    for (const position of change.dropped) index.setDropped(position, true);
    index.packs = change.packs;
    index.amendments = change.amendments;
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}

/** The record that has the file at `position`, if any has: the last that begins there or before. */
async function recordOf(store: ReturnType<typeof reading<'files'>>, position: number): Promise<StoreSchema['files']['value'] | undefined> {
  return (await store.openCursor(IDBKeyRange.upperBound(position), 'prev'))?.value;
}

function tryToAbort(tx: WriteTransaction): void {
  try {
    tx.abort();
  } catch {
    // It has ended by itself.
  }
}
