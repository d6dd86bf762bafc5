/** What docs/consensus.md says of partitions of minutes, branches that come late, newcomers, and a busy network: scenarios on real nodes, and their figures. */
import { appendFileSync, readFileSync } from 'node:fs';
import { runAttacks } from '../../src/simulation/contest-scenario.ts';
import { runLateBranches } from '../../src/simulation/late-branch-scenario.ts';
import { NEWCOMER_PEERS, runNewcomers } from '../../src/simulation/newcomer-scenario.ts';
import { runPartition } from '../../src/simulation/partition-scenario.ts';
import { quantile } from '../../src/simulation/random.ts';
import { type Plan, type Share, shareOf } from './consensus.ts';

/** What one network adds to a row: it can be added up with that of others. */
export interface Tally {
  /** The row's name in `--json`, and for people. */
  readonly key: string;
  readonly name: string;
  /** By what was counted: how many of how many. */
  readonly counts: Readonly<Record<string, readonly [hits: number, of: number]>>;
  /** Times in ms, one for each run; infinite for what never came. */
  readonly times?: Readonly<Record<string, readonly number[]>>;
}

/** Figures of one row. */
export interface Finding {
  readonly key: string;
  readonly name: string;
  readonly shares: readonly (Share & { readonly of: string; readonly runs: number })[];
  readonly times: readonly { readonly of: string; readonly p50: number; readonly p99: number }[];
}

interface Scenario {
  readonly name: string;
  /** Networks at scale 1. */
  readonly networks: number;
  readonly run: (nodes: number, seed: number) => Promise<{ readonly tallies: readonly Tally[]; readonly failures: readonly unknown[] }>;
}

/** Sold by the attacker, as a multiple of what all nodes vote with. */
const VOTE_RATE = 100;
const BRANCH = 20;
const HOSTILE = 0.3;
const AGES = [
  { ageMs: 30_000, name: '30 s', key: '30s' },
  { ageMs: 120_000, name: '2 min', key: '2min' },
  { ageMs: 600_000, name: '10 min', key: '10min' },
] as const;
/** Branches of each age, and newcomers of each kind, in one network. */
const BRANCHES_TOGETHER = 7;
const NEWCOMERS_TOGETHER = 3;

const count = <T>(of: readonly T[], isHit: (one: T) => boolean): readonly [number, number] => [of.filter(isHit).length, of.length];

const busy: Scenario = {
  name: 'busy network: 5 payments a second',
  networks: 5,
  run: async (nodes, seed) => {
    const { honest, failures } = await runAttacks({ nodes, seed, honestPerSecond: 5 }, []);
    const counts = {
      confirmedIn20s: [honest.confirmedIn20s, honest.seen] as const,
      confirmedEverywhereIn20s: [honest.confirmedEverywhere, honest.payments] as const,
    };
    return { tallies: [{ key: 'honest5', name: busy.name, counts }], failures };
  },
};

const parted: Scenario = {
  name: 'partition of 10 min that all notice, coins spent on both sides',
  networks: 25,
  run: async (nodes, seed) => {
    const options = { partitionMs: 600_000, doubleSpends: 4, honestPerSecond: 0.1 };
    const { forks, honest, paid, kept, keptMs, failures } = await runPartition({ nodes, seed, ...options });
    const counts = {
      settledOnBothSides: count(forks, ({ confirmed }) => confirmed === nodes),
      unmoved: count(forks, ({ moved }) => moved === 0),
      // Who has no peer on the other side can only name it at the payment.
      forkShown: count(forks, ({ knownMs, silent }) => Number.isFinite(knownMs) && silent === 0),
      nodesThatSeeFollowers: [forks.reduce((sum, { shown }) => sum + shown, 0), nodes * forks.length] as const,
      otherPaymentsKept: [kept, paid] as const,
      confirmedIn20s: [honest.confirmedIn20s, honest.seen] as const,
    };
    const times = { known: forks.map(({ knownMs }) => knownMs), kept: [keptMs] };
    return { tallies: [{ key: 'partition10min', name: parted.name, counts, times }], failures };
  },
};

const late = (hostile: number): Scenario => ({
  name: `branch of ${BRANCH} withheld, 100 times the votes${hostile > 0 ? ', 30 % lying' : ''}`,
  networks: 10,
  run: async (nodes, seed) => {
    const agesMs = Array.from({ length: BRANCHES_TOGETHER }, () => AGES.map(({ ageMs }) => ageMs)).flat();
    const liars = hostile > 0 ? { hostile: { share: hostile, kind: 'lying' as const } } : {};
    const options = { agesMs, branch: BRANCH, voteRate: VOTE_RATE, honestPerSecond: 0.5, ...liars };
    const { outcomes, honest, failures } = await runLateBranches({ nodes, seed, ...options });
    const who = hostile > 0 ? 'Hostile30' : '';
    const tallies = AGES.map(({ ageMs, name, key }): Tally => {
      const ofAge = outcomes.filter((outcome) => outcome.ageMs === ageMs);
      const counts = {
        unmoved: count(ofAge, ({ moved }) => moved === 0),
        recorded: count(ofAge, ({ unrecorded }) => unrecorded === 0),
        confirmed: count(ofAge, ({ unconfirmed }) => unconfirmed === 0),
      };
      return { key: `lateBranch${who}.${key}`, name: `${late(hostile).name}, ${name}`, counts };
    });
    const around = { confirmedIn20s: [honest.confirmedIn20s, honest.seen] as const };
    const name = `${late(hostile).name}: other payments`;
    return { tallies: [...tallies, { key: `lateBranch${who}.others`, name, counts: around }], failures };
  },
});

