/** Races between real nodes: the whole node but the sockets, over loopback wires with latency, on a virtual clock, with votes that are really hashed. */
import { voteBits } from '../../src/core/vote.ts';
import { LoopbackHub } from '../../src/net/loopback.ts';
import type { LoopbackSwarm } from '../../src/net/loopback-swarm.ts';
import { NetworkNode } from '../../src/node/network-node.ts';
import { makeGenesis, makePayment, person } from '../../src/node/testkit/people.ts';
import { createMemoryStorage } from '../../src/storage/memory.ts';
import { VirtualClock } from '../../src/time/virtual-clock.ts';
import { seeded } from './consensus-model.ts';

export interface RaceResult {
  /** Different sets of accepted transactions in the end; 1 is agreement. */
  readonly sides: number;
  /** From the release of the rival until all nodes held the same for good. */
  readonly agreeMs: number;
  /** Stages of what is held, in the end. */
  readonly stages: readonly string[];
  /** Nodes that were told "confirmed" and hold something else in the end. */
  readonly cheated: number;
}

/** Best of some hundred hashes: enough to tell votes apart. */
const voteSearch = async (core: Uint8Array): Promise<number> => {
  let best = 0;
  for (let nonce = 1; nonce < 200; nonce++) if (voteBits(core, nonce) > voteBits(core, best)) best = nonce;
  return best;
};

/** Two payments with one coin, released `gapMs` apart at two ends; watched for 40 s after. */
export async function runRace(nodes: number, seed: number, gapMs: number): Promise<RaceResult> {
  const random = seeded(seed);
  const clock = new VirtualClock();
  const latencies = new Map<string, number>();
  const latencyMs = (from: LoopbackSwarm, to: LoopbackSwarm): number => {
    const cable = [from.id, to.id].sort().join();
    const known = latencies.get(cable) ?? 20 + Math.floor(random() * 380);
    latencies.set(cable, known);
    return known;
  };
  const hub = new LoopbackHub({ clock, latencyMs, wantedPeers: 8, random });
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(person) as [
    ReturnType<typeof person>,
    ReturnType<typeof person>,
    ReturnType<typeof person>,
  ];
  const { file: genesis, network } = makeGenesis(alice);
  const opened: NetworkNode[] = [];
  for (let i = 0; i < nodes; i++) {
    const node = new NetworkNode({
      network,
      genesis: genesis.bytes,
      store: await createMemoryStorage().openStore(network.id),
      swarm: hub.createSwarm(),
      clock,
      // Signatures are real; checking them again on every node would only take time.
      verify: async () => 'valid',
      owner: alice.address,
      trackers: [],
      software: 'simulation/1',
      random,
      voteSearch,
      isJoined: () => true,
      isDrawn: Promise.resolve(),
      changed: () => undefined,
      failed: (error) => {
        throw error;
      },
    });
    opened.push(node);
    await node.start();
  }
  await clock.advance(5_000);
  const first = makePayment(alice, [genesis], bob.address, 5_000_000n, seed + 2);
  const rival = makePayment(alice, [genesis], carol.address, 6_000_000n, seed + 3);
  const give = (at: number, bytes: Uint8Array) => opened[at]?.acceptor.accept([bytes]);
  await give(0, first.bytes);
  await clock.advance(gapMs);
  await give(nodes - 1, rival.bytes);
  const releasedMs = clock.nowMs();
  const told = new Map<NetworkNode, typeof first.txid>();
  const held = () =>
    opened.map(({ ledger }) => (ledger.isAccepted(first.txid) ? first.txid : ledger.isAccepted(rival.txid) ? rival.txid : ''));
  let agreedMs = Number.POSITIVE_INFINITY;
  for (let passedMs = 0; passedMs < 40_000; passedMs += 250) {
    await clock.advance(250);
    const sides = held();
    for (const [i, node] of opened.entries()) {
      const side = [first, rival].find(({ txid }) => txid === sides[i])?.txid;
      if (side !== undefined && node.conflicts.standingOf(side).stage === 'confirmed') told.set(node, side);
    }
    if (new Set(sides).size > 1) agreedMs = Number.POSITIVE_INFINITY;
    else if (agreedMs === Number.POSITIVE_INFINITY) agreedMs = clock.nowMs() - releasedMs;
  }
  const roots = new Set(opened.map(({ ledger }) => ledger.summary().coinsRoot));
  const sides = held();
  const stages = opened.map(({ conflicts }, i) => {
    const side = [first, rival].find(({ txid }) => txid === sides[i]);
    return side === undefined ? 'none' : conflicts.standingOf(side.txid).stage;
  });
  const cheated = [...told].filter(([node, txid]) => !node.ledger.isAccepted(txid)).length;
  for (const node of opened) await node.stop();
  return { sides: roots.size, agreeMs: agreedMs, stages, cheated };
}
