/** Processor time by thread, of the browsers below this process: what it goes into, in words. Reads /proc, so Linux only. */
import { readdir, readFile } from 'node:fs/promises';
import { findDescendants } from './processes.mjs';

/** By process and thread, the first that fits. Threads that work for the page as well as for its workers can't be told apart. */
const KINDS = /** @type {const} */ ([
  ['renderer', /^main$/, 'page'],
  ['renderer', /^DedicatedWorker 0$/, 'node'],
  ['renderer', /^DedicatedWorker/, 'shards'],
  ['renderer', /^ThreadPool/, 'compiling, collecting garbage'],
  ['renderer', /^WebRTC/, 'WebRTC: SCTP, DTLS'],
  ['renderer', /^Chrome_ChildIO/, 'messages to other processes'],
  ['renderer', /./, 'drawing, rest'],
  ['network.mojom.NetworkService', /./, 'network service: packets'],
  ['browser', /^ThreadPool/, 'browser: IndexedDB'],
  ['browser', /./, 'browser: window, messages'],
  ['', /./, 'drawing, rest'],
]);

/** @param {string} file */
const read = (file) => readFile(file, 'utf8').catch(() => '');

/** @param {string} stat of a thread, as proc(5) says; the name in parentheses may hold anything */
function parseStat(stat) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')), ticks: Number(fields[11]) + Number(fields[12]) };
}

/**
 * @param {number} pid
 * @returns {Promise<[thread: string, kind: string, ticks: number][]>}
 */
async function readProcess(pid) {
  const command = (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ');
  const process = /--utility-sub-type=(\S+)/.exec(command)?.[1] ?? /--type=(\S+)/.exec(command)?.[1] ?? 'browser';
  const tids = (await readdir(`/proc/${pid}/task`).catch(() => [])).map(Number).sort((a, b) => a - b);
  let workers = 0;
  /** @type {[string, string, number][]} */
  const threads = [];
  for (const tid of tids) {
    const stat = await read(`/proc/${pid}/task/${tid}/stat`);
    if (stat === '') continue;
    const { name, ticks } = parseStat(stat);
    const isWorker = name.startsWith('DedicatedWorker');
    // The page starts the node's worker, and that starts the others.
    const thread = tid === pid ? 'main' : isWorker ? `DedicatedWorker ${workers++}` : name;
    const [, , kind = 'rest'] = KINDS.find(([of, pattern]) => process.startsWith(of) && pattern.test(thread)) ?? [];
    threads.push([`${pid} ${tid}`, kind, ticks]);
  }
  return threads;
}

/** Follows the threads below one process from now on, those too that end meanwhile if they are looked at before. */
export class ThreadTimes {
  /** @type {Map<string, { readonly kind: string, readonly from: number, to: number }>} */
  #threads = new Map();
  #hasBegun = false;

  /** @param {(command: string) => boolean} isMeant tells the browser's own process by its command line */
  constructor(isMeant) {
    this.isMeant = isMeant;
  }

  async look() {
    const all = await findDescendants();
    const meant = new Set();
    for (const { pid } of all) if (this.isMeant(await read(`/proc/${pid}/cmdline`))) meant.add(pid);
    for (let size = -1; size !== meant.size; ) {
      size = meant.size;
      for (const { pid, parent } of all) if (meant.has(parent)) meant.add(pid);
    }
    for (const pid of meant) {
      for (const [thread, kind, ticks] of await readProcess(pid)) {
        const known = this.#threads.get(thread);
        if (known === undefined) this.#threads.set(thread, { kind, from: this.#hasBegun ? 0 : ticks, to: ticks });
        else known.to = ticks;
      }
    }
    this.#hasBegun = true;
  }

  /** Microseconds since the first look, by kind, the most first. @returns {[kind: string, us: number][]} */
  list() {
    /** @type {Map<string, number>} */
    const sums = new Map();
    for (const { kind, from, to } of this.#threads.values()) sums.set(kind, (sums.get(kind) ?? 0) + (to - from) * 10_000);
    return [...sums].sort((a, b) => b[1] - a[1]);
  }
}
