/** The attacks of docs/consensus.md on real nodes (src/simulation/contest-scenario.ts), and their figures. */
import { type Attack as NodeAttack, type Outcome, runAttacks, type Surroundings } from '../../src/simulation/contest-scenario.ts';
import type { Hostility } from '../../src/simulation/two-faced.ts';
import { ATTACKS, type Group, type Plan, type Row, rowOf } from './consensus.ts';
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

/** Runs the attacks. @returns a row for each of the groups that have targets @throws if a node failed */
export async function simulateNodes(
  { nodes, scale, firstSeed, only = '' }: Plan,
  done: (row: Row) => void,
): Promise<ReadonlyMap<Group, Row>> {
  const groups = new Map<Group, Result[]>();
  let seed = firstSeed;
  const run = async (surroundings: Omit<Surroundings, 'nodes' | 'seed'>, attacks: readonly NodeAttack[]) => {
    const report = await runAttacks({ ...surroundings, nodes, seed: seed++ }, attacks);
    if (report.failures.length > 0) throw report.failures[0];
    return report;
  };
  for (const perSecond of LOADS) {
    const name = `${perSecond} payments a second that nobody disputes`;
    if (!name.includes(only)) continue;
    const { honest } = await run({ honestPerSecond: perSecond }, []);
    const row = { ...rowOf(name, []), runs: honest.seen, confirmedIn20s: honest.confirmedIn20s / honest.seen };
    done(row);
    groups.set('honest', [...(groups.get('honest') ?? []), ...Array.from({ length: 1 }, () => honestResult(row.confirmedIn20s))]);
  }
  for (const { name, group, runs, make } of ATTACKS) {
    if (!name.includes(only) || group === 'honest') continue;
    const count = Math.max(1, Math.round(runs * scale));
    // The same gaps and rates however few the runs.
    const scenarios = Array.from({ length: count }, (_, i) => make(Math.floor((i * runs) / count)));
    const results: Result[] = [];
    for (let from = 0; from < count; from += TOGETHER) {
      const some = scenarios.slice(from, from + TOGETHER);
      const [first] = some;
      if (first !== undefined) results.push(...(await run(surroundingsOf(first), some.map(attackOf))).outcomes.map(resultOf));
    }
    groups.set(group, [...(groups.get(group) ?? []), ...results]);
    done(rowOf(name, results));
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