const strangers: Scenario = {
  name: 'newcomers, heavier invented history',
  networks: 20,
  run: async (nodes, seed) => {
    const hostilePeers = Array.from({ length: (NEWCOMER_PEERS + 1) * NEWCOMERS_TOGETHER }, (_, n) => n % (NEWCOMER_PEERS + 1));
    const options = { hostile: Math.round(nodes * HOSTILE), hostilePeers, branch: BRANCH, voteRate: VOTE_RATE };
    const { outcomes, moved, failures } = await runNewcomers({ nodes, seed, ...options });
    const tallies = Array.from({ length: NEWCOMER_PEERS + 1 }, (_, hostile): Tally => {
      const some = outcomes.filter(({ hostilePeers }) => hostilePeers === hostile);
      const counts = {
        honestSide: count(some, ({ isHonestSide }) => isHonestSide),
        forkShown: count(some, ({ isShown }) => isShown),
        toldInventedIsConfirmed: count(some, ({ isDeceived }) => isDeceived),
      };
      return { key: `newcomers.${hostile}of${NEWCOMER_PEERS}`, name: `${strangers.name}: ${hostile} of 8 peers hostile`, counts };
    });
    const settled = nodes - options.hostile;
    const rest = {
      key: 'newcomers.settled',
      name: `${strangers.name}: who was there before`,
      counts: { unmoved: [settled - moved, settled] as const },
    };
    return { tallies: [...tallies, rest], failures };
  },
};

const SCENARIOS: readonly Scenario[] = [busy, parted, late(0), late(HOSTILE), strangers];

/**
 * Runs the scenarios.
 * @param ran told of what each network adds
 * @throws if a node failed
 */
export async function simulateLate(
  { nodes, scale, firstSeed, only = '' }: Omit<Plan, 'rules'>,
  ran: (tallies: readonly Tally[]) => void,
): Promise<readonly Finding[]> {
  const all: Tally[] = [];
  for (const { name, networks, run } of SCENARIOS) {
    if (!name.includes(only)) continue;
    for (let n = 0; n < Math.max(1, Math.round(networks * scale)); n++) {
      const { tallies, failures } = await run(nodes, firstSeed + n);
      if (failures.length > 0) throw failures[0];
      all.push(...tallies);
      ran(tallies);
    }
  }
  return findingsOf(all);
}

/** The rows that these tallies add up to, in the order in which they came. */
export function findingsOf(tallies: readonly Tally[]): readonly Finding[] {
  const rows = new Map<string, Tally[]>();
  for (const tally of tallies) rows.set(tally.key, [...(rows.get(tally.key) ?? []), tally]);
  return [...rows.values()].map((some) => {
    const [{ key, name, counts, times = {} }] = some as [Tally];
    const shares = Object.keys(counts).map((of) => {
      const [hits, runs] = [0, 1].map((part) => some.reduce((sum, tally) => sum + (tally.counts[of]?.[part] ?? 0), 0)) as [number, number];
      return { of, runs, ...shareOf(hits, runs) };
    });
    const spans = Object.keys(times).map((of) => {
      const values = some.flatMap((tally) => tally.times?.[of] ?? []);
      return { of, p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
    });
    return { key, name, shares, times: spans };
  });
}

/** Adds lines to a log that other scenarios may write to, too. */
export const appendTallies = (path: string, tallies: readonly Tally[]): void =>
  appendFileSync(path, tallies.map((tally) => `${JSON.stringify(tally)}\n`).join(''));

/** The tallies in these logs. */
export function readTallies(paths: readonly string[]): readonly Tally[] {
  // A line that was cut short is that of a network that was not finished.
  const lines = paths.flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1));
  // JSON has no infinity.
  const revive = (_: string, value: unknown) => value ?? Number.POSITIVE_INFINITY;
  return lines.map((line) => JSON.parse(line, revive) as Partial<Tally>).filter((line): line is Tally => line.counts !== undefined);
}

/** By name, for `--json`. */
export const figuresOfFindings = (findings: readonly Finding[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    findings.flatMap(({ key, shares, times }) => [
      ...shares.flatMap(({ of, share, low, high }) => [
        [`consensus.${key}.${of}Share`, share],
        [`consensus.${key}.${of}Share.low`, low],
        [`consensus.${key}.${of}Share.high`, high],
      ]),
      ...times.flatMap(({ of, p50, p99 }) => [
        [`consensus.${key}.${of}Ms.p50`, p50],
        [`consensus.${key}.${of}Ms.p99`, p99],
      ]),
    ]),
  );

const percent = (share: number): string => (100 * share).toFixed(1);
const seconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1_000).toFixed(1) : 'never');

/** For people. */
export const formatFinding = ({ name, shares, times }: Finding): string =>
  [
    name,
    ...shares.map(
      ({ of, share, low, high, runs }) => `  ${of.padEnd(26)}${percent(share).padStart(6)} % (${percent(low)}–${percent(high)}) of ${runs}`,
    ),
    ...times.map(({ of, p50, p99 }) => `  ${of.padEnd(26)}${seconds(p50).padStart(6)} s p50, ${seconds(p99)} s p99`),
  ].join('\n');
