/** Loads WebTorrent late: it is most of the worker's code, and the wallet is shown before it is parsed. */
import type SimplePeer from '@thaunknown/simple-peer/lite.js';
import type WebTorrent from 'webtorrent';

/** The two classes that the swarm constructs. */
export interface WebTorrentModules {
  readonly WebTorrent: typeof WebTorrent;
  readonly SimplePeer: typeof SimplePeer;
}

/** Needs RTCPeerConnection to be in place (`installRtcPort`): simple-peer looks for it while it is evaluated. */
export async function loadWebTorrent(): Promise<WebTorrentModules> {
  preparePlatform();
  const [webtorrent, simplePeer] = await Promise.all([import('webtorrent'), import('@thaunknown/simple-peer/lite.js')]);
  return { WebTorrent: webtorrent.default, SimplePeer: simplePeer.default };
}

/** Packages below WebTorrent expect Node's `process`, some while they are evaluated. Added to, never replaced: tests have a real one. */
function preparePlatform(): void {
  const scope: { process?: Record<string, unknown> } = globalThis as never;
  scope.process ??= {};
  const { process } = scope;
  process.browser ??= true;
  process.env ??= {};
  process.version ??= '';
  process.cwd ??= () => '/';
  process.nextTick ??= (task: (...values: unknown[]) => void, ...values: unknown[]) => queueMicrotask(() => task(...values));
}
