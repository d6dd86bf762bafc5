/** When to remind of the words. */
import type { NodeState } from '../api/node.ts';

/** Whether there is money, other than play money, that would be lost with this device. */
export function needsBackup(state: NodeState): boolean {
  const { network, wallet } = state;
  return wallet.backedUpAtMs === undefined && network !== undefined && !network.isDevnet && network.balance.total > 0n;
}
