/** The networks joined on this device, with their trackers; kept in the vault. */
import type { NetworkMode, NetworkSummary, TrackerState } from '../api/node.ts';
import { type Network, networkOf } from '../core/decide.ts';
import { isTtxError, TtxError } from '../core/error.ts';
import { type Locator, locator, type TxId } from '../core/id.ts';
import { isTrackerUrl, type Magnet } from '../core/link.ts';
import { decodeTransaction } from '../core/transaction.ts';
import type { StoredNetwork, Vault } from '../storage/store.ts';
import type { Clock } from '../time/clock.ts';

/** A joined network, its genesis read once. */
export interface JoinedNetwork {
  readonly stored: StoredNetwork;
  readonly network: Network;
  readonly summary: NetworkSummary;
}

function read(stored: StoredNetwork): JoinedNetwork {
  const network = networkOf(decodeTransaction(stored.genesis));
  const { id, locator, joinedAtMs } = stored;
  const { name, hrp } = network.parameters;
  return { stored, network, summary: { id, locator, name, hrp, joinedAtMs } };
}

/** All joined networks. What it returns is on disk, but for when one was {@link NetworkBook.opened}. */
export class NetworkBook {
  readonly #vault: Vault;
  readonly #clock: Clock;
  /** Trackers that came with the app; they are not kept, so that a new version of the app can bring others. */
  readonly #appTrackers: readonly string[];
  readonly #networks = new Map<TxId, JoinedNetwork>();
  /** Kept networks whose genesis cannot be read. They stay in the vault: another version of the app may read them, or an invitation replace them. */
  readonly #unreadable = new Set<TxId>();

  constructor(vault: Vault, clock: Clock, appTrackers: readonly string[], kept: readonly StoredNetwork[]) {
    this.#vault = vault;
    this.#clock = clock;
    this.#appTrackers = appTrackers;
    for (const stored of kept) {
      try {
        this.#networks.set(stored.id, read(stored));
      } catch {
        // One that is damaged must not keep the wallet and the others from opening.
        this.#unreadable.add(stored.id);
      }
    }
  }

  /** How many networks are kept, {@link unreadable} ones included. */
  get size(): number {
    return this.#networks.size + this.#unreadable.size;
  }

  /** How many of them cannot be read, and so are not listed. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  /** The network opened last comes first. */
  list(): readonly JoinedNetwork[] {
    return [...this.#networks.values()].sort((a, b) => b.stored.openedAtMs - a.stored.openedAtMs);
  }

  find(id: TxId): JoinedNetwork | undefined {
    return this.#networks.get(id);
  }

  /** The one to open when the app starts. One that was joined counts as opened, so that whoever stops in between is where he was going. */
  get last(): JoinedNetwork | undefined {
    return this.list()[0];
  }

  /** @throws {TtxError} `no-network` */
  get(id: TxId): JoinedNetwork {
    const joined = this.#networks.get(id);
    if (joined === undefined) throw new TtxError('no-network');
    return joined;
  }

  isJoined(genesis: Locator): boolean {
    return this.list().some(({ stored }) => stored.locator === genesis);
  }

  /** The joined network that an invitation is to. */
  findInvited({ infohash, txid }: Magnet): JoinedNetwork | undefined {
    return this.list().find(({ network }) => network.infohash === infohash && (txid === undefined || network.id === txid));
  }

  /** Takes up the network of a genesis file whose signature has been checked. @throws {TtxError} `schema` when it is no genesis */
  async join(genesis: Uint8Array, linkTrackers: readonly string[], mode: NetworkMode = 'full'): Promise<JoinedNetwork> {
    const { id, infohash } = networkOf(decodeTransaction(genesis));
    const known = this.#networks.get(id);
    if (known === undefined) {
      const joined = {
        id,
        locator: locator(infohash, id),
        genesis,
        joinedAtMs: this.#clock.nowMs(),
        openedAtMs: this.#afterAll(),
        mode,
        trackers: [],
        removedTrackers: [],
      };
      await this.#put(joined);
    }
    return this.addTrackers(id, linkTrackers, 'link');
  }

  /** Which one was open last is worth no more than the room there is: on a full disk only memory learns it. */
  async opened(id: TxId): Promise<void> {
    const stored = { ...this.get(id).stored, openedAtMs: this.#afterAll() };
    await this.#put(stored).catch((error: unknown) => {
      if (!isTtxError(error, 'storage-full')) throw error;
      this.#networks.set(id, read(stored));
    });
  }

  /** Now, and after every other network was opened, whatever the device's clock says. */
  #afterAll(): number {
    return Math.max(this.#clock.nowMs(), (this.last?.stored.openedAtMs ?? 0) + 1);
  }

  async setMode(id: TxId, mode: NetworkMode): Promise<void> {
    await this.#put({ ...this.get(id).stored, mode });
  }

  async forget(id: TxId): Promise<void> {
    await this.#vault.deleteNetwork(id);
    this.#networks.delete(id);
    this.#unreadable.delete(id);
  }

  /** Adds trackers that are not known yet; one that was removed by hand comes back only by hand. @throws {TtxError} `link` */
  async addTrackers(id: TxId, urls: readonly string[], source: 'link' | 'user'): Promise<JoinedNetwork> {
    if (!urls.every(isTrackerUrl)) throw new TtxError('link', { what: 'tracker' });
    const { stored } = this.get(id);
    const fresh = urls.filter((url) => !this.#appTrackers.includes(url) && !stored.trackers.some((tracker) => tracker.url === url));
    const removedTrackers = source === 'user' ? stored.removedTrackers.filter((url) => !urls.includes(url)) : stored.removedTrackers;
    if (fresh.length === 0 && removedTrackers.length === stored.removedTrackers.length) return this.get(id);
    return this.#put({ ...stored, removedTrackers, trackers: [...stored.trackers, ...fresh.map((url) => ({ url, source }))] });
  }

  async removeTracker(id: TxId, url: string): Promise<void> {
    const { stored } = this.get(id);
    const trackers = stored.trackers.filter((tracker) => tracker.url !== url);
    const isApps = this.#appTrackers.includes(url) && !stored.removedTrackers.includes(url);
    await this.#put({ ...stored, trackers, removedTrackers: isApps ? [...stored.removedTrackers, url] : stored.removedTrackers });
  }

  /** The trackers of a network and where each came from, the app's first. */
  trackersOf(id: TxId): readonly Pick<TrackerState, 'url' | 'source'>[] {
    const { stored } = this.get(id);
    const app = this.#appTrackers.filter((url) => !stored.removedTrackers.includes(url));
    const others = stored.trackers.filter(({ url }) => !app.includes(url));
    return [...app.map((url) => ({ url, source: 'app' as const })), ...others];
  }

  async #put(stored: StoredNetwork): Promise<JoinedNetwork> {
    await this.#vault.putNetwork(stored);
    const joined = read(stored);
    this.#networks.set(stored.id, joined);
    this.#unreadable.delete(stored.id);
    return joined;
  }
}
