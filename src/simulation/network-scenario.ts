/** How a network fares: how soon news is everywhere, what it costs, how a partition heals, what comings and goings do, and what hostile peers can. */

import type { Person } from '../node/testkit/people.ts';
import { HostilePeer, MISDEEDS } from './hostile.ts';
import { quantile } from './random.ts';
import { type Arrival, type Inhabitant, World } from './world.ts';

/** What a run is made of. */
export interface NetworkRun {
  /** Honest ones. */
  readonly nodes: number;
  readonly seed: number;
  /** Peers that mean harm, as a share of all. */
  readonly hostile: number;
  /** Payments that are released, one a second. */
  readonly payments: number;
  /** What hostile peers get to show what they are, after all else; 5 minutes if absent. */
  readonly patienceMs?: number;
}

/** What came out. */
export interface NetworkResult extends NetworkRun {
  /** From release until this share of the nodes had a payment, medians over the payments, ms. */
  readonly spreadMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** All that went over the wires while they spread, by node and payment. */
  readonly bytesPerNodePerPayment: number;
  /** From the end of a partition into halves until all had one state, ms. */
  readonly healMs: number;
  /** The same spread while nodes leave and come back, among those that were there all the time. */
  readonly churnSpreadMs: NetworkResult['spreadMs'];
  /** From the moment when all were back until all had one state, ms. */
  readonly churnHealMs: number;
  /** Connections that hostile peers still have to honest nodes at the end, by node. */
  readonly hostilePeersPerNode: number;
  /** Errors inside honest nodes. */
  readonly failures: number;
  /** How long the run took. */
  readonly realSeconds: number;
}

const DEGREE = 8;
const LATENCY_MS = [20, 400] as const;
const LOSS = 0.01;
/** What nodes get to exchange a few of their peers before anything is measured. */
const MIXING_MS = 1_800_000;
/** How long a partition lasts. */
const PARTITION_MS = 30_000;
/** How long nodes leave and come back, and for how long each: a fifth of them is away at a time. */
const CHURN_MS = 60_000;
const AWAY_MS = [5_000, 60_000] as const;
const LEAVING_PER_SECOND = 0.0077;
/** Nothing takes longer, or it has failed. */
const LIMIT_MS = 300_000;

/** Runs it. Seconds for ten nodes, minutes for a thousand. */
export async function runNetwork(run: NetworkRun): Promise<NetworkResult> {
  const startedMs = performance.now();
  const world = await World.create({ seed: run.seed, nodes: run.nodes, degree: DEGREE, latencyMs: LATENCY_MS, loss: LOSS });
  // A network that has just been joined one by one is a band, not a web: each found those with room, and they were the latest.
  await world.advance(MIXING_MS);
  const hostile = await invade(world, run);
  await world.advance(10_000);
  const [left, right] = await world.fund(['left', 'right']);
  if (left === undefined || right === undefined) throw new Error('nobody has money');
  await world.advance(10_000);

  const sentBefore = world.sentBytes;
  const arrivals: Arrival[] = [];
  for (let n = 0; n < run.payments; n++) {
    arrivals.push(await world.release(world.createPayment(n % 2 ? left : right), world.pick()));
    await world.advance(1_000);
  }
  await world.advance(30_000);
  const bytes = world.sentBytes - sentBefore;

  const healMs = await heal(world, async ([ofLeft, ofRight]) => {
    for (let n = 0; n < run.payments; n++) {
      await world.release(world.createPayment(left), world.pick(ofLeft));
      await world.release(world.createPayment(right), world.pick(ofRight));
    }
  });
  const churned = await churn(world, [left, right]);
  if (hostile.length > 0) await world.advance(run.patienceMs ?? 300_000);
  const victims = hostile.reduce((sum, { victims }) => sum + victims, 0);
  await world.stop();
  return {
    ...run,
    spreadMs: spreadOf(arrivals),
    bytesPerNodePerPayment: Math.round(bytes / run.nodes / run.payments),
    healMs,
    churnSpreadMs: spreadOf(churned.arrivals),
    churnHealMs: churned.healMs,
    hostilePeersPerNode: Number((victims / run.nodes).toFixed(2)),
    failures: world.failures.length,
    realSeconds: (performance.now() - startedMs) / 1_000,
  };
}

/** Hostile peers of every kind. */
async function invade(world: World, { nodes, hostile }: NetworkRun): Promise<readonly HostilePeer[]> {
  const count = Math.round((nodes * hostile) / (1 - hostile));
  const invaders = Array.from({ length: count }, (_, n) => new HostilePeer(world, MISDEEDS[n % MISDEEDS.length] ?? 'liar'));
  for (const invader of invaders) await invader.start();
  return invaders;
}

/** Medians over the payments of the time until a share of those that were there had it; infinite for one that did not come so far. */
function spreadOf(arrivals: readonly Arrival[]): NetworkResult['spreadMs'] {
  const until = (share: number) => {
    const times = arrivals.map(({ releasedMs, arrivedMs, witnesses }) => {
      const waits = [...witnesses].map((one) => (arrivedMs.get(one) ?? Number.POSITIVE_INFINITY) - releasedMs).sort((a, b) => a - b);
      return waits[Math.ceil(share * waits.length) - 1] ?? Number.POSITIVE_INFINITY;
    });
    return Math.round(quantile(times, 0.5));
  };
  return { p50: until(0.5), p95: until(0.95), p99: until(0.99) };
}

/** Nodes leave and come back while a payment is released each second. */
async function churn(world: World, payers: readonly Person[]): Promise<{ readonly arrivals: readonly Arrival[]; readonly healMs: number }> {
  const { clock, random } = world;
  const arrivals: Arrival[] = [];
  const returns = new Map<Inhabitant, number>();
  const endMs = clock.nowMs() + CHURN_MS;
  while (clock.nowMs() < endMs) {
    for (const [inhabitant, atMs] of returns) {
      if (atMs > clock.nowMs()) continue;
      returns.delete(inhabitant);
      await world.comeBack(inhabitant);
    }
    for (const inhabitant of world.here) {
      if (random() >= LEAVING_PER_SECOND) continue;
      returns.set(inhabitant, clock.nowMs() + AWAY_MS[0] + random() * (AWAY_MS[1] - AWAY_MS[0]));
      await world.leave(inhabitant);
    }
    const payer = payers[arrivals.length % payers.length];
    if (payer !== undefined) arrivals.push(await world.release(world.createPayment(payer), world.pick()));
    await world.advance(1_000);
  }
  for (const inhabitant of returns.keys()) await world.comeBack(inhabitant);
  const sinceMs = clock.nowMs();
  return { arrivals, healMs: (await clock.until(() => world.isAgreed, LIMIT_MS)) ? clock.nowMs() - sinceMs : Number.POSITIVE_INFINITY };
}

/** Cuts the world in halves, lets both live, and mends it. @returns how long it took to agree */
async function heal(
  world: World,
  live: (halves: readonly [readonly Inhabitant[], readonly Inhabitant[]]) => Promise<void>,
): Promise<number> {
  const { inhabitants, clock } = world;
  const middle = inhabitants.length >> 1;
  const halves = [inhabitants.slice(0, middle), inhabitants.slice(middle)] as const;
  const mend = world.cut(...halves);
  await live(halves);
  await world.advance(PARTITION_MS);
  if (world.isAgreed) throw new Error('the partition did not part anything');
  const sinceMs = clock.nowMs();
  mend();
  return (await clock.until(() => world.isAgreed, LIMIT_MS)) ? clock.nowMs() - sinceMs : Number.POSITIVE_INFINITY;
}
