/**
 * A plain model of a network in conflict: nodes, hops with latency, votes and liars, and the rules of src/core/contest.ts as they are.
 * No files, signatures or sockets, so that thousands of attacks run in minutes. Every figure follows from the seed.
 */
import * as contest from '../../src/core/contest.ts';
import type { TxId } from '../../src/core/id.ts';

/** The rules under trial. */
export type Rules = Pick<typeof contest, 'isBeaten' | 'leads'>;

/** A transaction of the attacker, released `atMs` at one place. */
export interface Release {
  readonly atMs: number;
  /** Bits of the coins that it spends: two releases conflict where they share one. */
  readonly coins: number;
}

/** What the attacker does with hash power, as a multiple of all honest nodes' together, saved up for a minute before. */
export interface Attacker {
  readonly rate: number;
  /** `mined`: all for the last release, with it; `withheld`: some time later; `balance`: always for the side that is behind. */
  readonly mode: 'mined' | 'withheld' | 'balance';
}

/** What hostile peers do; `lie`: say that they hold the last release; `balance`: tell each peer that they hold what it doesn't. */
export type Hostility = 'silent' | 'lie' | 'balance';

export interface Scenario {
  readonly nodes: number;
  readonly seed: number;
  readonly releases: readonly Release[];
  readonly attacker?: Attacker;
  readonly hostile?: { readonly share: number; readonly kind: Hostility };
  /** Two halves that hear nothing of each other until then. */
  readonly partitionMs?: number;
  readonly rules?: Rules;
}

export interface Result {
  /** All honest nodes hold the same; or some have not settled; or two settled on different sides. */
  readonly end: 'one side' | 'contested' | 'split';
  /** From the last release until nobody changed any more. */
  readonly agreeMs: number;
  readonly minority: number;
  /** Honest nodes that told a payee "confirmed" and hold something else in the end. */
  readonly cheated: number;
  /** The same, of those whose peers are not mostly hostile. */
  readonly cheatedAmongHonest: number;
  /** Share of the honest nodes that told a payee "confirmed" within 20 s of the first release. */
  readonly confirmedIn20s: number;
  /** Nodes that left what they had settled on. */
  readonly reversals: number;
  /** When the last honest node settled, after the last release; infinite if not all did. */
  readonly settledMs: number;
}

const DEGREE = 8;
const TICK_MS = 250;
/** As in src/node/contest/conflicts.ts. */
const FOLLOW_MS = 2_000;
/** Observed for this long after the last release or the end of a partition. */
const AFTER_MS = 60_000;
/** Seconds of hashing that the attacker has saved up. */
const SAVED_SECONDS = 60;
/** What an honest node hashes in one round of votes, in the attacker's seconds at the same rate: a tenth of its power. */
const HONEST_SHARE = 0.1;

/** mulberry32: the same seed gives the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A heap of things to do, earliest first. */
class Agenda {
  readonly #items: { atMs: number; order: number; act: (nowMs: number) => void }[] = [];
  #order = 0;

  at(atMs: number, act: (nowMs: number) => void): void {
    const items = this.#items;
    const item = { atMs, order: this.#order++, act };
    let i = items.push(item) - 1;
    for (let up = (i - 1) >> 1; i > 0 && this.#before(item, items[up]); up = (i - 1) >> 1) {
      items[i] = items[up] as typeof item;
      i = up;
    }
    items[i] = item;
  }

  run(endMs: number): void {
    for (let next = this.#items[0]; next !== undefined && next.atMs <= endMs; next = this.#items[0]) {
      this.#pop();
      next.act(next.atMs);
    }
  }

  #before(a: { atMs: number; order: number }, b: { atMs: number; order: number } | undefined): boolean {
    return b !== undefined && (a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));
  }

  #pop(): void {
    const items = this.#items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= items.length) break;
      const right = items[down + 1];
      if (right !== undefined && this.#before(right, items[down])) down++;
      const child = items[down] as typeof last;
      if (!this.#before(child, last)) break;
      items[i] = child;
      i = down;
    }
    items[i] = last;
  }
}

