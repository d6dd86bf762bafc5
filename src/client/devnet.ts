/** The development network, for screens that show networks which are not open. */
import { DEVNET } from '../core/devnet-genesis.ts';
import type { TxId } from '../core/id.ts';
import { joinFragment } from '../core/link.ts';

/** Whether this is the development network, whose coins are worth nothing. Its prefix proves nothing: anybody may take the same. */
export const isDevnetId = (id: TxId): boolean => id === DEVNET.id;

/** Query of the invitation to it: the genesis comes with the app, so nobody has to be online. */
export const DEVNET_INVITATION: string = joinFragment(DEVNET.locator, []).slice('#/join?'.length);
