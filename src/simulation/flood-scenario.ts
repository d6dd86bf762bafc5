/** What it costs a network of real nodes when somebody floods it with what is free to make: rivals of one coin, proofs of nothing known, votes. */
import { type Message, PROTOCOL } from '../core/message.ts';
import { encodeMessage } from '../core/message-codec.ts';
import type { Peer } from '../net/swarm.ts';
import { makePayment, person } from '../node/testkit/people.ts';
import { World } from './world.ts';

/** One kind of flood. */
export interface FloodResult {
  readonly name: string;
  /** Bytes that the attacker sent or handed over. */
  readonly attackerBytes: number;
  /** Bytes that an honest node sent meanwhile, the mean. */
  readonly bytesPerNode: number;
  /** Computing that an honest node did meanwhile, the mean, ms. */
  readonly computingMsPerNode: number;
  /** Conflicted transactions and orphans that the node with the most of them keeps. */
  readonly kept: number;
  /** Honest nodes that the attacker is still connected to. */
  readonly connected: number;
}

const DEGREE = 8;
const LATENCY_MS = [20, 400] as const;
const COUNT = 1_000;
/** The flood lasts so long, and is watched for so much longer. */
const FLOOD_MS = 10_000;
const AFTER_MS = 50_000;

/** Runs each flood in a network of its own. */
export async function runFloods(nodes: number, seed: number, done: (result: FloodResult) => void): Promise<void> {
  for (const name of ['nothing', 'rivals', 'proofs', 'votes'] as const) done(await runFlood(name, nodes, seed));
}

async function runFlood(name: 'nothing' | 'rivals' | 'proofs' | 'votes', nodes: number, seed: number): Promise<FloodResult> {
  const world = await World.create({ seed, nodes, degree: DEGREE, latencyMs: LATENCY_MS, isWeb: true });
  const { clock, hub, inhabitants } = world;
  await world.hasten(3_000);
  const cheat = person('cheat');
  const coin = world.createPayment(world.founder, cheat.address, 1_000_000_000n);
  for (const { node } of inhabitants) await node.acceptor.accept([coin.bytes]);
  const swarm = hub.createSwarm();
  const peers = new Set<Peer>();
  const summary = inhabitants[0]?.node.ledger.summary();
  if (summary === undefined) throw new Error('nobody lives here');
  await swarm.start({
    peer: (peer) => {
      peers.add(peer);
      peer.send({ t: 'hello', software: 'flood/1', protocol: PROTOCOL, genesis: world.network.id, mode: 'light', modules: [], summary });
    },
    gone: (peer) => peers.delete(peer),
    message: () => undefined,
    changed: () => undefined,
  });
  for (let n = 0; n < DEGREE; n++) hub.connect(swarm, world.pick().swarm);
  await world.hasten(20_000);
  const pay = (time: number, parent = coin) => makePayment(cheat, [parent], person('payee').address, 1_000n, time);
  const files = name === 'nothing' ? [] : Array.from({ length: name === 'rivals' ? COUNT : 2 }, (_, n) => pay(n + 2));
  const handedBytes = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const unknown = name === 'proofs' ? Array.from({ length: COUNT }, (_, n) => pay(n + 10_000)) : [];
  const proofs = unknown.map((parent): Message => ({ t: 'dsp', files: [pay(2, parent).bytes, pay(3, parent).bytes] }));
  const [first] = files;
  const votesOf = (n: number): Message => ({
    t: 'vote',
    votes: Array.from({ length: first === undefined ? 0 : 64 }, (_, v) => ({ txid: first?.txid as never, nonce: n * 64 + v })),
  });
  const sentBefore = world.sentBytes;
  const computedBefore = process.cpuUsage().user;
  let sold = 0;
  const send = (message: Message): void => {
    for (const peer of peers) peer.send(message);
    sold += peers.size * encodeMessage(message).length;
  };
  for (let n = 0; n < COUNT; n++) {
    const [file, proof] = [files[n], proofs[n]];
    clock.after((n * FLOOD_MS) / COUNT, () => {
      const { acceptor } = world.pick().node;
      if (file !== undefined) acceptor.accept([file.bytes]).catch((error: unknown) => world.failures.push(error));
      if (proof !== undefined) send(proof);
      if (name === 'votes') send(votesOf(n));
    });
  }
  await world.hasten(FLOOD_MS + AFTER_MS);
  const result: FloodResult = {
    name,
    attackerBytes: handedBytes + sold,
    bytesPerNode: Math.round((world.sentBytes - sentBefore - sold) / nodes),
    computingMsPerNode: Math.round((process.cpuUsage().user - computedBefore) / 1_000 / nodes),
    kept: Math.max(...inhabitants.map(({ node }) => node.ledger.conflicted + node.acceptor.pool.size)),
    connected: peers.size,
  };
  await world.stop();
  if (world.failures.length > 0) throw world.failures[0];
  return result;
}
