/** The page's pairing: made with its first use, because most people never need one. */

import type { NodeClient } from '../../client/node-client.ts';
import { Pairing } from '../../client/pairing.ts';
import { useApp } from '../context.ts';

const pairings = new WeakMap<NodeClient, Pairing>();

function after(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, delayMs);
  return () => clearTimeout(timer);
}

/** The same for as long as the page lives, whatever screen is shown. */
export function usePairing(): Pairing {
  const { client } = useApp();
  let pairing = pairings.get(client);
  if (pairing === undefined) {
    pairing = new Pairing({ api: client.api, state: client.state, after });
    pairings.set(client, pairing);
  }
  return pairing;
}
