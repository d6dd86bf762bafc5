/**
 * Payments that were agreed to and have not ended. When the app is closed meanwhile, its owner is told the next time, and decides again:
 * money that goes out by itself, hours after somebody closed the app, would surprise more than money that stays.
 */
import type { PaymentRequest, Quote, UnsentPayment } from '../api/node.ts';
import { TtxError } from '../core/error.ts';
import type { TxId } from '../core/id.ts';
import type { StoredOrder } from '../storage/store.ts';
import { isStorageFault } from './ledger/watched-store.ts';
import type { Preferences } from './preferences.ts';

/** Nobody has more of them, under way or left behind; of more the oldest go. */
const MAX_ORDERS = 16;

interface OrdersOptions {
  readonly preferences: Pick<Preferences, 'stored' | 'change'>;
  /** Whether the node is, and writes nothing any more. */
  readonly isStopped: () => boolean;
  readonly changed: () => void;
  /** A local fault that nobody waits for. */
  readonly failed: (error: unknown) => void;
}

/** Orders under way, and those that an earlier life of the node left behind; kept with the settings. */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #kept: Map<string, StoredOrder>;
  readonly #running = new Set<string>();
  /** Left behind, and by what its network keeps not paid. */
  readonly #unsent = new Set<string>();

  constructor(options: OrdersOptions) {
    this.#options = options;
    const { orders = [] } = options.preferences.stored;
    this.#kept = new Map(orders.map((order) => [order.job, order]));
  }

  /**
   * Runs a payment that was agreed to. A full disk stops none: only the memory of it would be lost.
   * @throws {TtxError} `cancelled` when it was dismissed: a tab that was frozen since then may ask for it again, and it may have been made anew
   */
  async watch<T>(
    job: string,
    { to, amount: wanted, note, attachments = [] }: PaymentRequest,
    agreed: Quote,
    pay: () => Promise<T>,
  ): Promise<T> {
    if (this.#kept.get(job)?.isDismissed === true) throw new TtxError('cancelled');
    const { network, wallet, amount } = agreed;
    this.#running.add(job);
    this.#kept.set(job, { job, network, wallet, to, amount, isAll: wanted === 'all', note, files: attachments.length });
    const noted = this.#write();
    try {
      return await pay();
    } finally {
      this.#running.delete(job);
      // A node that stops cancels what runs, and nobody asked for that.
      if (!this.#options.isStopped()) noted.then(() => this.#forget(job));
    }
  }

  /** Finds out which of those left behind were paid after all, now that their network is open. */
  async look(network: TxId, findPaid: (job: string) => Promise<TxId | undefined>): Promise<void> {
    const left = [...this.#kept.values()].filter((order) => order.network === network);
    for (const { job, isDismissed = false } of left) {
      if (isDismissed) continue;
      if ((await findPaid(job)) === undefined) this.#unsent.add(job);
      else await this.#forget(job);
    }
    if (left.length > 0) this.#options.changed();
  }

  /** Those of a wallet on the open network that were not sent. */
  unsent(network: TxId, wallet: string): readonly UnsentPayment[] {
    const orders = [...this.#kept.values()].filter(({ job }) => this.#unsent.has(job) && !this.#running.has(job));
    return orders.filter((order) => order.network === network && order.wallet === wallet);
  }

  /** Its owner has seen it. @returns whether it will not be sent: one that is being made, because its tab woke up and asked again, may be */
  async dismiss(job: string): Promise<boolean> {
    const order = this.#kept.get(job);
    if (this.#running.has(job) || order === undefined) return false;
    if (!this.#unsent.delete(job)) return order.isDismissed === true;
    this.#kept.set(job, { ...order, note: undefined, isDismissed: true });
    this.#options.changed();
    await this.#write();
    return true;
  }

  /** The network was left. */
  async leave(network: TxId): Promise<void> {
    const gone = [...this.#kept.values()].filter((order) => order.network === network);
    for (const { job } of gone) this.#kept.delete(job);
    if (gone.length > 0) await this.#write();
  }

  async #forget(job: string): Promise<void> {
    if (this.#kept.delete(job)) await this.#write();
  }

  async #write(): Promise<void> {
    try {
      await this.#options.preferences.change({ orders: [...this.#kept.values()].slice(-MAX_ORDERS) });
    } catch (error) {
      if (!isStorageFault(error)) this.#options.failed(error);
    }
  }
}
