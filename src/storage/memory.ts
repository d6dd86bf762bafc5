/** {@link Storage} in memory, for tests and simulations: what it holds lasts as long as the object. */
import { TtxError } from '../core/error.ts';
import type { Infohash, TxId } from '../core/id.ts';
import { storageError } from './idb-error.ts';
import {
  byAge,
  type Commit,
  inOrder,
  type KeptAttachment,
  MAX_PAGE,
  type Storage,
  type Store,
  type StoredEntry,
  type StoredNetwork,
  type StoredSettings,
  type StoredWallet,
  type StoreUsage,
  type Vault,
  type Want,
} from './store.ts';

/** How the disk behaves. */
export interface MemoryOptions {
  /** Bytes of transaction files that fit one network's store; a commit beyond it fails with `storage-full`. Unlimited by default. */
  readonly quotaBytes?: number;
}

type AttachedContent = NonNullable<Commit['attached']>[number];

interface StoreData {
  readonly entries: Map<TxId, StoredEntry>;
  readonly files: Map<TxId, Uint8Array>;
  readonly wants: Map<string, Want>;
  readonly paid: Map<string, TxId>;
  readonly attached: Map<Infohash, AttachedContent>;
  fileBytes: number;
}

/** Deleting closes every connection, as IndexedDB's `versionchange` does. */
interface Database<T> {
  readonly data: T;
  deleted: boolean;
  /** Who opened it last and so may write, as with `idb-fence.ts`. */
  owner: object | undefined;
}

/** About what an entry takes up on a disk. */
const ENTRY_BYTES = 150;

/** Copies as a disk would: nothing is shared with the caller. */
function copy<T>(value: T): T {
  try {
    return structuredClone(value);
  } catch (error) {
    throw storageError(error);
  }
}

class MemoryStore implements Store {
  readonly #database: Database<StoreData>;
  readonly #quotaBytes: number;
  #closed = false;

  constructor(database: Database<StoreData>, quotaBytes: number) {
    this.#database = database;
    this.#quotaBytes = quotaBytes;
    database.owner = this;
  }

  #data(): StoreData {
    if (this.#closed || this.#database.deleted) throw new TtxError('storage-lost');
    return this.#database.data;
  }

