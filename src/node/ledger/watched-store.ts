/** A network's store, with somebody who hears how it fares: a full disk concerns everybody, whoever found out. */
import { isTtxError, type TtxError } from '../../core/error.ts';
import type { Store } from '../../storage/store.ts';

/** The disk's own faults; whatever else a store throws is its caller's. */
export function isStorageFault(error: unknown): error is TtxError {
  return isTtxError(error, 'storage-full', 'storage-lost', 'storage-taken', 'storage-newer');
}

/** Whether the browser deleted the data: waiting brings nothing back. */
export const isDeleted = (error: unknown): boolean => isTtxError(error, 'storage-lost') && error.detail.what === 'deleted';

interface Watcher {
  readonly wrote: () => void;
  readonly failed: (fault: TtxError) => void;
}

/** Passes everything on to `store`, and its faults to both the caller and the watcher. */
export function watchStore(store: Store, { wrote, failed }: Watcher): Store {
  const watched = async <T>(done: Promise<T>): Promise<T> => {
    try {
      return await done;
    } catch (error) {
      if (isStorageFault(error)) failed(error);
      throw error;
    }
  };
  return {
    load: (page) => watched(store.load(page)),
    upgrade: (decide) => watched(store.upgrade(decide)),
    holds: (txid) => store.holds(txid),
    usage: () => store.usage(),
    loadWants: () => watched(store.loadWants()),
    findPaid: (job) => watched(store.findPaid(job)),
    loadFiles: (txids) => watched(store.loadFiles(txids)),
    loadAttachments: () => watched(store.loadAttachments()),
    loadAttachment: (infohash) => watched(store.loadAttachment(infohash)),
    commit: async (commit) => {
      await watched(store.commit(commit));
      wrote();
    },
    close: () => store.close(),
  };
}
