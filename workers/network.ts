/** What an open network needs and the first address does not: loaded when the first network is opened. */
import { STUN_SERVERS } from '../src/api/stun.ts';
import { loadWebTorrent } from '../src/net/load-webtorrent.ts';
import type { Swarm } from '../src/net/swarm.ts';
import type { WebSocketLike } from '../src/net/tracker-socket.ts';
import { WebTorrentSwarm } from '../src/net/webtorrent.ts';
import { NetworkNode, type NetworkNodeOptions } from '../src/node/network-node.ts';
import { monotonicClock } from '../src/time/clock.ts';
import { createHashes } from './hashes.ts';

/** A swarm over WebTorrent and WebRTC. The port of the page's WebRTC host must have been installed. */
export function createSwarm(randomBytes: (length: number) => Uint8Array): Swarm {
  return new WebTorrentSwarm({
    load: loadWebTorrent,
    connectTracker: (url) => new WebSocket(url) as WebSocketLike,
    clock: monotonicClock,
    random: Math.random,
    randomBytes,
    iceServers: STUN_SERVERS.length === 0 ? [] : [{ urls: STUN_SERVERS }],
  });
}

/** A node of one network. */
export const createNetworkNode = (options: NetworkNodeOptions): NetworkNode => new NetworkNode({ hashes: createHashes(), ...options });
