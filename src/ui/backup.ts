/** When to remind of the words. */
import type { NodeState } from '../api/node.ts';

/** Whether there is money that would be lost with this device. */
export function needsBackup(state: NodeState): boolean {
  return state.wallet.backedUpAtMs === undefined && (state.network?.balance.total ?? 0n) > 0n;
}