/** Neighbours of each node with the latency of the hop, 20 … 400 ms. */
function makeGraph(nodes: number, random: () => number): Map<number, number>[] {
  const graph = Array.from({ length: nodes }, () => new Map<number, number>());
  for (const [i, mine] of graph.entries()) {
    for (let tries = 0; mine.size < DEGREE && tries < 1_000; tries++) {
      const j = Math.floor(random() * nodes);
      const theirs = graph[j];
      if (theirs === undefined || j === i || mine.has(j) || theirs.size >= DEGREE + 4) continue;
      const latencyMs = 20 + random() * 380;
      mine.set(j, latencyMs);
      theirs.set(i, latencyMs);
    }
  }
  return graph;
}

/** Time of the quickest way from `from` to every node, through those that relay. */
function distances(graph: readonly ReadonlyMap<number, number>[], from: number, relays: (node: number) => boolean): Float64Array {
  const found = new Float64Array(graph.length).fill(Number.POSITIVE_INFINITY);
  found[from] = 0;
  const agenda = new Agenda();
  const visit = (node: number) => (nowMs: number) => {
    if (nowMs > (found[node] ?? 0) || (node !== from && !relays(node))) return;
    for (const [next, latencyMs] of graph[node] ?? []) {
      const atMs = nowMs + latencyMs;
      if (atMs >= (found[next] ?? 0)) continue;
      found[next] = atMs;
      agenda.at(atMs, visit(next));
    }
  };
  agenda.at(0, visit(from));
  agenda.run(Number.POSITIVE_INFINITY);
  return found;
}

interface ModelNode {
  readonly isHostile: boolean;
  /** Bits of the releases heard of, and of those accepted. */
  known: number;
  held: number;
  /** When each became known. */
  readonly knownMs: number[];
  readonly stages: (contest.Stage | undefined)[];
  readonly weights: number[];
  /** Neighbour → bits of what it says it holds. */
  readonly reports: Map<number, number>;
  /** Neighbour → how often it said something else. */
  readonly changes: Map<number, number>;
  /** Bits of the releases whose payee was told "confirmed" here. */
  told: number;
  toldMs: number;
  round: number;
  /** The rival that the peers hold against the contest's leaning, and since when. */
  following: number;
  followingMs: number;
}

