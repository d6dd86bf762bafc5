/** Where benchmarks leave their figures. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How often each measurement is repeated. */
export const RUNS = Number(process.env.TTX_BENCH_RUNS ?? '5');

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = 0, high = low] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return (low + high) / 2;
}

/** Leaves figures under flat names, and a remark on how they came about. */
export async function report(part: string, figures: Readonly<Record<string, number>>, remark = ''): Promise<void> {
  const directory = process.env.TTX_BENCH_DIRECTORY;
  if (directory === undefined) throw new Error('run it with npm run bench');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `${part}.json`), JSON.stringify({ figures, remark }));
}

/** Threads with less than this are not worth a line. */
const LEAST_US = 0.5;

/** Processor time by thread, in µs a transaction, as lines below a remark. */
export function listThreads(threads: ReadonlyMap<string, number>): string {
  const lines = [...threads].filter(([, us]) => us >= LEAST_US).sort((a, b) => b[1] - a[1]);
  return lines.map(([name, us]) => `\n    ${us.toFixed(1).padStart(6)} µs  ${name}`).join('');
}
