/**
 * A connection to one database that outlives what browsers do to connections: they close them under memory pressure, after a crash of
 * their storage process (Safari: "Connection to Indexed Database server lost"), and when site data is cleared. It is opened again, once
 * for each failure, and what failed is run again.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { isTtxError, TtxError } from '../core/error.ts';
import { named, openError, storageError } from './idb-error.ts';
import { claimFence, type FenceSchema, layFence, readFence } from './idb-fence.ts';

/** Between attempts to open. Chromium's took less than 100 ms when site data were cleared. */
const PAUSES_MS: readonly number[] = [50, 100, 200, 400, 800];

interface Definition<S extends DBSchema & FenceSchema> {
  readonly name: string;
  readonly version: number;
  /** Creates the object stores that a database of `oldVersion` (0: none) lacks. */
  readonly upgrade: (db: IDBPDatabase<S>, oldVersion: number) => void;
  /** The browser closed the connection, or another tab wants it closed. Nothing is lost yet; the next call tells. */
  readonly onClosed: () => void;
}

/** Open until closed by its owner. */
export class IdbConnection<S extends DBSchema & FenceSchema> {
  readonly #definition: Definition<S>;
  #db: IDBPDatabase<S>;
  /** Whether {@link open} has created the database. */
  readonly isNew: boolean;
  /** What the fence must say for this connection to write. */
  readonly #owner: string;
  /** What the fence said before this connection was opened. */
  readonly #before: string | undefined;
  #claimed = false;
  #claiming: Promise<void> | undefined;
  #reopening: Promise<void> | undefined;
  #closed = false;

  private constructor(definition: Definition<S>, { db, isNew }: Opened<S>, owner: string, before: string | undefined) {
    this.#definition = definition;
    this.#db = db;
    this.isNew = isNew;
    this.#owner = owner;
    this.#before = before;
    this.#claimed = before === owner;
  }

  /**
   * Creates the database if it is not there. On a full disk one that is there opens all the same, to be read: nothing else would
   * let a person see the words of a wallet.
   * @throws {TtxError} `storage-newer`, `storage-lost`, `unsupported`; `storage-full` when there is nothing to read
   */
  static async open<S extends DBSchema & FenceSchema>(definition: Definition<S>): Promise<IdbConnection<S>> {
    // Assigned before anything can close it.
    let connection: IdbConnection<S> | undefined;
    const owner = crypto.randomUUID();
    const { db, isNew } = await openDatabase(definition, owner, () => connection?.isClosed === false && definition.onClosed());
    try {
      // Whoever creates a database has laid its fence with it.
      const before = isNew ? owner : await named(() => readFence(db));
      const opened = new IdbConnection(definition, { db, isNew }, owner, before);
      connection = opened;
      if (isNew) return opened;
      await opened
        .#claim(db, () => true)
        .catch((error: unknown) => {
          if (!isTtxError(error, 'storage-full')) throw error;
        });
      return opened;
    } catch (error) {
      db.close();
      throw error;
    }
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

  /**
   * Who writes, for `checkFence` in the transaction of the write. Whoever had no room to say so when the database was opened
   * says it now.
   * @param db what {@link run} gave
   * @throws {TtxError} `storage-full`; `storage-taken` if somebody else has opened it meanwhile
   */
  async owner(db: IDBPDatabase<S>): Promise<string> {
    if (!this.#claimed) {
      const isFree = (found: string | undefined) => this.#isAsBefore(found);
      this.#claiming ??= this.#claim(db, isFree).finally(() => {
        this.#claiming = undefined;
      });
      await this.#claiming;
    }
    return this.#owner;
  }

  async #claim(db: IDBPDatabase<S>, isFree: (found: string | undefined) => boolean): Promise<void> {
    await named(() => claimFence(db, this.#owner, isFree));
    this.#claimed = true;
  }

  /** Whether nobody else has opened the database since. A claim that seemed to fail may have reached the disk. */
  #isAsBefore(found: string | undefined): boolean {
    return found === this.#owner || (!this.#claimed && found === this.#before);
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
    const { db } = await openDatabase(this.#definition, undefined, () => !this.#closed && this.#definition.onClosed());
    const owner = await named(() => readFence(db));
    // Whoever has opened it since may have written: what is in our memory is not what is on disk.
    if (!this.#isAsBefore(owner) || this.#closed) {
      db.close();
      throw new TtxError(this.#closed ? 'storage-lost' : 'storage-taken');
    }
    this.#db = db;
  }
}

interface Opened<S> {
  readonly db: IDBPDatabase<S>;
  readonly isNew: boolean;
}

/**
 * Opens a database, again and again for about a second: a browser that is closing everything refuses for a moment.
 * @param creator whoever creates it if it is not there; undefined if it must be there
 */
async function openDatabase<S extends DBSchema & FenceSchema>(
  definition: Definition<S>,
  creator: string | undefined,
  onClosed: () => void,
): Promise<Opened<S>> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await tryToOpen(definition, creator, onClosed);
    } catch (error) {
      if (!isTtxError(error, 'storage-lost') || error.detail.what === 'deleted') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return tryToOpen(definition, creator, onClosed);
}

async function tryToOpen<S extends DBSchema & FenceSchema>(
  { name, version, upgrade }: Definition<S>,
  creator: string | undefined,
  onClosed: () => void,
): Promise<Opened<S>> {
  if (globalThis.indexedDB === undefined) throw new TtxError('unsupported', { what: 'indexeddb' });
  let isMissing = false;
  let isNew = false;
  try {
    const db: IDBPDatabase<S> = await openDB<S>(name, version, {
      upgrade: (database, oldVersion, _, transaction) => {
        isMissing = oldVersion === 0 && creator === undefined;
        // An empty database in the place of a lost one would be taken for a new wallet's.
        transaction.done.catch(() => undefined);
        if (isMissing) transaction.abort();
        else upgrade(database, oldVersion);
        if (oldVersion > 0 || creator === undefined) return;
        isNew = true;
        layFence(transaction, creator);
      },
      // Another tab upgrades or deletes it. Holding on would block that tab for good.
      blocking: () => {
        db.close();
        onClosed();
      },
      terminated: onClosed,
    });
    return { db, isNew };
  } catch (error) {
    if (isMissing) throw new TtxError('storage-lost', { what: 'deleted' });
    throw openError(error);
  }
}
