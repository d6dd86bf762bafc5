/** What a node is made of once the vault is open: each part knows those before it. */
import { addressOf } from '../core/address.ts';
import type { Random } from '../time/clock.ts';
import { Serial } from '../time/serial.ts';
import { Cashier, type CashierOptions } from './cashier.ts';
import { CurrentNetwork, type CurrentNetworkOptions } from './current-network.ts';
import type { LastingVault } from './lasting-vault.ts';
import { Memberships, type MembershipsOptions } from './memberships.ts';
import { NetworkBook } from './network-book.ts';
import { Preferences } from './preferences.ts';
import { Keyring } from './wallet/keyring.ts';

/** All that a person has here. */
export interface Parts {
  readonly preferences: Preferences;
  readonly networks: NetworkBook;
  readonly keys: Keyring;
  readonly current: CurrentNetwork;
  readonly memberships: Memberships;
  readonly cashier: Cashier;
}

type FromEachOther = keyof Parts | 'owner' | 'unused' | 'checkVault' | 'paying';
type PartsOptions = Omit<CurrentNetworkOptions & MembershipsOptions & CashierOptions, FromEachOther> & { readonly random: Random };

/** Reads the vault and makes the first wallet if there is none; no network is open yet. @throws as the vault */
export async function openParts(vault: LastingVault, options: PartsOptions): Promise<Parts> {
  const { clock, random, trackers } = options;
  // The first address need not wait for nothing to be read.
  const stored = vault.isNew ? { wallets: [], networks: [], settings: {} } : await vault.load();
  const preferences = new Preferences(vault, stored.settings);
  const networks = new NetworkBook(vault, clock, trackers, stored.networks);
  const keys = await Keyring.open(vault, clock, random, stored.wallets, stored.settings.walletId);
  const paying = new Serial();
  const current = new CurrentNetwork({
    ...options,
    networks,
    preferences,
    owner: (hrp) => addressOf(keys.publicKey, hrp),
    unused: () => paying.idle(),
    checkVault: () => vault.check(),
  });
  const memberships = new Memberships({ ...options, preferences, networks, keys, current });
  const cashier = new Cashier({ ...options, preferences, keys, current, memberships, paying });
  return { preferences, networks, keys, current, memberships, cashier };
}
