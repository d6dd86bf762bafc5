/** The wallet in use on one network: whose it is, and its coins as counted last. */
import type { Balance } from '../../api/node.ts';
import { type Address, amount, type TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { SpendableCoin } from '../../core/payment.ts';
import type { Store } from '../../storage/store.ts';
import type { Acceptor, Decided } from '../ledger/accept.ts';
import type { Holders } from '../peers/holders.ts';
import { RECENT_ACTIVITY, Wallet } from './wallet.ts';

interface CurrentWalletOptions {
  readonly ledger: Ledger;
  readonly acceptor: Pick<Acceptor, 'quiet'>;
  readonly holders: Pick<Holders, 'track'>;
  readonly store: Store;
  readonly owner: Address;
  readonly seenAtMs: (txid: TxId) => number;
}

/** Empty until it is counted. */
export class CurrentWallet {
  readonly #options: CurrentWalletOptions;
  #owner: Address;
  #wallet: Wallet | undefined;

  constructor(options: CurrentWalletOptions) {
    this.#options = options;
    this.#owner = options.owner;
  }

  get owner(): Address {
    return this.#owner;
  }

  get wallet(): Wallet | undefined {
    return this.#wallet;
  }

  get coins(): readonly SpendableCoin[] {
    return this.#wallet?.coins ?? [];
  }

  get balance(): Balance {
    return this.#wallet?.balance ?? { total: amount(0), coins: 0 };
  }

  /** Txids of the owner's transactions, newest first. */
  txids(): readonly TxId[] {
    return this.#wallet?.txids() ?? [];
  }

  /** Finds everything of the owner in the ledger. What the disk says, or that it says nothing, makes no difference to the money. */
  async count(): Promise<void> {
    const { acceptor, ledger, seenAtMs } = this.#options;
    const wallet = await acceptor.quiet(async () => {
      this.#wallet = Wallet.find(this.#owner, ledger, seenAtMs);
      return this.#wallet;
    });
    this.#track(wallet.txids());
  }

  /** Reads the notes of the latest transactions. */
  async loadNotes(): Promise<void> {
    await this.#wallet?.loadNotes(this.#options.store, 0, RECENT_ACTIVITY);
  }

  /** Looks at the same network as another owner. */
  async setOwner(owner: Address): Promise<void> {
    this.#owner = owner;
    await this.count();
    await this.loadNotes();
  }

  /** Takes notice of newly decided transactions. @returns those that concern the owner */
  take(batch: readonly Decided[]): readonly TxId[] {
    const own = this.#wallet?.take(batch) ?? [];
    this.#track(own);
    return own;
  }

  #track(txids: readonly TxId[]): void {
    for (const txid of txids) this.#options.holders.track(txid);
  }
}
