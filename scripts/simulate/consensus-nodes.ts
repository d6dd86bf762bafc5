/** The attacks of docs/consensus.md on real nodes (src/simulation/contest-scenario.ts), and their figures. */
import { type Attack as NodeAttack, type Outcome, runAttacks, type Surroundings } from '../../src/simulation/contest-scenario.ts';
import type { Hostility } from '../../src/simulation/two-faced.ts';
import { ATTACKS, type Attack, type Group, type Plan, type Row, rowOf } from './consensus.ts';
import type { AttackedNetwork } from './consensus-log.ts';
import type { Result, Scenario } from './consensus-model.ts';

/** Attacks in one network: its nodes are made and funded once for all of them. */
const TOGETHER = 20;
/** Payments that nobody disputes, in a second. */
const LOADS = [0.05, 0.5, 5] as const;

const HOSTILITY = { silent: 'silent', lie: 'lying', balance: 'balancing' } as const satisfies Record<string, Hostility>;
const MODE = { mined: 'mined', withheld: 'withheld', balance: 'balanced' } as const;

/** An attack on the model as one on nodes. */
function attackOf({ releases, attacker }: Omit<Scenario, 'nodes' | 'seed'>): NodeAttack {
  return attacker === undefined ? { releases } : { releases, votes: { rate: attacker.rate, mode: MODE[attacker.mode] } };
}

function surroundingsOf({ hostile, partitionMs }: Omit<Scenario, 'nodes' | 'seed'>): Omit<Surroundings, 'nodes' | 'seed'> {
  return {
    ...(hostile === undefined ? {} : { hostile: { share: hostile.share, kind: HOSTILITY[hostile.kind] } }),
    ...(partitionMs === undefined ? {} : { partitionMs }),
  };
}

const resultOf = (outcome: Outcome): Result => ({ ...outcome, confirmedIn20s: Number.NaN });

/** Attacks of one row that share a network. */
interface Job {
  readonly attack: Attack;
  readonly runs: readonly number[];
  /** Of the whole row. */
  readonly count: number;
  readonly seed: number;
  /** How much of its row comes before it. */
  readonly order: number;
}

/** All rows go on side by side, and each network meets gaps and rates from all over its row, so that a long run can be cut at any time. */
function jobsOf({ scale, only = '' }: Plan, firstSeed: number): readonly Job[] {
  let seed = firstSeed;
  const jobs = ATTACKS.filter(({ name, group }) => name.includes(only) && group !== 'honest').flatMap((attack) => {
    const count = Math.max(1, Math.round(attack.runs * scale));
    const networks = Math.ceil(count / TOGETHER);
    return Array.from({ length: networks }, (_, n): Job => {
      const places = Array.from({ length: Math.ceil((count - n) / networks) }, (_, i) => n + i * networks);
      // The same gaps and rates however few the runs.
      const runs = places.map((place) => Math.floor((place * attack.runs) / count));
      return { attack, runs, count, seed: seed++, order: n / networks };
    });
  });
  return jobs.sort((a, b) => a.order - b.order);
}

/**
 * Runs the attacks.
 * @param done told of each row that is complete
 * @param ran told of each network
 * @returns a row for each of the groups that have targets
 * @throws if a node failed
 */
export async function simulateNodes(
  plan: Plan,
  done: (row: Row) => void,
  ran: (network: AttackedNetwork) => void = () => undefined,
): Promise<ReadonlyMap<Group, Row>> {
  const { nodes, firstSeed, only = '' } = plan;
  const groups = new Map<Group, Result[]>();
  let seed = firstSeed;
  const run = async (surroundings: Omit<Surroundings, 'nodes' | 'seed'>, attacks: readonly NodeAttack[], itsSeed: number) => {
    const report = await runAttacks({ ...surroundings, nodes, seed: itsSeed }, attacks);
    if (report.failures.length > 0) throw report.failures[0];
    return report;
  };
  for (const perSecond of LOADS) {
    const name = `${perSecond} payments a second that nobody disputes`;
    if (!name.includes(only)) continue;
    const { honest } = await run({ honestPerSecond: perSecond }, [], seed++);
    const row = { ...rowOf(name, []), runs: honest.seen, confirmedIn20s: honest.confirmedIn20s / honest.seen };
    done(row);
    groups.set('honest', [...(groups.get('honest') ?? []), honestResult(row.confirmedIn20s)]);
  }
  const rows = new Map<Attack, Result[]>();
  for (const { attack, runs, count, seed: itsSeed } of jobsOf(plan, seed)) {
    const { name, group, make } = attack;
    const scenarios = runs.map(make);
    const { outcomes } = await run(surroundingsOf(make(0)), scenarios.map(attackOf), itsSeed);
    const results = outcomes.map(resultOf);
    ran({ name, nodes, seed: itsSeed, runs, results });
    const ofRow = [...(rows.get(attack) ?? []), ...results];
    rows.set(attack, ofRow);
    groups.set(group, [...(groups.get(group) ?? []), ...results]);
    if (ofRow.length === count) done(rowOf(name, ofRow));
  }
  return new Map([...groups].map(([group, results]) => [group, rowOf(group, results)]));
}

/** Only its share of confirmed payments says anything. */
const honestResult = (confirmedIn20s: number): Result => ({
  end: 'one side',
  agreeMs: 0,
  settledMs: 0,
  minority: 0,
  cheated: 0,
  cheatedAmongHonest: 0,
  reversals: 0,
  confirmedIn20s,
});
