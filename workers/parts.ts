/** All of the node that the first address does not need: loaded in one file when that shows. */
import { version } from '../package.json';
import { STUN_SERVERS } from '../src/api/stun.ts';
import { loadWebTorrent } from '../src/net/load-webtorrent.ts';
import { installRtcPort } from '../src/net/rtc-port.ts';
import type { Swarm } from '../src/net/swarm.ts';
import type { WebSocketLike } from '../src/net/tracker-socket.ts';
import { WebTorrentSwarm } from '../src/net/webtorrent.ts';
import { FastEd25519 } from '../src/node/ledger/fast-ed25519.ts';
import { BulkVerifier } from '../src/node/ledger/verifier.ts';
import { NetworkNode } from '../src/node/network-node.ts';
import { createParts, type Parts, type PartsOptions } from '../src/node/parts.ts';
import { Miner } from '../src/node/wallet/miner.ts';
import { monotonicClock, type Random, systemClock } from '../src/time/clock.ts';
import { createMiners, createShards } from './crews.ts';
import { createHashes } from './hashes.ts';

/** A swarm over WebTorrent and WebRTC. */
function createSwarm(randomBytes: Random): Swarm {
  return new WebTorrentSwarm({
    load: loadWebTorrent,
    connectTracker: (url) => new WebSocket(url) as WebSocketLike,
    clock: monotonicClock,
    random: Math.random,
    randomBytes,
    iceServers: STUN_SERVERS.length === 0 ? [] : [{ urls: STUN_SERVERS }],
  });
}

/** Equips the parts with what this browser has. @param rtcPort leads to the page's WebRTC host */
export function partsMaker(rtcPort: MessagePort): (options: PartsOptions) => Parts {
  // Before WebTorrent is loaded, which looks for what this installs.
  installRtcPort(rtcPort);
  const ed25519 = new FastEd25519(crypto.subtle);
  const miners = createMiners();
  return (options) =>
    createParts({
      ...options,
      createSwarm: () => createSwarm(options.random),
      createNetworkNode: (networkOptions) => new NetworkNode({ hashes: createHashes(), ...networkOptions }),
      miner: new Miner(miners, systemClock, options.random, miners.parallel),
      verify: new BulkVerifier((signed) => ed25519.check(signed), monotonicClock, createShards()).verify,
      software: `torrenttx-web/${version}`,
    });
}
