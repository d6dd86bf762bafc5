/**
 * The node's worker: exposes {@link NodeApi}. This file is what the first address waits for, so it has the wallets and the vault and nothing of
 * networks. The page first posts the port of its WebRTC host.
 */
import * as Comlink from 'comlink';
import { tabLock } from '../src/api/tab.ts';
import { installErrorTransfer } from '../src/api/transfer.ts';
import { DEVNET, devnetGenesis } from '../src/core/devnet-genesis.ts';
import { Node } from '../src/node/node.ts';
import { createIdbStorage } from '../src/storage/idb.ts';
import { systemClock } from '../src/time/clock.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

installErrorTransfer();
let acceptRtcPort: (port: MessagePort) => void = () => undefined;
const rtcPort = new Promise<MessagePort>((resolve) => {
  acceptRtcPort = resolve;
});
const node = new Node({
  storage: createIdbStorage(),
  load: async () => {
    // Chromium keeps a failed import for as long as the worker lives: there only loading the page anew helps, as the person is told.
    const { partsMaker } = await import('./parts.ts');
    return partsMaker(await rtcPort);
  },
  clock: systemClock,
  random,
  devnet: { genesis: devnetGenesis(), ...DEVNET },
  gone: (tab) => navigator.locks.request(tabLock(tab), () => undefined),
});
addEventListener('message', ({ data }: MessageEvent<{ kind?: string; port?: MessagePort }>) => {
  if (data.port === undefined) return;
  if (data.kind === 'rtc-port') acceptRtcPort(data.port);
  else if (data.kind === 'tab-port') Comlink.expose(node, data.port);
});
Comlink.expose(node);
