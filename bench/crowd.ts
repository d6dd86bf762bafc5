/** Many nodes in one process, with the app's own code over WebRTC in Node: light ones, which cost little and want peers as much as full ones. */
import { networkOf } from '../src/core/decide.ts';
import { locator } from '../src/core/id.ts';
import { decodeTransaction } from '../src/core/transaction.ts';
import type { WebTorrentModules } from '../src/net/load-webtorrent.ts';
import type { WebSocketLike } from '../src/net/tracker-socket.ts';
import { WebTorrentSwarm } from '../src/net/webtorrent.ts';
import { NetworkNode } from '../src/node/network-node.ts';
import { createMemoryStorage } from '../src/storage/memory.ts';
import { monotonicClock, systemClock } from '../src/time/clock.ts';

/** What a process has to bring: it loads WebTorrent itself, and Node 20 has no WebSocket of its own. */
export interface CrowdSurroundings {
  readonly connect: (url: string) => WebSocketLike;
  readonly modules: WebTorrentModules;
}

/** Starts `count` nodes of the network that `genesis` founds. */
export async function startCrowd(
  genesis: Uint8Array,
  tracker: string,
  count: number,
  { connect, modules }: CrowdSurroundings,
): Promise<void> {
  const file = decodeTransaction(genesis);
  const network = networkOf(file);
  for (let n = 0; n < count; n++) {
    const node = new NetworkNode({
      network,
      genesis,
      store: await createMemoryStorage().openStore(network.id),
      swarm: new WebTorrentSwarm({
        load: async () => modules,
        connectTracker: connect,
        clock: monotonicClock,
        random: Math.random,
        randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
        iceServers: [],
      }),
      clock: systemClock,
      verify: async () => 'valid',
      owner: file.transaction.to,
      trackers: [tracker],
      software: 'crowd/1',
      isJoined: (one) => one === locator(file.infohash, file.txid),
      mode: 'light',
      isDrawn: Promise.resolve(),
      changed: () => undefined,
      failed: (error) => console.error(error),
    });
    await node.start();
  }
}