/** Runs one scenario. */
export function run(scenario: Scenario): Result {
  const { nodes: count, releases, attacker, hostile, partitionMs = 0, rules = contest } = scenario;
  const random = seeded(scenario.seed);
  const graph = makeGraph(count, random);
  const lastRelease = releases.length - 1;
  const lastMs = Math.max(...releases.map((release) => release.atMs));
  const endMs = Math.max(lastMs, partitionMs) + AFTER_MS;
  const ticks = Math.ceil(endMs / TICK_MS) + 2;
  const bits = releases.map((_, i) => 1 << i);
  const rivals = releases.map((one, i) =>
    releases.reduce((all, other, j) => (i !== j && one.coins & other.coins ? all | (1 << j) : all), 0),
  );
  // Chance decides whose txid is smaller.
  const txids = releases.map((_, i) => `${random().toFixed(12)}${i}` as TxId);
  const kind = hostile?.kind;
  const nodes = graph.map(
    (): ModelNode => ({
      isHostile: random() < (hostile?.share ?? 0),
      known: 0,
      held: 0,
      knownMs: releases.map(() => Number.POSITIVE_INFINITY),
      stages: releases.map(() => undefined),
      weights: releases.map(() => 1),
      reports: new Map(),
      changes: new Map(),
      told: 0,
      toldMs: Number.POSITIVE_INFINITY,
      round: 0,
      following: -1,
      followingMs: 0,
    }),
  );
  const at = (i: number) => nodes[i] as ModelNode;
  const relays = (i: number) => !(at(i).isHostile && kind === 'silent');
  const agenda = new Agenda();
  let changedMs = lastMs;
  let reversals = 0;

  const half = (i: number) => (i < count / 2 ? 0 : 1);
  /** When something sent at `nowMs` arrives: what crosses a partition waits for its end. */
  const arrival = (from: number, to: number, nowMs: number, latencyMs: number) =>
    (half(from) === half(to) ? nowMs : Math.max(nowMs, partitionMs)) + latencyMs;

  /** Node `to` hears what `from` says it holds. */
  const say = (to: number, from: number, said: number) => {
    const { reports, changes } = at(to);
    const before = reports.get(from);
    if (before !== undefined && before & ~said) changes.set(from, (changes.get(from) ?? 0) + 1);
    reports.set(from, said);
  };

  const report = (i: number, nowMs: number) => {
    for (const [j, latencyMs] of graph[i] ?? []) {
      const said = at(i).held;
      agenda.at(arrival(i, j, nowMs, latencyMs), (thenMs) => {
        say(j, i, said);
        for (const [r, bit] of bits.entries()) if (said & bit && !(at(j).known & bit)) hear(j, r, thenMs);
      });
    }
  };

  const accept = (node: ModelNode, r: number, nowMs: number, contested: boolean) => {
    node.held |= bits[r] ?? 0;
    node.stages[r] = contested ? contest.contestedStage(nowMs) : contest.freshStage(nowMs);
  };

  const hear = (i: number, r: number, nowMs: number) => {
    const node = at(i);
    const bit = bits[r] ?? 0;
    if (node.known & bit) return;
    const isSecond = (rivals[r] ?? 0) & node.known;
    node.known |= bit;
    node.knownMs[r] = nowMs;
    const accepts = !((rivals[r] ?? 0) & node.held);
    if (accepts) {
      accept(node, r, nowMs, isSecond !== 0);
      if (!node.isHostile) report(i, nowMs);
    }
    // A rival is relayed as a proof, but only one for each coin.
    const known = releases.filter((other, o) => node.known & (bits[o] ?? 0) && other.coins & (releases[r]?.coins ?? 0)).length;
    if ((accepts || known <= 2) && relays(i)) {
      for (const [j, latencyMs] of graph[i] ?? []) agenda.at(arrival(i, j, nowMs, latencyMs), (thenMs) => hear(j, r, thenMs));
    }
    if (!node.isHostile) judge(i, nowMs);
  };

  const standoff = (node: ModelNode, ours: number, rival: number, nowMs: number): contest.Standoff => {
    const trusted = [...node.reports].filter(([peer, said]) => said !== 0 && (node.changes.get(peer) ?? 0) <= contest.MAX_CHANGES);
    const count = (r: number) => trusted.filter(([, said]) => said & (bits[r] ?? 0)).length;
    const reporting = trusted.length;
    const side = (r: number) => ({ txid: txids[r] as TxId, weight: BigInt(Math.round(node.weights[r] ?? 0)), holders: count(r) });
    const coin = (releases[ours]?.coins ?? 0) & (releases[rival]?.coins ?? 0);
    const sides = bits.flatMap((bit, r) => (node.known & bit && (releases[r]?.coins ?? 0) & coin ? [r] : []));
    const heaviest = BigInt(Math.round(Math.max(...sides.map((r) => node.weights[r] ?? 0))));
    const ageMs = nowMs - (sides.map((r) => node.knownMs[r] ?? 0).sort((a, b) => a - b)[1] ?? nowMs);
    const leadMs = (node.knownMs[rival] ?? 0) - (node.knownMs[ours] ?? 0);
    return { ours: side(ours), rival: side(rival), reporting, heaviest, ageMs, marginMs: leadMs };
  };

  const judge = (i: number, nowMs: number) => {
    const node = at(i);
    const held = node.held;
    let followed = -1;
    for (const [r, bit] of bits.entries()) {
      if (!(node.known & bit) || node.held & bit) continue;
      const losers = releases.map((_, o) => o).filter((o) => (rivals[r] ?? 0) & node.held & (bits[o] ?? 0));
      const standoffs = losers.map((o) => standoff(node, o, r, nowMs));
      if (!losers.every((o, n) => rules.isBeaten(node.stages[o] as contest.Stage, standoffs[n] as contest.Standoff))) continue;
      // As in src/node/contest/conflicts.ts: who would follow the peers against the leaning waits.
      if (!standoffs.every(contest.leansToRival)) {
        followed = r;
        if (node.following !== r) node.followingMs = nowMs;
        node.following = r;
        if (nowMs - node.followingMs < FOLLOW_MS) continue;
      }
      for (const o of losers) {
        if (node.stages[o]?.kind === 'settled') reversals++;
        node.held &= ~(bits[o] ?? 0);
        node.stages[o] = undefined;
      }
      accept(node, r, nowMs, true);
      // What lost only against the losers is tried again.
      const freed = releases.map((_, o) => o).filter((o) => node.known & (bits[o] ?? 0) && !(node.held & (bits[o] ?? 0)));
      freed.sort((a, b) => (node.weights[b] ?? 0) - (node.weights[a] ?? 0) || ((txids[a] as TxId) < (txids[b] as TxId) ? -1 : 1));
      for (const o of freed) if (!((rivals[o] ?? 0) & node.held)) accept(node, o, nowMs, true);
    }
    if (followed < 0) node.following = -1;
    for (const [r, bit] of bits.entries()) {
      const stage = node.stages[r];
      if (!(node.held & bit) || stage === undefined) continue;
      const known = releases.map((_, o) => o).filter((o) => (rivals[r] ?? 0) & node.known & (bits[o] ?? 0));
      const standoffs = known.map((o) => standoff(node, r, o, nowMs));
      const next = advanceBy(rules, stage, standoffs, nowMs);
      node.stages[r] = next;
      if (next.kind === 'contested' && node.round === 0) vote(i, 1, nowMs + 500 + random() * 1_000);
      if (stage.kind !== 'settled' || node.told & bit || known.length > 0) continue;
      const holders = [...node.reports.values()].filter((said) => said & bit).length;
      if (!contest.isConfirmed(stage, holders, node.reports.size, nowMs)) continue;
      node.told |= bit;
      node.toldMs = Math.min(node.toldMs, nowMs);
    }
    if (node.held === held) return;
    changedMs = nowMs;
    report(i, nowMs);
  };

  // Votes flood; when each node counts one follows from the distances.
  const arriving = nodes.map(() => new Map<number, number[]>());
  const ways = new Map<number, Float64Array>();
  const cast = (from: number, r: number, weight: number, nowMs: number) => {
    const way = ways.get(from) ?? distances(graph, from, relays);
    ways.set(from, way);
    for (const [i, due] of arriving.entries()) {
      const tick = Math.ceil(arrival(from, i, nowMs, way[i] ?? 0) / TICK_MS);
      if (tick > ticks) continue;
      const weights = due.get(tick) ?? releases.map(() => 0);
      weights[r] = (weights[r] ?? 0) + weight;
      due.set(tick, weights);
    }
  };
  const vote = (i: number, seconds: number, atMs: number) => {
    at(i).round++;
    agenda.at(atMs, (nowMs) => {
      const node = at(i);
      const open = bits.findIndex((bit, r) => node.held & bit && node.stages[r]?.kind === 'contested');
      if (open < 0) return;
      // 2^(leading zero bits) of the best of many hashes: a long tail.
      cast(i, open, (1_000 * HONEST_SHARE * seconds) / Math.max(0.02, random()), nowMs);
      vote(i, seconds * 2, nowMs + seconds * 2_000);
    });
  };

  const farthest = (from: number) => {
    const way = distances(graph, from, () => true);
    let far = from;
    for (const [i, ms] of way.entries()) if (Number.isFinite(ms) && ms > (way[far] ?? 0)) far = i;
    return far;
  };
  const start = Math.floor(random() * count);
  const places = releases.map((_, r) => {
    if (r === 0) return start;
    if (partitionMs > 0) return (half(start) === 0 ? Math.ceil(count / 2) : 0) + Math.floor((random() * count) / 2);
    return r === 1 ? farthest(start) : Math.floor(random() * count);
  });
  for (const [r, { atMs }] of releases.entries()) agenda.at(atMs, (nowMs) => hear(places[r] ?? 0, r, nowMs));

  if (attacker !== undefined) {
    const perSecond = attacker.rate * count * 1_000 * HONEST_SHARE;
    let saved = perSecond * SAVED_SECONDS;
    const voteMs = lastMs + (attacker.mode === 'withheld' ? 2_000 + random() * 20_000 : 0);
    if (attacker.mode !== 'balance') agenda.at(voteMs, (nowMs) => cast(places[lastRelease] ?? 0, lastRelease, saved, nowMs));
    else {
      const spent = releases.map(() => 1);
      const balance = (nowMs: number) => {
        saved += (perSecond * TICK_MS) / 1_000;
        // Sees everything at once: brings every side up to the heaviest that any node counts, at a node that follows it.
        const most = Math.max(...nodes.map((node) => Math.max(...node.weights)));
        for (const [r, bit] of bits.entries()) {
          const least = Math.min(...nodes.map((node) => node.weights[r] ?? 0));
          const lacking = Math.min(saved, most - least);
          const from = nodes.findIndex((node) => !node.isHostile && node.held & bit);
          if (lacking <= most / 4 || from < 0) continue;
          saved -= lacking;
          spent[r] = (spent[r] ?? 0) + lacking;
          cast(from, r, lacking, nowMs);
        }
        if (nowMs < endMs) agenda.at(nowMs + 1_000, balance);
      };
      agenda.at(lastMs, balance);
    }
  }
  if (kind === 'lie' || kind === 'balance') {
    const lie = (nowMs: number) => {
      for (const [i, node] of nodes.entries()) {
        if (!node.isHostile) continue;
        for (const [j, latencyMs] of graph[i] ?? []) {
          const other = bits.find((bit) => bit !== at(j).held) ?? 1;
          agenda.at(nowMs + latencyMs, () => say(j, i, kind === 'lie' ? (bits[lastRelease] ?? 0) : other));
        }
      }
      if (kind === 'balance' && nowMs < endMs) agenda.at(nowMs + 1_000, lie);
    };
    agenda.at(lastMs, lie);
    // Until then they behave.
    agenda.at((releases[0]?.atMs ?? 0) + 1_000, (nowMs) => {
      for (const [i, node] of nodes.entries()) if (node.isHostile && nowMs < lastMs) report(i, nowMs);
    });
  }

  const honest = nodes.flatMap((node, i) => (node.isHostile ? [] : [i]));
  let settledMs = Number.POSITIVE_INFINITY;
  const phase = nodes.map(() => random() * TICK_MS);
  const tick = (i: number, n: number) => (nowMs: number) => {
    const node = at(i);
    const due = arriving[i]?.get(n);
    if (due !== undefined) for (const [r, weight] of due.entries()) node.weights[r] = (node.weights[r] ?? 0) + weight;
    if (node.known !== 0) judge(i, nowMs);
    agenda.at(nowMs + TICK_MS, tick(i, n + 1));
  };
  for (const i of honest) agenda.at(phase[i] ?? 0, tick(i, 0));
  agenda.run(endMs);

  const sides = new Map<number, number>();
  for (const i of honest) sides.set(at(i).held, (sides.get(at(i).held) ?? 0) + 1);
  const isOpen = (node: ModelNode) => bits.some((bit, r) => node.held & bit && node.stages[r]?.kind !== 'settled');
  const settledSides = new Set(honest.filter((i) => !isOpen(at(i))).map((i) => at(i).held));
  const cheated = honest.filter((i) => at(i).told & ~at(i).held);
  const isSurrounded = (i: number) => {
    const around = [...(graph[i]?.keys() ?? [])];
    return around.filter((j) => at(j).isHostile).length * 2 > around.length;
  };
  if (honest.every((i) => !isOpen(at(i)))) {
    const times = honest.flatMap((i) => at(i).stages.flatMap((stage) => (stage === undefined ? [] : [stage.sinceMs])));
    settledMs = Math.max(...times) - lastMs;
  }
  return {
    end: sides.size === 1 ? 'one side' : settledSides.size > 1 ? 'split' : 'contested',
    agreeMs: changedMs - lastMs,
    minority: 1 - Math.max(...sides.values()) / honest.length,
    cheated: cheated.length,
    cheatedAmongHonest: cheated.filter((i) => !isSurrounded(i)).length,
    confirmedIn20s: honest.filter((i) => at(i).toldMs <= (releases[0]?.atMs ?? 0) + 20_000).length / honest.length,
    reversals,
    settledMs,
  };
}

/** `contest.advance` with another rule of who leads. */
function advanceBy(rules: Rules, stage: contest.Stage, standoffs: readonly contest.Standoff[], nowMs: number): contest.Stage {
  return contest.advance(
    stage,
    { isContested: standoffs.length > 0, isLeading: standoffs.every(rules.leads), parentsSettled: true },
    nowMs,
  );
}
