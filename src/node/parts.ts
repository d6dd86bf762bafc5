/** What a node is made of beside its wallets: each part knows those before it. None of it is loaded before the first address shows. */
import { addressOf } from '../core/address.ts';
import type { StoredNetwork } from '../storage/store.ts';
import { Serial } from '../time/serial.ts';
import { Cashier, type CashierOptions } from './cashier.ts';
import { CurrentNetwork, type CurrentNetworkOptions } from './current-network.ts';
import { Inbox, type InboxOptions } from './inbox.ts';
import type { LastingVault } from './lasting-vault.ts';
import { Memberships, type MembershipsOptions } from './memberships.ts';
import { NetworkBook } from './network-book.ts';
import { Orders } from './orders.ts';
import { describeNetworks, type NetworksState } from './state.ts';

/** The networks, and what is done on the one that is open. */
export interface Parts {
  readonly current: CurrentNetwork;
  readonly memberships: Memberships;
  readonly cashier: Cashier;
  readonly orders: Orders;
  readonly inbox: Inbox;
  /** What the screens are told of it. */
  readonly describe: () => NetworksState;
}

type FromEachOther = 'networks' | 'current' | 'memberships' | 'orders' | 'owner' | 'unused' | 'checkVault' | 'opened' | 'paying';
type AllOptions = Omit<CurrentNetworkOptions & MembershipsOptions & CashierOptions & InboxOptions, FromEachOther> & {
  readonly vault: LastingVault;
  /** What the vault keeps of them. */
  readonly stored: readonly StoredNetwork[];
};
/** What comes with the code: wires, workers, and whatever else a test brings its own of. */
export type Equipment = Pick<AllOptions, 'createSwarm' | 'createNetworkNode' | 'miner' | 'verify' | 'software'>;
export type PartsOptions = Omit<AllOptions, keyof Equipment>;

/** Puts the parts together; no network is open yet. */
export function createParts(options: PartsOptions & Equipment): Parts {
  const { vault, clock, trackers, keys, preferences, devnet } = options;
  const networks = new NetworkBook(vault, clock, trackers, options.stored);
  const orders = new Orders(options);
  const paying = new Serial();
  const current = new CurrentNetwork({
    ...options,
    networks,
    owner: (hrp) => addressOf(keys.publicKey, hrp),
    unused: () => paying.idle(),
    checkVault: () => vault.check(),
    opened: (node) => orders.look(node.network.id, (job) => node.findPaid(job)),
  });
  const memberships = new Memberships({ ...options, preferences, networks, current, orders });
  const cashier = new Cashier({ ...options, current, memberships, orders, paying });
  const inbox = new Inbox({ ...options, memberships });
  const describe = () => describeNetworks({ keys, networks, current, memberships, orders }, devnet?.id);
  return { current, memberships, cashier, orders, inbox, describe };
}
