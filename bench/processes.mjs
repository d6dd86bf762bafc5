/** The processes below this one: browsers and what they start. Reads /proc, so Linux only. */
import { readdir, readFile } from 'node:fs/promises';

/** @typedef {{ pid: number, parent: number, ticks: number }} Stat `ticks` of 10 ms are the processor time it has used. */

/** @param {string} pid @returns {Promise<Stat | undefined>} */
async function readStat(pid) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold anything; what follows is numbers (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return text === '' ? undefined : { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

/** @returns {Promise<Stat[]>} */
export async function findDescendants() {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = (await Promise.all(pids.map(readStat))).filter((stat) => stat !== undefined);
  const found = new Set([process.pid]);
  // Children may have smaller pids than their parents, so one pass is not enough.
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent } of stats) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return stats.filter(({ pid }) => found.has(pid));
}

/** A browser is at rest when it takes less than this share of a core for a while. */
const REST = { share: 0.04, ms: 500, patienceMs: 20_000 };

/** Waits until the browsers that were just started have done what they do on their first start. */
export async function waitForRest() {
  const ticks = async () => (await findDescendants()).reduce((sum, stat) => sum + stat.ticks, 0);
  const beganMs = performance.now();
  let before = await ticks();
  while (performance.now() - beganMs < REST.patienceMs) {
    await new Promise((resolve) => setTimeout(resolve, REST.ms));
    const after = await ticks();
    if ((after - before) * 10 < REST.share * REST.ms) return;
    before = after;
  }
}
