/** What of a node the first address takes: the vault, what the person chose, the keys. */
import type { StoredNetwork } from '../storage/store.ts';
import type { Clock, Random } from '../time/clock.ts';
import type { LastingVault } from './lasting-vault.ts';
import { Preferences } from './preferences.ts';
import { Keyring } from './wallet/keyring.ts';

export interface Own {
  readonly vault: LastingVault;
  readonly preferences: Preferences;
  readonly keys: Keyring;
  /** Networks as the vault had them. */
  readonly stored: readonly StoredNetwork[];
}

/** Reads the vault and makes the first wallet if there is none. @throws as the vault */
export async function openOwn(vault: LastingVault, clock: Clock, random: Random): Promise<Own> {
  // The first address need not wait for nothing to be read.
  const { wallets, networks, settings } = vault.isNew ? { wallets: [], networks: [], settings: {} } : await vault.load();
  const keys = await Keyring.open(vault, clock, random, wallets, settings.walletId);
  return { vault, preferences: new Preferences(vault, settings), keys, stored: networks };
}
