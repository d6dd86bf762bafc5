/** Object stores of a network's database, and how an older one becomes a new one. */
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import type { TxId } from '../core/id.ts';
import { FENCE, type FenceSchema } from './idb-fence.ts';
import type { FileRecord, PackRecord, PositionedAmendment } from './pack.ts';
import type { KeptAttachment, Want } from './store.ts';

/** Version of {@link StoreSchema}. */
export const STORE_VERSION = 3;

/** How version 1 kept transactions: without their entries, to be decided again each time. Columns as in {@link FileRecord}. */
export interface UndecidedRecord {
  readonly seq?: number;
  readonly firstSeenMs: Float64Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** `first` is the position of the first transaction when the record was made; it is never behind the next record's. */
export interface StoreSchema extends DBSchema {
  packs: { key: number; value: PackRecord & { readonly first: number } };
  files: { key: number; value: FileRecord & { readonly first: number } };
  /** What was amended since it was last written into the packs. */
  amendments: { key: number; value: { readonly seq?: number; readonly rows: readonly PositionedAmendment[] } };
  wants: { key: string; value: Want };
  /** Payments by job. */
  paid: { key: string; value: TxId };
  /** Attached files by infohash, and their contents: listing them reads no content. */
  attachments: { key: string; value: KeptAttachment };
  contents: { key: string; value: Uint8Array };
  /** What version 1 left. */
  log: { key: number; value: UndecidedRecord };
  fence: FenceSchema['fence'];
}

export type StoreName = 'packs' | 'files' | 'amendments' | 'wants' | 'paid' | 'attachments' | 'contents' | 'log' | 'fence';
/** For whoever writes: what belongs together is written together. */
export const ALL: StoreName[] = ['packs', 'files', 'amendments', 'wants', 'paid', 'attachments', 'contents', 'log', 'fence'];

export type WriteTransaction = IDBPTransaction<StoreSchema, StoreName[], 'readwrite'>;

/** Creates the object stores that a database of `oldVersion` (0: none) lacks. */
export function upgradeStore(db: IDBPDatabase<StoreSchema>, oldVersion: number): void {
  if (oldVersion < 1) {
    db.createObjectStore('log', { keyPath: 'seq', autoIncrement: true });
    db.createObjectStore('wants', { keyPath: 'id' });
    db.createObjectStore('paid');
    db.createObjectStore(FENCE);
  }
  // Version 1 could amend, and never did.
  if (oldVersion === 1) db.deleteObjectStore('amendments');
  if (oldVersion < 2) {
    db.createObjectStore('amendments', { keyPath: 'seq', autoIncrement: true });
    db.createObjectStore('packs', { keyPath: 'first' });
    db.createObjectStore('files', { keyPath: 'first' });
  }
  if (oldVersion < 3) {
    db.createObjectStore('attachments');
    db.createObjectStore('contents');
  }
}

/** Fewest and most records fetched in one read. */
const READ_RECORDS = { least: 1, most: 512 } as const;
/** A read brings about this many bytes: enough to be quick, few enough to be held at once. */
const READ_BYTES = 4_194_304;

/**
 * Walks packs or amendments from the start in reads of bounded size. Nothing but requests of `tx` is awaited between reads, for an
 * IndexedDB transaction ends at the first foreign await.
 */
export async function eachRecord<N extends 'packs' | 'amendments'>(
  tx: IDBPTransaction<StoreSchema, StoreName[], 'readonly' | 'readwrite'>,
  name: N,
  keyOf: (record: StoreSchema[N]['value']) => number,
  sizeOf: (record: StoreSchema[N]['value']) => number,
  visit: (record: StoreSchema[N]['value']) => void,
): Promise<void> {
  let after = -1;
  let count = 16;
  for (;;) {
    const records = await tx.objectStore(name).getAll(IDBKeyRange.lowerBound(after, true), count);
    let sizeBytes = 0;
    for (const record of records) {
      after = keyOf(record);
      sizeBytes += sizeOf(record);
      visit(record);
    }
    if (records.length < count) return;
    count = sizeBytes > READ_BYTES ? Math.max(READ_RECORDS.least, count >> 1) : Math.min(READ_RECORDS.most, count * 2);
  }
}
