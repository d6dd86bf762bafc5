/** The node's worker: puts the real parts together and exposes {@link NodeApi}. The page first posts the port of its WebRTC host. */
import * as Comlink from 'comlink';
import { version } from '../package.json';
import { tabLock } from '../src/api/tab.ts';
import { installErrorTransfer } from '../src/api/transfer.ts';
import { DEVNET, devnetGenesis } from '../src/core/devnet-genesis.ts';
import { installRtcPort } from '../src/net/rtc-port.ts';
import { FastEd25519 } from '../src/node/ledger/fast-ed25519.ts';
import { BulkVerifier } from '../src/node/ledger/verifier.ts';
import { Node } from '../src/node/node.ts';
import { Miner } from '../src/node/wallet/miner.ts';
import { createIdbStorage } from '../src/storage/idb.ts';
import { monotonicClock, systemClock } from '../src/time/clock.ts';
import { createMiners, createShards } from './crews.ts';

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));

installErrorTransfer();
const ed25519 = new FastEd25519(crypto.subtle);
const miners = createMiners();
const node = new Node({
  storage: createIdbStorage(),
  createSwarm: async () => (await import('./network.ts')).createSwarm(randomBytes),
  createNetworkNode: async (options) => (await import('./network.ts')).createNetworkNode(options),
  miner: new Miner(miners, systemClock, randomBytes, miners.parallel),
  verify: new BulkVerifier((signed) => ed25519.check(signed), monotonicClock, createShards()).verify,
  clock: systemClock,
  random: randomBytes,
  software: `torrenttx-web/${version}`,
  devnet: { genesis: devnetGenesis(), ...DEVNET },
  gone: (tab) => navigator.locks.request(tabLock(tab), () => undefined),
});
addEventListener('message', ({ data }: MessageEvent<{ kind?: string; port?: MessagePort }>) => {
  if (data.port === undefined) return;
  if (data.kind === 'rtc-port') installRtcPort(data.port);
  else if (data.kind === 'tab-port') Comlink.expose(node, data.port);
});
Comlink.expose(node);
