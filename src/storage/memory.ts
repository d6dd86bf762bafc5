/** {@link Storage} in memory, for tests and simulations: what it holds lasts as long as the object. */
import { TtxError } from '../core/error.ts';
import type { TxId } from '../core/id.ts';
import { storageError } from './idb-error.ts';
import { amend } from './pack.ts';
import {
  type Amendment,
  type Commit,
  inOrder,
  type Storage,
  type Store,
  type StoredNetwork,
  type StoredSettings,
  type StoredTransaction,
  type StoredWallet,
  type Vault,
  type Want,
  withoutNetwork,
} from './store.ts';

/** How the disk behaves. */
export interface MemoryOptions {
  /** Bytes of transaction files that fit one network's store; a commit beyond it fails with `storage-full`. Unlimited by default. */
  readonly quotaBytes?: number;
}

/** Most transactions in one page of {@link Store.load}. */
const PAGE = 1_000;

interface StoreData {
  readonly transactions: Map<TxId, StoredTransaction>;
  readonly wants: Map<string, Want>;
  readonly paid: Map<string, TxId>;
  sizeBytes: number;
}

/** Deleting closes every connection, as IndexedDB's `versionchange` does. */
interface Database<T> {
  readonly data: T;
  deleted: boolean;
  /** Who opened it last and so may write, as with `idb-fence.ts`. */
  owner: object;
}

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

  async load(page: (transactions: readonly StoredTransaction[]) => void): Promise<void> {
    const all = [...this.#data().transactions.values()];
    for (let from = 0; from < all.length; from += PAGE) page(copy(all.slice(from, from + PAGE)));
  }

  async loadWants(): Promise<readonly Want[]> {
    return inOrder(copy([...this.#data().wants.values()]));
  }

  async findPaid(job: string): Promise<TxId | undefined> {
    return this.#data().paid.get(job);
  }

  async loadFiles(txids: readonly TxId[]): Promise<ReadonlyMap<TxId, Uint8Array>> {
    const { transactions } = this.#data();
    const files = new Map<TxId, Uint8Array>();
    for (const txid of txids) {
      const transaction = transactions.get(txid);
      if (transaction !== undefined) files.set(txid, transaction.bytes.slice());
    }
    return files;
  }

  async commit(commit: Commit): Promise<void> {
    const data = this.#data();
    if (this.#database.owner !== this) throw new TtxError('storage-taken');
    const { added = [], amended = [], wanted = [], unwanted = [], paid = [] } = copy(commit);
    const fresh = new Map<TxId, StoredTransaction>();
    for (const transaction of added) {
      if (!data.transactions.has(transaction.txid) && !fresh.has(transaction.txid)) fresh.set(transaction.txid, transaction);
    }
    let sizeBytes = data.sizeBytes;
    for (const { bytes } of fresh.values()) sizeBytes += bytes.length;
    if (sizeBytes > this.#quotaBytes) throw new TtxError('storage-full', { sizeBytes });
    // Nothing below can fail, so the commit is atomic.
    data.sizeBytes = sizeBytes;
    for (const [txid, transaction] of fresh) data.transactions.set(txid, transaction);
    for (const amendment of amended) amendIn(data.transactions, amendment);
    for (const want of wanted) data.wants.set(want.id, want);
    for (const id of unwanted) data.wants.delete(id);
    for (const { job, txid } of paid) data.paid.set(job, txid);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

function amendIn(transactions: Map<TxId, StoredTransaction>, amendment: Amendment): void {
  const transaction = transactions.get(amendment.txid);
  if (transaction !== undefined) transactions.set(amendment.txid, amend(transaction, amendment));
}

interface VaultData {
  readonly wallets: Map<string, StoredWallet>;
  readonly networks: Map<TxId, StoredNetwork>;
  settings: StoredSettings;
}

class MemoryVault implements Vault {
  readonly #database: Database<VaultData>;
  #closed = false;

  constructor(database: Database<VaultData>) {
    this.#database = database;
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
    const data = this.#write();
    data.networks.delete(id);
    data.settings = withoutNetwork(data.settings, id);
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
  const vault: Database<VaultData> = { data: { wallets: new Map(), networks: new Map(), settings: {} }, deleted: false, owner: {} };
  const stores = new Map<TxId, Database<StoreData>>();
  return {
    openVault: async () => new MemoryVault(vault),
    openStore: async (network) => {
      const database = stores.get(network) ?? {
        data: { transactions: new Map(), wants: new Map(), paid: new Map(), sizeBytes: 0 },
        deleted: false,
        owner: {},
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
