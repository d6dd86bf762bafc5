/**
 * A network's transactions in IndexedDB: a log of packed records, oldest first, amendments beside it, wants, and in memory an
 * index from txid to the place in the log.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import type { TxId } from '../core/id.ts';
import type { IdbConnection } from './idb-connection.ts';
import { checkFence, FENCE, type FenceSchema } from './idb-fence.ts';
import {
  amend,
  type PackedTransactions,
  packTransactions,
  place,
  RECORD_BYTES,
  rowOf,
  seqOf,
  splitIntoRecords,
  unpackFile,
  unpackTransaction,
  unpackTxids,
} from './pack.ts';
import { type Amendment, type Commit, inOrder, type Store, type StoredTransaction, type Want } from './store.ts';

/** Version of {@link StoreSchema}. */
export const STORE_VERSION = 1;

type LogRecord = PackedTransactions & { readonly seq: number };
interface AmendmentRecord {
  readonly seq: number;
  readonly rows: readonly Amendment[];
}

/** Object stores of a network's database. `seq` is counted by the database. */
export interface StoreSchema extends DBSchema {
  log: { key: number; value: PackedTransactions & { readonly seq?: number } };
  amendments: { key: number; value: Omit<AmendmentRecord, 'seq'> & { readonly seq?: number } };
  wants: { key: string; value: Want };
  /** Payments by job. */
  paid: { key: string; value: TxId };
  fence: FenceSchema['fence'];
}

type StoreName = 'log' | 'amendments' | 'wants' | 'paid' | 'fence';
const ALL: StoreName[] = ['log', 'amendments', 'wants', 'paid', 'fence'];

/** Creates the object stores of a new database. */
export function upgradeStore(db: IDBPDatabase<StoreSchema>): void {
  db.createObjectStore('log', { keyPath: 'seq', autoIncrement: true });
  db.createObjectStore('amendments', { keyPath: 'seq', autoIncrement: true });
  db.createObjectStore('wants', { keyPath: 'id' });
  db.createObjectStore('paid');
  db.createObjectStore(FENCE);
}

/** Fewest and most records fetched in one read. */
const READ_RECORDS = { least: 1, most: 512 } as const;
/** A read brings about this many bytes: enough to be quick, few enough to be held at once. */
const READ_BYTES = 4 * RECORD_BYTES;

/**
 * Walks an object store from its start in reads of bounded size. Nothing but requests of `tx` is awaited between reads, for an
 * IndexedDB transaction ends at the first foreign await.
 */
async function eachRecord<N extends 'log' | 'amendments'>(
  tx: IDBPTransaction<StoreSchema, StoreName[]>,
  name: N,
  sizeOf: (record: StoreSchema[N]['value']) => number,
  visit: (record: StoreSchema[N]['value'] & { readonly seq: number }) => void,
): Promise<void> {
  let after = 0;
  let count = 16;
  for (;;) {
    const records = await tx.objectStore(name).getAll(IDBKeyRange.lowerBound(after, true), count);
    let sizeBytes = 0;
    for (const record of records) {
      after = record.seq ?? after + 1;
      sizeBytes += sizeOf(record);
      visit({ ...record, seq: after });
    }
    if (records.length < count) return;
    count = sizeBytes > READ_BYTES ? Math.max(READ_RECORDS.least, count >> 1) : Math.min(READ_RECORDS.most, count * 2);
  }
}

/** One object store, to read from. idb's own shortcuts leave the end of an aborted transaction to be an unhandled rejection. */
function reading<N extends StoreName>(db: IDBPDatabase<StoreSchema>, name: N) {
  const tx = db.transaction(name, 'readonly');
  tx.done.catch(() => undefined);
  return tx.store;
}

/** A view would be cloned with its whole buffer. */
const compact = (want: Want): Want => (want.bytes === undefined ? want : { ...want, bytes: want.bytes.slice() });

/** {@link Store} over an open database. */
export class IdbStore implements Store {
  readonly #connection: IdbConnection<StoreSchema>;
  /**
   * txid → {@link place}, as read over one connection; undefined until the log has been read once. Another connection reads
   * again: what failed with the old one may have reached the disk all the same.
   */
  #index: { readonly db: IDBPDatabase<StoreSchema>; readonly places: Map<TxId, number> } | undefined;

  constructor(connection: IdbConnection<StoreSchema>) {
    this.#connection = connection;
  }

