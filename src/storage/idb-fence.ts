/**
 * Fencing: whoever opened a database last may write to it, and nobody else. A tab that the browser froze keeps its connection and,
 * once thawed, goes on where it stopped, long after another tab has taken over; its next write finds another owner and fails.
 */
import type { IDBPDatabase } from 'idb';
import { TtxError } from '../core/error.ts';

/** Object store with the one record {@link OWNER}. */
export const FENCE = 'fence';
const OWNER = 'owner';

/** What the database of a fenced connection has, whatever else it has. */
export interface FenceSchema {
  [FENCE]: { key: string; value: string };
}

// idb's types do not unify over schemas; a fence is the same text in each.
interface FenceStore {
  get(key: string): Promise<string | undefined>;
  put(value: string, key: string): Promise<unknown>;
}
interface Fenced {
  objectStore(name: typeof FENCE): FenceStore;
  abort(): void;
  readonly done: Promise<void>;
}

/**
 * Makes `owner` the one who may write.
 * @param isFree whether it may be taken from whom it belongs to; asked in the same transaction
 * @throws {TtxError} `storage-taken`, with the fence as it was
 */
export async function claimFence<S extends FenceSchema>(
  db: IDBPDatabase<S>,
  owner: string,
  isFree: (found: string | undefined) => boolean,
): Promise<void> {
  // Only tabs that live are fenced, and none outlives a power cut: a first address need not wait for the disk.
  const tx = db.transaction([FENCE] as never, 'readwrite', { durability: 'relaxed' }) as unknown as Fenced;
  tx.done.catch(() => undefined);
  if (!isFree(await tx.objectStore(FENCE).get(OWNER))) {
    tx.abort();
    throw new TtxError('storage-taken');
  }
  // Only `done` knows why a transaction was aborted (a full disk); its requests just say that it was.
  tx.objectStore(FENCE)
    .put(owner, OWNER)
    .catch(() => undefined);
  await tx.done;
}

/** Makes `owner` the one who may write, in the transaction `tx` that creates the database: there is nobody to take it from. */
export function layFence(tx: object, owner: string): void {
  (tx as unknown as Fenced)
    .objectStore(FENCE)
    .put(owner, OWNER)
    .catch(() => undefined);
}

/** Who may write; undefined in a database that nobody has claimed. */
export async function readFence<S extends FenceSchema>(db: IDBPDatabase<S>): Promise<string | undefined> {
  const tx = db.transaction([FENCE] as never, 'readonly') as unknown as Fenced;
  tx.done.catch(() => undefined);
  return tx.objectStore(FENCE).get(OWNER);
}

/**
 * First request of every write, in the transaction `tx` of that write: nobody can take over between the check and the write.
 * @throws {TtxError} `storage-taken`, with the transaction aborted
 */
export async function checkFence(tx: object, owner: string): Promise<void> {
  const fenced = tx as unknown as Fenced;
  fenced.done.catch(() => undefined);
  if ((await fenced.objectStore(FENCE).get(OWNER)) === owner) return;
  fenced.abort();
  throw new TtxError('storage-taken');
}
