/** Connects {@link Tabs} to this browser: locks, the channel between tabs, the service worker that passes ports on, visibility. */

import { isNodePort, isWhoLeads, type ToLeader } from '../api/broker.ts';
import type { ErrorReport, NodeState } from '../api/node.ts';
import { toReport } from './report.ts';
import { connectNode, spawnNode } from './spawn.ts';
import { Tabs } from './tabs.ts';

/** Passes a port to the tab that leads, through the service worker, which finds it by asking. @returns whether there is one */
async function send(_leader: string, port: MessagePort): Promise<boolean> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const message: ToLeader = { kind: 'to-leader' };
  registration?.active?.postMessage(message, [port]);
  return registration?.active != null;
}

/**
 * @param onFailure the node of this tab could not be loaded or died, or one that took over could not start
 * @param latest the newest state: a tab whose node works for somebody does not step down
 */
export function openTabs(onFailure: (error: ErrorReport) => void, latest: () => NodeState | undefined): Tabs {
  let awake = true;
  document.addEventListener('freeze', () => {
    awake = false;
  });
  document.addEventListener('resume', () => {
    awake = true;
  });
  const tabs = new Tabs({
    locks: navigator.locks,
    channel: new BroadcastChannel('ttx-node'),
    isVisible: () => document.visibilityState === 'visible',
    isAwake: () => awake,
    isIdle: () => (latest()?.jobs.length ?? 0) === 0,
    spawn: () => spawnNode((message) => onFailure({ code: 'bug', detail: { message } })),
    failed: (error) => onFailure(toReport(error)),
    connect: connectNode,
    send,
    after: (delayMs, action) => {
      const timer = setTimeout(action, delayMs);
      return () => clearTimeout(timer);
    },
  });
  navigator.serviceWorker?.addEventListener('message', ({ data, ports: [port] }) => {
    if (port === undefined) return;
    if (isNodePort(data)) tabs.admit(port);
    else if (isWhoLeads(data) && tabs.isLeader) port.postMessage(true);
  });
  // Messages that came before anybody listened are kept back until this.
  navigator.serviceWorker?.startMessages();
  document.addEventListener('visibilitychange', () => tabs.seen());
  window.addEventListener('focus', () => tabs.seen());
  tabs.start();
  return tabs;
}
