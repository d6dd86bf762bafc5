/** Whatever uses coins up, one after another: two payments must not choose the same coin. */
import type { PaymentRequest, Proof, Quote } from '../api/node.ts';
import { TtxError } from '../core/error.ts';
import type { TxId } from '../core/id.ts';
import type { Clock } from '../time/clock.ts';
import type { Serial } from '../time/serial.ts';
import type { CurrentNetwork } from './current-network.ts';
import type { Devnet, Memberships } from './memberships.ts';
import type { Orders } from './orders.ts';
import { makePayment, type Payer, quotePayment, waitUntilConfirmed } from './payments.ts';
import type { Preferences } from './preferences.ts';
import type { JobHandle } from './wallet/jobs.ts';
import type { Keyring } from './wallet/keyring.ts';
import type { Miner } from './wallet/miner.ts';

export interface CashierOptions {
  readonly keys: Keyring;
  readonly preferences: Preferences;
  readonly current: CurrentNetwork;
  readonly memberships: Memberships;
  readonly orders: Orders;
  /** The development network, where there are coins to be had. */
  readonly devnet: Devnet | undefined;
  readonly miner: Miner;
  readonly clock: Clock;
  /** Closing a network waits for it. */
  readonly paying: Serial;
}

/** Pays from the wallet in use on the network that is open. */
export class Cashier {
  readonly #options: CashierOptions;

  constructor(options: CashierOptions) {
    this.#options = options;
  }

  async quote(request: PaymentRequest): Promise<Quote> {
    return quotePayment(await this.#payer(), request);
  }

  /** Pays at the cost that was agreed to; asked twice under one job, once. @throws {TtxError} as {@link makePayment} */
  async pay(request: PaymentRequest, agreed: Quote, files: readonly Blob[], job: JobHandle & { readonly id: string }): Promise<Proof> {
    // Before the queue: closing a network waits for the queue, and must not be waited for in it.
    const payer = await this.#payer();
    // The tab that made it may have been closed before it could answer: then asking again finds the payment made.
    const made = await payer.node.findPaid(job.id);
    const { orders, paying } = this.#options;
    const make = async () => {
      // Others pay meanwhile.
      await waitUntilConfirmed(payer, request, agreed, job);
      return paying.run(() => makePayment(payer, request, agreed, files, job));
    };
    return payer.node.proofs.load(made ?? (await orders.watch(job.id, request, agreed, make)));
  }

  async #payer(): Promise<Payer> {
    const { keys, preferences, current, memberships, miner, clock } = this.#options;
    const node = await memberships.ready();
    const signer = keys.signer();
    const isCurrent = () => current.node === node && keys.id === signer.wallet;
    return { ...signer, node, miner, clock, workBits: await preferences.workBits(miner), isCurrent };
  }

  /** @returns false when the wallet has had them @throws {TtxError} `no-network` elsewhere than on the development network, `leaf-taken` */
  async claimTestCoins(): Promise<boolean> {
    const { memberships, devnet, paying } = this.#options;
    const open = await memberships.ready();
    if (open.network.id !== devnet?.id) throw new TtxError('no-network');
    return paying.run(() => open.takeTestCoins());
  }

  /** Goes over to a side of a fork when nothing is being paid that may spend what goes. @throws {TtxError} `unknown-transaction` */
  async followSide(txid: TxId): Promise<void> {
    const { forks } = await this.#options.memberships.ready();
    await this.#options.paying.run(() => forks.follow(txid));
  }
}
