/** The attacks of docs/consensus.md on the plain model, and their figures. */
import { type Attacker, type Hostility, type Result, type Rules, run, type Scenario } from './consensus-model.ts';
import { SKETCH_RULES } from './sketch-rules.ts';

/** Figures of one kind of attack. Shares with their 95 % interval (Wilson). */
export interface Row {
  readonly name: string;
  readonly runs: number;
  readonly oneSide: Share;
  readonly contested: Share;
  readonly split: Share;
  readonly agreeMs: { readonly p50: number; readonly p99: number };
  /** After which all honest nodes have settled; infinite where some never did. */
  readonly settledP99Ms: number;
  readonly worstMinority: number;
  readonly reversals: number;
  readonly cheatedPayees: number;
  readonly cheatedPayeesAmongHonest: number;
  readonly confirmedIn20s: number;
}
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

export type Group = 'honest' | 'race' | 'edge' | 'hostile' | 'partition';
/** One line of the table. */
export interface Attack {
  readonly name: string;
  readonly group: Group;
  /** Runs at scale 1. */
  readonly runs: number;
  readonly make: (run: number) => Omit<Scenario, 'nodes' | 'seed'>;
}

const both = (gapMs: number) => [
  { atMs: 0, coins: 1 },
  { atMs: gapMs, coins: 1 },
];
const mined = (rate: number): Attacker => ({ mode: 'mined', rate });
/** Every 100 ms from 0 to 20 s, one after the other. */
const gapOf = (run: number) => (run % 201) * 100;
const RATES = [1, 10, 100] as const;
const rateOf = (run: number) => RATES[Math.floor(run / 201) % 3] ?? 1;

export const ATTACKS: readonly Attack[] = [
  { name: 'nobody disputes it', group: 'honest', runs: 300, make: () => ({ releases: [{ atMs: 0, coins: 1 }] }) },
  { name: 'two rivals at once', group: 'race', runs: 1_800, make: () => ({ releases: both(0) }) },
  {
    name: 'five rivals at once',
    group: 'race',
    runs: 600,
    make: () => ({ releases: Array.from({ length: 5 }, () => ({ atMs: 0, coins: 1 })) }),
  },
  {
    name: 'overlapping inputs',
    group: 'race',
    runs: 600,
    make: () => ({ releases: [1, 3, 2].map((coins) => ({ atMs: 0, coins })) }),
  },
  ...(['mined', 'withheld', 'balance'] as const).map(
    (mode): Attack => ({
      name: `rival 0 … 20 s later, votes ${mode === 'mined' ? 'mined in advance' : mode === 'balance' ? 'used to balance' : mode}`,
      group: 'edge',
      runs: 1_206,
      make: (run) => ({ releases: both(gapOf(run)), attacker: { mode, rate: rateOf(run) } }),
    }),
  ),
  {
    name: 'rival withheld for 30 s, with 100 times the votes',
    group: 'edge',
    runs: 200,
    make: () => ({ releases: both(30_000), attacker: mined(100) }),
  },
  ...(['silent', 'lie', 'balance'] as const).flatMap((kind: Hostility): Attack[] => {
    const hostile = { share: 0.3, kind };
    const who = `30 % ${kind === 'lie' ? 'lying' : kind === 'balance' ? 'balancing' : kind}`;
    return [
      { name: `${who}, at once`, group: 'hostile', runs: 200, make: () => ({ releases: both(0), hostile, attacker: mined(100) }) },
      {
        name: `${who}, 0 … 20 s later`,
        group: 'hostile',
        runs: 603,
        make: (run) => ({ releases: both(gapOf(run)), hostile, attacker: mined(100) }),
      },
      {
        name: `${who}, 9 … 11 s later`,
        group: 'hostile',
        runs: 200,
        make: (run) => ({ releases: both(9_000 + (run % 200) * 10), hostile, attacker: mined(100) }),
      },
      { name: `${who}, 20 s later`, group: 'hostile', runs: 200, make: () => ({ releases: both(20_000), hostile, attacker: mined(100) }) },
    ];
  }),
  ...[5, 8, 10, 60].map(
    (seconds): Attack => ({
      name: `across a partition of ${seconds} s`,
      group: 'partition',
      runs: 100,
      make: () => ({ releases: both(0), partitionMs: 1_000 * seconds }),
    }),
  ),
];

/** Wilson's interval for `hits` of `runs`. */
export function shareOf(hits: number, runs: number): Share {
  const z = 1.96;
  const p = hits / runs;
  const middle = (p + (z * z) / (2 * runs)) / (1 + (z * z) / runs);
  const half = (z / (1 + (z * z) / runs)) * Math.sqrt((p * (1 - p)) / runs + (z * z) / (4 * runs * runs));
  return { share: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

const percentile = (values: readonly number[], p: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(p * values.length))] ?? Number.NaN;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The figures of some runs. */
export function rowOf(name: string, results: readonly Result[]): Row {
  const share = (end: Result['end']) => shareOf(results.filter((result) => result.end === end).length, results.length);
  const agree = results.map((result) => result.agreeMs);
  return {
    name,
    runs: results.length,
    oneSide: share('one side'),
    contested: share('contested'),
    split: share('split'),
    agreeMs: { p50: percentile(agree, 0.5), p99: percentile(agree, 0.99) },
    settledP99Ms: percentile(
      results.map((result) => result.settledMs),
      0.99,
    ),
    worstMinority: Math.max(...results.map((result) => result.minority)),
    reversals: sum(results.map((result) => result.reversals)),
    cheatedPayees: sum(results.map((result) => result.cheated)),
    cheatedPayeesAmongHonest: sum(results.map((result) => result.cheatedAmongHonest)),
    confirmedIn20s: sum(results.map((result) => result.confirmedIn20s)) / results.length,
  };
}

/** What to run. */
export interface Plan {
  readonly nodes: number;
  /** 1 runs each attack as often as docs/consensus.md says. */
  readonly scale: number;
  readonly firstSeed: number;
  readonly rules: 'sketch' | 'contest';
  /** Only attacks whose name has this in it. */
  readonly only?: string;
}

/** Runs the attacks. @returns a row for each, and one for each of the groups that have targets */
export function simulate({ nodes, scale, firstSeed, rules, only = '' }: Plan, done: (row: Row) => void): ReadonlyMap<Group, Row> {
  const trial: { rules?: Rules } = rules === 'sketch' ? { rules: SKETCH_RULES } : {};
  const groups = new Map<Group, Result[]>();
  for (const { name, group, runs, make } of ATTACKS) {
    if (!name.includes(only)) continue;
    const count = Math.max(1, Math.round(runs * scale));
    // The same gaps and rates however few the runs.
    const results = Array.from({ length: count }, (_, i) =>
      run({ ...make(Math.floor((i * runs) / count)), nodes, seed: firstSeed + i, ...trial }),
    );
    groups.set(group, [...(groups.get(group) ?? []), ...results]);
    done(rowOf(name, results));
  }
  return new Map([...groups].map(([group, results]) => [group, rowOf(group, results)]));
}