  async load(page: (entries: readonly StoredEntry[]) => void): Promise<void> {
    const all = [...this.#data().entries.values()];
    for (let from = 0; from < all.length; from += MAX_PAGE) page(all.slice(from, from + MAX_PAGE));
  }

  /** Nothing in memory is older than this version of the app. */
  async upgrade(): Promise<void> {
    this.#data();
  }

  holds(txid: TxId): boolean {
    return this.#database.data.files.has(txid);
  }

  usage(): StoreUsage {
    const { fileBytes, entries, files } = this.#database.data;
    return { fileBytes, entryBytes: entries.size * ENTRY_BYTES, dropped: entries.size - files.size };
  }

  async loadWants(): Promise<readonly Want[]> {
    return inOrder(copy([...this.#data().wants.values()]));
  }

  async findPaid(job: string): Promise<TxId | undefined> {
    return this.#data().paid.get(job);
  }

  async loadFiles(txids: readonly TxId[]): Promise<ReadonlyMap<TxId, Uint8Array>> {
    const kept = this.#data().files;
    const files = new Map<TxId, Uint8Array>();
    for (const txid of txids) {
      const file = kept.get(txid);
      if (file !== undefined) files.set(txid, file.slice());
    }
    return files;
  }

  async loadAttachments(): Promise<readonly KeptAttachment[]> {
    return byAge([...this.#data().attached.values()].map(({ content: _, ...kept }) => copy(kept)));
  }

  async loadAttachment(infohash: Infohash): Promise<Uint8Array | undefined> {
    return this.#data().attached.get(infohash)?.content?.slice();
  }

  async commit({ added = [], dropped = [], amended = [], ...others }: Commit): Promise<void> {
    const data = this.#data();
    if (this.#database.owner !== this) throw new TtxError('storage-taken');
    const { wanted = [], unwanted = [], paid = [], attached = [], detached = [] } = copy(others);
    const fresh = new Map<TxId, Uint8Array>();
    for (const { entry, bytes } of added) if (!data.files.has(entry.txid) && !fresh.has(entry.txid)) fresh.set(entry.txid, bytes.slice());
    let { fileBytes } = data;
    for (const bytes of fresh.values()) fileBytes += bytes.length;
    if (fileBytes > this.#quotaBytes) throw new TtxError('storage-full', { sizeBytes: fileBytes });
    // Nothing below can fail, so the commit is atomic.
    data.fileBytes = fileBytes;
    for (const [txid, bytes] of fresh) data.files.set(txid, bytes);
    // Entries never change, so they are shared with the caller: a thousand simulated nodes then hold each one once.
    for (const { bytes: _, ...stored } of added) if (!data.entries.has(stored.entry.txid)) data.entries.set(stored.entry.txid, stored);
    for (const txid of dropped) {
      data.fileBytes -= data.files.get(txid)?.length ?? 0;
      data.files.delete(txid);
    }
    for (const { txid, ...facts } of amended) {
      const stored = data.entries.get(txid);
      if (stored !== undefined) data.entries.set(txid, { ...stored, ...facts });
    }
    for (const want of wanted) data.wants.set(want.id, want);
    for (const id of unwanted) data.wants.delete(id);
    for (const { job, txid } of paid) data.paid.set(job, txid);
    for (const one of attached) {
      const { infohash } = one.attachment;
      data.attached.set(infohash, { ...data.attached.get(infohash), ...one });
    }
    for (const infohash of detached) data.attached.delete(infohash);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

interface VaultData {
  readonly wallets: Map<string, StoredWallet>;
  readonly networks: Map<TxId, StoredNetwork>;
  settings: StoredSettings;
}

class MemoryVault implements Vault {
  readonly isNew: boolean;
  readonly #database: Database<VaultData>;
  #closed = false;

  constructor(database: Database<VaultData>) {
    this.#database = database;
    this.isNew = database.owner === undefined;
    database.owner = this;
  }

  #open(): VaultData {
    if (this.#closed) throw new TtxError('storage-lost');
    return this.#database.data;
  }

  #write(): VaultData {
    const data = this.#open();
    if (this.#database.owner !== this) throw new TtxError('storage-taken');
    return data;
  }

  async load(): ReturnType<Vault['load']> {
    const { wallets, networks, settings } = this.#open();
    return copy({ wallets: byId(wallets), networks: byId(networks), settings });
  }

  async putWallet(wallet: StoredWallet): Promise<void> {
    this.#write().wallets.set(wallet.id, copy(wallet));
  }

  async putNetwork(network: StoredNetwork): Promise<void> {
    this.#write().networks.set(network.id, copy(network));
  }

  async deleteNetwork(id: TxId): Promise<void> {
    this.#write().networks.delete(id);
  }

  async putSettings(change: StoredSettings): Promise<void> {
    const data = this.#write();
    data.settings = { ...data.settings, ...copy(change) };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

/** In order of id, as a database returns its records. */
function byId<T extends { readonly id: string }>(values: ReadonlyMap<string, T>): T[] {
  return [...values.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Storage that is gone when the object is. */
export function createMemoryStorage({ quotaBytes = Number.POSITIVE_INFINITY }: MemoryOptions = {}): Storage {
  const vault: Database<VaultData> = { data: { wallets: new Map(), networks: new Map(), settings: {} }, deleted: false, owner: undefined };
  const stores = new Map<TxId, Database<StoreData>>();
  return {
    openVault: async () => new MemoryVault(vault),
    openStore: async (network) => {
      const database = stores.get(network) ?? {
        data: { entries: new Map(), files: new Map(), wants: new Map(), paid: new Map(), attached: new Map(), fileBytes: 0 },
        deleted: false,
        owner: undefined,
      };
      stores.set(network, database);
      return new MemoryStore(database, quotaBytes);
    },
    deleteStore: async (network) => {
      const database = stores.get(network);
      if (database !== undefined) database.deleted = true;
      stores.delete(network);
    },
  };
}
