/**
 * A connection to one database that outlives what browsers do to connections: they close them under memory pressure, after a crash of
 * their storage process (Safari: "Connection to Indexed Database server lost"), and when site data is cleared. It is opened again, once
 * for each failure, and what failed is run again.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { isTtxError, TtxError } from '../core/error.ts';
import { named, openError, storageError } from './idb-error.ts';
import { claimFence, type FenceSchema, readFence } from './idb-fence.ts';

/** Between attempts to open. Chromium's took less than 100 ms when site data were cleared. */
const PAUSES_MS: readonly number[] = [50, 100, 200, 400, 800];

interface Definition<S extends DBSchema & FenceSchema> {
  readonly name: string;
  readonly version: number;
  /** Creates the object stores of a new database. */
  readonly upgrade: (db: IDBPDatabase<S>) => void;
  /** The browser closed the connection, or another tab wants it closed. Nothing is lost yet; the next call tells. */
  readonly onClosed: () => void;
}

/** Open until closed by its owner. */
export class IdbConnection<S extends DBSchema & FenceSchema> {
  readonly #definition: Definition<S>;
  #db: IDBPDatabase<S>;
  /** What the fence must say for this connection to write. */
  readonly owner: string;
  #reopening: Promise<void> | undefined;
  #closed = false;

  private constructor(definition: Definition<S>, db: IDBPDatabase<S>, owner: string) {
    this.#definition = definition;
    this.#db = db;
    this.owner = owner;
  }

  /** Creates the database if it is not there. @throws {TtxError} `storage-newer`, `storage-lost`, `unsupported` */
  static async open<S extends DBSchema & FenceSchema>(definition: Definition<S>): Promise<IdbConnection<S>> {
    // Assigned before anything can close it.
    let connection: IdbConnection<S> | undefined;
    const db = await openDatabase(definition, true, () => connection?.isClosed === false && definition.onClosed());
    connection = new IdbConnection(definition, db, await named(() => claimFence(db)));
    return connection;
  }

  /** Whether its owner closed it. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Runs `work`, on a new connection once more if the old one was of no use.
   * @param work harmless when it is run again after it failed
   * @throws {TtxError} `storage-lost`, with `what: deleted` if the database is gone; `storage-taken` if another tab has opened it meanwhile; what `work` throws
   */
  async run<T>(work: (db: IDBPDatabase<S>) => Promise<T>): Promise<T> {
    const db = this.#db;
    try {
      return await named(() => work(db));
    } catch (error) {
      if (!isTtxError(error, 'storage-lost') || this.#closed) throw error;
      await this.#reopen(db);
      return named(() => work(this.#db));
    }
  }

  close(): void {
    this.#closed = true;
    try {
      this.#db.close();
    } catch (error) {
      throw storageError(error);
    }
  }

  /** Replaces the connection that failed, unless somebody has done so. */
  async #reopen(failed: IDBPDatabase<S>): Promise<void> {
    if (this.#db !== failed) return;
    this.#reopening ??= this.#replace().finally(() => {
      this.#reopening = undefined;
    });
    await this.#reopening;
  }

  async #replace(): Promise<void> {
    this.#db.close();
    const db = await openDatabase(this.#definition, false, () => !this.#closed && this.#definition.onClosed());
    const owner = await named(() => readFence(db));
    // Whoever has opened it since may have written: what is in our memory is not what is on disk.
    if (owner !== this.owner || this.#closed) {
      db.close();
      throw new TtxError(this.#closed ? 'storage-lost' : 'storage-taken');
    }
    this.#db = db;
  }
}

/** Opens a database, again and again for about a second: a browser that is closing everything refuses for a moment. */
async function openDatabase<S extends DBSchema & FenceSchema>(
  definition: Definition<S>,
  mayCreate: boolean,
  onClosed: () => void,
): Promise<IDBPDatabase<S>> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await tryToOpen(definition, mayCreate, onClosed);
    } catch (error) {
      if (!isTtxError(error, 'storage-lost') || error.detail.what === 'deleted') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return tryToOpen(definition, mayCreate, onClosed);
}

async function tryToOpen<S extends DBSchema & FenceSchema>(
  { name, version, upgrade }: Definition<S>,
  mayCreate: boolean,
  onClosed: () => void,
): Promise<IDBPDatabase<S>> {
  if (globalThis.indexedDB === undefined) throw new TtxError('unsupported', { what: 'indexeddb' });
  let isMissing = false;
  try {
    const db: IDBPDatabase<S> = await openDB<S>(name, version, {
      // Every version so far: later ones switch on the version they come from.
      upgrade: (database, oldVersion, _, transaction) => {
        isMissing = oldVersion === 0 && !mayCreate;
        // An empty database in the place of a lost one would be taken for a new wallet's.
        transaction.done.catch(() => undefined);
        if (isMissing) transaction.abort();
        else upgrade(database);
      },
      // Another tab upgrades or deletes it. Holding on would block that tab for good.
      blocking: () => {
        db.close();
        onClosed();
      },
      terminated: onClosed,
    });
    return db;
  } catch (error) {
    if (isMissing) throw new TtxError('storage-lost', { what: 'deleted' });
    throw openError(error);
  }
}
