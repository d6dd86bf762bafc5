/** Whether the app is too old to go on with the others. */
import type { OpenNetwork } from '../../api/node.ts';

/** One may lie, and so may two. */
const MANY = 3;

/** Whether more devices speak a newer protocol than are connected: then it is this app that is left behind. */
export function isOutdated({ newerPeers, peers }: Pick<OpenNetwork, 'newerPeers' | 'peers'>): boolean {
  return newerPeers >= MANY && newerPeers > peers.filter(({ status }) => status === 'ready').length;
}
