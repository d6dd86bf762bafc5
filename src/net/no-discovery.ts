/**
 * Takes the place of `torrent-discovery` under WebTorrent (an alias in the build): peers come from our own tracker client, and
 * the other ways of finding them do not exist in browsers. So the tracker client that is not used is not shipped either.
 */

/** The interface of torrent-discovery 11 as far as WebTorrent uses it; finds nobody. */
export default class NoDiscovery {
  readonly tracker = null;

  on(): this {
    return this;
  }

  complete(): void {}

  destroy(callback?: () => void): void {
    callback?.();
  }
}
