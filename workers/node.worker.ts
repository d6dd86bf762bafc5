/** The node's worker: puts the real parts together and exposes {@link NodeApi}. The page first posts the port of its WebRTC host. */
import * as Comlink from 'comlink';
import { version } from '../package.json';
import { tabLock } from '../src/api/tab.ts';
import { installErrorTransfer } from '../src/api/transfer.ts';
import type { WorkApi } from '../src/api/work.ts';
import { DEVNET, devnetGenesis } from '../src/core/devnet-genesis.ts';
import { TtxError } from '../src/core/error.ts';
import { checkSignature } from '../src/core/signature.ts';
import { installRtcPort } from '../src/net/rtc-port.ts';
import { systemClock } from '../src/node/clock.ts';
import { Miner } from '../src/node/miner.ts';
import { Node } from '../src/node/node.ts';
import { createIdbStorage } from '../src/storage/idb.ts';
import { createSwarm } from './swarm.ts';

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** The work worker starts with the first work: most visits need none. One that could not be loaded is tried anew with the next. */
function lazyWork(): WorkApi {
  let running: { readonly api: Comlink.Remote<WorkApi>; readonly lost: Promise<never> } | undefined;
  const start = () => {
    const worker = new Worker(new URL('./work.worker.ts', import.meta.url), { type: 'module', name: 'work' });
    const lost = new Promise<never>((_, reject) => {
      worker.addEventListener('error', () => {
        running = undefined;
        reject(new TtxError('work-lost'));
      });
    });
    lost.catch(() => undefined);
    return { api: Comlink.wrap<WorkApi>(worker), lost };
  };
  return {
    search: (core, bits, from, count) => {
      running ??= start();
      return Promise.race([running.api.search(core, bits, from, count), running.lost]);
    },
  };
}

installErrorTransfer();
const node = new Node({
  storage: createIdbStorage(),
  createSwarm: () => createSwarm(randomBytes),
  miner: new Miner(lazyWork(), systemClock, randomBytes),
  verify: async (transaction) => checkSignature(transaction),
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
