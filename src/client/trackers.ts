/**
 * Trackers this copy of the app starts with. A tracker only introduces browsers to each other; it sees no payment and holds
 * no money, but it sees IP addresses and infohashes.
 */

/** Public WebSocket trackers run by others: nobody here has verified who runs them or for how long. */
export const PUBLIC_TRACKERS: readonly string[] = [
  'wss://tracker.openwebtorrent.com',
  'wss://tracker.webtorrent.dev',
  'wss://tracker.btorrent.xyz',
];

/** The trackers of this deployment, or the public ones when it names none. */
export function deployedTrackers(): readonly string[] {
  const built = typeof __TRACKERS__ === 'undefined' ? undefined : __TRACKERS__;
  return built === undefined || built.length === 0 ? PUBLIC_TRACKERS : built;
}
