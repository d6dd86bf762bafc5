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

/** What is to be told and asked of whoever shows the node. */
export interface TabsOwner {
  /** The node of this tab could not be loaded or died, or one that took over could not start. */
  readonly fail: (error: ErrorReport) => void;
  /** Another version of the app runs the node now, in another tab; or no longer does. */
  readonly setBehind: (isBehind: boolean) => void;
  /** The newest state: a tab whose node works for somebody does not step down. */
  readonly latest: () => NodeState | undefined;
}

export function openTabs({ fail, setBehind, latest }: TabsOwner): Tabs {
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
    contract: __CONTRACT__,
    isVisible: () => document.visibilityState === 'visible',
    isAwake: () => awake,
    // A payment that only waits does so in the next node as well.
    isIdle: () => (latest()?.jobs ?? []).every(({ stage }) => stage === 'confirming'),
    spawn: () => spawnNode((message) => fail({ code: 'bug', detail: { message } })),
    failed: (error) => fail(toReport(error)),
    leftBehind: setBehind,
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
