/** Networks that were attacked, one line of JSON each: a long run can be cut at any time, and runs with other seeds added up. */
import { appendFileSync, readFileSync } from 'node:fs';
import { ATTACKS, type Group, type Row, rowOf } from './consensus.ts';
import type { Result } from './consensus-model.ts';

/** The attacks on one network. */
export interface AttackedNetwork {
  /** Name of the row that it belongs to. */
  readonly name: string;
  readonly nodes: number;
  readonly seed: number;
  /** Which runs of the row these are; with the seed that is all it takes to repeat them. */
  readonly runs: readonly number[];
  readonly results: readonly Result[];
}

export const appendToLog = (path: string, network: AttackedNetwork): void => appendFileSync(path, `${JSON.stringify(network)}\n`);

/**
 * Adds up all networks in these logs.
 * @param done told of each row, in the order of the table
 * @returns a row for each of the groups that have targets
 */
export function showLogs(paths: readonly string[], done: (row: Row) => void): ReadonlyMap<Group, Row> {
  // A line that was cut short is that of a network that was not finished.
  const lines = paths.flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1));
  const networks = lines.map((line) => JSON.parse(line) as AttackedNetwork);
  const groups = new Map<Group, Result[]>();
  for (const { name, group } of ATTACKS) {
    const results = networks.filter((network) => network.name === name).flatMap((network) => network.results.map(revive));
    if (results.length === 0) continue;
    groups.set(group, [...(groups.get(group) ?? []), ...results]);
    done(rowOf(name, results));
  }
  return new Map([...groups].map(([group, results]) => [group, rowOf(group, results)]));
}

/** JSON has no infinity, and no NaN. */
const revive = (result: Result): Result => ({
  ...result,
  settledMs: result.settledMs ?? Number.POSITIVE_INFINITY,
  confirmedIn20s: result.confirmedIn20s ?? Number.NaN,
});
