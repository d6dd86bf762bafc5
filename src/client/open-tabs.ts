/** Connects {@link Tabs} to this browser: locks, the channel between tabs, the service worker that passes ports on, visibility. */

import { isNodePort, type ToClient } from '../api/broker.ts';
import type { NodeState } from '../api/node.ts';
import { connectNode, spawnNode } from './spawn.ts';
import { Tabs } from './tabs.ts';

/** Passes a port to another tab through the service worker. @returns whether there is one */
async function send(clientId: string, port: MessagePort): Promise<boolean> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const message: ToClient = { kind: 'to-client', clientId };
  registration?.active?.postMessage(message, [port]);
  return registration?.active != null;
}

/**
 * @param onCrash the node of this tab could not be loaded or died
 * @param latest the newest state: a tab whose node works for somebody does not step down
 */
export function openTabs(onCrash: (message: string) => void, latest: () => NodeState | undefined): Tabs {
  const tabs = new Tabs({
    locks: navigator.locks,
    channel: new BroadcastChannel('ttx-node'),
    isVisible: () => document.visibilityState === 'visible',
    isIdle: () => (latest()?.jobs.length ?? 0) === 0,
    spawn: () => spawnNode(onCrash),
    connect: connectNode,
    send,
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs);
      return () => clearTimeout(timer);
    },
  });
  navigator.serviceWorker?.addEventListener('message', ({ data, ports: [port] }) => {
    if (isNodePort(data) && port !== undefined) tabs.admit(port);
  });
  // Messages that came before anybody listened are kept back until this.
  navigator.serviceWorker?.startMessages();
  document.addEventListener('visibilitychange', () => tabs.seen());
  window.addEventListener('focus', () => tabs.seen());
  tabs.start();
  return tabs;
}
