/** What tests of whole nodes share: browsers with the app open, on wires and a clock that the tests turn. */
import { randomBytes } from 'node:crypto';
import type { NodeState, OpenNetwork } from '../api/node.ts';
import { DEVNET } from '../core/devnet-genesis.ts';
import { type Address, amount } from '../core/id.ts';
import { searchWork } from '../core/search.ts';
import { checkSignature } from '../core/signature.ts';
import { LoopbackHub } from '../net/loopback.ts';
import type { LoopbackSwarm } from '../net/loopback-swarm.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Storage } from '../storage/store.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { NetworkNode } from './network-node.ts';
import { Node } from './node.ts';
import { createParts, type Equipment } from './parts.ts';
import { Miner } from './wallet/miner.ts';

export const TTX = 1_000_000n;
export const PARAMETERS = { name: 'Testland', hrp: 'ttx', burnPerByte: 1000, workReward: 0, maxGain: 0 };

export let clock: VirtualClock;
let hub: LoopbackHub;

/** Before each test. */
export function reset(): void {
  clock = new VirtualClock();
  hub = new LoopbackHub({ clock, latencyMs: () => 20 });
}

/** A browser with the app open. */
export async function openBrowser(
  storage: Storage = createMemoryStorage(),
  devnet?: Uint8Array,
  /** What comes over the network with the code, and may not. */
  fetched: (node: Node) => Promise<void> = async () => undefined,
) {
  const swarms: LoopbackSwarm[] = [];
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const equipment: Equipment = {
    createNetworkNode: (options) => new NetworkNode(options),
    createSwarm: () => {
      const swarm = hub.createSwarm();
      swarms.push(swarm);
      return swarm;
    },
    miner: new Miner({ search: async (core, bits, from, count) => searchWork(core, bits, from, count) }, clock, random),
    verify: async ({ transaction }) => checkSignature(transaction),
    software: 'test/1',
  };
  const node: Node = new Node({
    storage,
    load: async () => {
      await fetched(node);
      return (options) => createParts({ ...options, ...equipment });
    },
    clock,
    random,
    devnet: devnet && { genesis: devnet, ...DEVNET },
    gone: () => new Promise(() => undefined),
  });
  let state: NodeState | undefined;
  let first: NodeState | undefined;
  await node.start('tab', { trackers: [], webrtc: true }, (next) => {
    state = next;
    first ??= next;
  });
  await node.setWorkBits(0);
  const browser = {
    node,
    storage,
    state: () => state as NodeState,
    /** What was told first. */
    first: () => first as NodeState,
    network: () => state?.network as OpenNetwork,
    address: () => state?.wallet.address as Address,
    balance: () => state?.network?.balance.total,
    /** The tab is gone without a word. */
    kill: () => {
      for (const swarm of swarms) hub.kill(swarm);
    },
    found: (name = 'Testland', supply = 1_000n * TTX) =>
      node.foundNetwork(name, { parameters: { ...PARAMETERS, name }, supply: amount(supply), workBits: 0 }),
    pay: async (to: Address, units: bigint | 'all', note?: string, jobId = String(Math.random())) => {
      const request = { to, amount: units === 'all' ? units : amount(units), note, isUrgent: true };
      return node.pay(jobId, request, await node.quote(request));
    },
    see: async (done: (state: NodeState) => boolean) => {
      const seen = await clock.until(() => state !== undefined && done(state));
      if (!seen)
        throw new Error(`never seen; last: ${JSON.stringify(state, (_, value) => (typeof value === 'bigint' ? `${value}` : value), 1)}`);
    },
  };
  return browser;
}

type Browser = Awaited<ReturnType<typeof openBrowser>>;

/** They join the network that is open at `founder`'s, and meet it. */
export async function inviteTo(founder: Browser, ...others: Browser[]): Promise<void> {
  const { fragment } = await founder.node.loadInvitation();
  for (const other of others) {
    const joining = other.node.joinNetwork('join', `https://wallet.example/${fragment}`);
    await other.see((state) => state.network !== undefined);
    await joining;
    await other.see((state) => state.network?.peers.some((peer) => peer.status === 'ready') ?? false);
  }
}

/** Two browsers in a network of Alice's, whose history is confirmed; Bob has been paid 50 TTX a moment ago. */
export async function payBob(): Promise<{ readonly alice: Browser; readonly bob: Browser }> {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  await clock.advance(20_000);
  await alice.pay(bob.address(), 50n * TTX);
  await bob.see((state) => state.network?.balance.total === 50n * TTX);
  return { alice, bob };
}

/** Of the payment that was pasted last. */
export const stageOf = (browser: Browser) => browser.state().acceptances[0]?.stage;