  async load(page: (transactions: readonly StoredTransaction[]) => void): Promise<void> {
    // What `page` throws is its caller's own and goes back as it is.
    let thrown: { readonly error: unknown } | undefined;
    let delivered = 0;
    await this.#connection.run((db) => {
      // Read again on a new connection, everything comes again, in the same order.
      let seen = 0;
      return this.#read(db, (transactions) => {
        seen += transactions.length;
        const fresh = transactions.slice(transactions.length - Math.max(0, seen - delivered));
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

  async #read(db: IDBPDatabase<StoreSchema>, page: (transactions: readonly StoredTransaction[]) => void): Promise<Map<TxId, number>> {
    const index = new Map<TxId, number>();
    const amendments = new Map<TxId, Amendment>();
    const tx = db.transaction(ALL, 'readonly');
    tx.done.catch(() => undefined);
    await eachRecord(
      tx,
      'amendments',
      ({ rows }) => rows.length * 100,
      ({ rows }) => {
        for (const row of rows) amendments.set(row.txid, amend(amendments.get(row.txid) ?? row, row));
      },
    );
    await eachRecord(
      tx,
      'log',
      ({ bytes }) => bytes.length,
      (record: LogRecord) => {
        const transactions: StoredTransaction[] = [];
        for (const [row, txid] of unpackTxids(record).entries()) {
          // Kept twice: the first counts.
          if (index.has(txid)) continue;
          index.set(txid, place(record.seq, row));
          const amendment = amendments.get(txid);
          const transaction = unpackTransaction(record, row, txid);
          transactions.push(amendment === undefined ? transaction : amend(transaction, amendment));
        }
        if (transactions.length > 0) page(transactions);
      },
    );
    await tx.done;
    this.#index = { db, places: index };
    return index;
  }

  /** The index, which holds for `db` only. */
  async #places(db: IDBPDatabase<StoreSchema>): Promise<Map<TxId, number>> {
    return this.#index?.db === db ? this.#index.places : this.#read(db, () => undefined);
  }

  loadWants(): Promise<readonly Want[]> {
    return this.#connection.run(async (db) => inOrder(await reading(db, 'wants').getAll()));
  }

  findPaid(job: string): Promise<TxId | undefined> {
    return this.#connection.run((db) => reading(db, 'paid').get(job));
  }

  loadFiles(txids: readonly TxId[]): Promise<ReadonlyMap<TxId, Uint8Array>> {
    return this.#connection.run(async (db) => {
      const index = await this.#places(db);
      const rows = new Map<number, { readonly txid: TxId; readonly row: number }[]>();
      for (const txid of txids) {
        const at = index.get(txid);
        if (at === undefined) continue;
        const wanted = rows.get(seqOf(at)) ?? [];
        wanted.push({ txid, row: rowOf(at) });
        rows.set(seqOf(at), wanted);
      }
      const files = new Map<TxId, Uint8Array>();
      // Opened even when nothing is wanted: a closed database says so in every case.
      const tx = db.transaction('log', 'readonly');
      tx.done.catch(() => undefined);
      for (const [seq, wanted] of rows) {
        const record = await tx.store.get(seq);
        if (record === undefined) continue;
        for (const { txid, row } of wanted) files.set(txid, unpackFile(record, row));
      }
      await tx.done;
      return files;
    });
  }

  commit({ added = [], amended = [], wanted = [], unwanted = [], paid = [] }: Commit): Promise<void> {
    return this.#connection.run(async (db) => {
      const owner = await this.#connection.owner(db);
      const index = await this.#places(db);
      const fresh = new Map<TxId, StoredTransaction>();
      for (const transaction of added) {
        if (!index.has(transaction.txid) && !fresh.has(transaction.txid)) fresh.set(transaction.txid, transaction);
      }
      const rows = amended.filter(({ txid }) => index.has(txid) || fresh.has(txid));
      const records = splitIntoRecords([...fresh.values()]);
      const tx = db.transaction(ALL, 'readwrite', { durability: 'strict' });
      await checkFence(tx, owner);
      const keys: Promise<number>[] = [];
      const others: Promise<unknown>[] = [];
      try {
        for (const record of records) keys.push(tx.objectStore('log').add(packTransactions(record)));
        if (rows.length > 0) others.push(tx.objectStore('amendments').add({ rows }));
        for (const want of wanted) others.push(tx.objectStore('wants').put(compact(want)));
        for (const id of unwanted) others.push(tx.objectStore('wants').delete(id));
        for (const { job, txid } of paid) others.push(tx.objectStore('paid').put(txid, job));
      } catch (error) {
        // A value that cannot be cloned throws here and leaves the transaction alive with half of the commit.
        tx.abort();
        for (const request of [...keys, ...others, tx.done]) request.catch(() => undefined);
        throw error;
      }
      // Only `done` knows why a transaction was aborted (a full disk); its requests just say that it was.
      const seqs = Promise.all(keys);
      for (const request of [seqs, ...others]) request.catch(() => undefined);
      await tx.done;
      for (const [n, seq] of (await seqs).entries()) {
        for (const [row, { txid }] of (records[n] ?? []).entries()) index.set(txid, place(seq, row));
      }
    });
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}
