/** What the owner chose on this device, and what the device can do. */
import type { Settings } from '../api/node.ts';
import { TtxError } from '../core/error.ts';
import type { StoredSettings, Vault } from '../storage/store.ts';
import { isStorageFault } from './ledger/watched-store.ts';
import { bitsForOneSecond, MAX_WORK_BITS, type Miner } from './wallet/miner.ts';

/** Work level while the device has not been measured. */
const GUESSED_WORK_BITS = 18;

/** Budget of one network while its owner has not chosen: about 350,000 transactions, and less than any browser's quota. */
const DEFAULT_BUDGET_BYTES = 256 * 2 ** 20;
/** With less than this, a wallet would hardly keep its own payments. */
const MIN_BUDGET_BYTES = 65_536;

/** Settings, kept in the vault. */
export class Preferences {
  readonly #vault: Vault;
  #settings: StoredSettings;
  #persisted: Settings['persisted'] = 'unknown';

  constructor(vault: Vault, settings: StoredSettings) {
    this.#vault = vault;
    this.#settings = settings;
  }

  get stored(): StoredSettings {
    return this.#settings;
  }

  async change(change: StoredSettings): Promise<void> {
    await this.#vault.putSettings(change);
    this.#settings = { ...this.#settings, ...change };
  }

  /** What can be found out again counts even where it finds no room on the disk. */
  async #remember(measured: StoredSettings): Promise<void> {
    this.#settings = { ...this.#settings, ...measured };
    await this.#vault.putSettings(measured).catch((error: unknown) => {
      if (!isStorageFault(error)) throw error;
    });
  }

  /** @throws {TtxError} `network-parameters` */
  async setWorkBits(bits: number | 'auto'): Promise<void> {
    if (bits !== 'auto' && !(Number.isInteger(bits) && bits >= 0 && bits <= MAX_WORK_BITS)) {
      throw new TtxError('network-parameters', { what: 'work' });
    }
    await this.change({ workBits: bits });
  }

  /** @throws {TtxError} `network-parameters` */
  async setStorageBudget(bytes: number): Promise<void> {
    if (!Number.isSafeInteger(bytes) || bytes < MIN_BUDGET_BYTES) throw new TtxError('network-parameters', { what: 'storage' });
    await this.change({ storageBudgetBytes: bytes });
  }

  setPersisted(persisted: Settings['persisted']): void {
    this.#persisted = persisted;
  }

  /** The work level of the next payment; measures the device when that has not been done. */
  async workBits(miner: Miner): Promise<number> {
    const { workBits = 'auto', triesPerSec } = this.#settings;
    if (workBits !== 'auto') return workBits;
    if (triesPerSec === undefined) await this.#remember({ triesPerSec: await miner.measure() });
    return this.describe().autoWorkBits;
  }

  describe(): Settings {
    const { workBits = 'auto', triesPerSec, storageBudgetBytes = DEFAULT_BUDGET_BYTES } = this.#settings;
    const autoWorkBits = triesPerSec === undefined ? GUESSED_WORK_BITS : bitsForOneSecond(triesPerSec);
    return { workBits, autoWorkBits, storageBudgetBytes, persisted: this.#persisted };
  }
}
