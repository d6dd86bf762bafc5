/**
 * Holds programs to a part of a CPU core, whatever they do: a control group where we may make one, else by stopping and
 * continuing them in turns. Developer tools can't do this: their throttling does not reach workers.
 */
import { spawn } from 'node:child_process';
import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { findDescendants } from './processes.mjs';

/** Turns so short that nobody notices them in a second, in microseconds. */
const PERIOD_US = 20_000;

/** How often a stopping quota looks for new processes. */
const RELIST_MS = 100;

/**
 * @typedef {object} CpuQuota
 * @property {string} kind how it is done
 * @property {() => Promise<void>} enter What this process starts from now on is held; needed by control groups.
 * @property {() => Promise<void>} leave
 * @property {(share: number) => Promise<void>} limit To a share of one core; 1 ends it.
 * @property {() => Promise<void>} remove
 */

const NAME = `ttx-bench-${process.pid}`;

/** @param {string} file @param {string} text */
const write = (file, text) => writeFile(file, text);

/**
 * @param {object} group
 * @param {string} group.kind @param {string} group.root @param {string} group.home where this process came from
 * @param {(folder: string) => Promise<void>} group.weigh lets it have its share whatever else runs here
 * @param {(folder: string, share: number) => Promise<void>} group.limit
 * @returns {Promise<CpuQuota>}
 */
async function controlGroup({ kind, root, home, weigh, limit }) {
  const folder = `${root}/${NAME}`;
  await mkdir(folder);
  try {
    await limit(folder, 1);
    await weigh(folder);
    await write(`${folder}/cgroup.procs`, String(process.pid));
    await write(`${home}/cgroup.procs`, String(process.pid));
  } catch (error) {
    await rmdir(folder).catch(() => undefined);
    throw error;
  }
  return {
    kind,
    enter: () => write(`${folder}/cgroup.procs`, String(process.pid)),
    leave: () => write(`${home}/cgroup.procs`, String(process.pid)),
    limit: (share) => limit(folder, share),
    remove: () => rmdir(folder).catch(() => undefined),
  };
}

/** @param {RegExp} line of /proc/self/cgroup; its first group is the path */
async function ownGroup(line) {
  return line.exec(await readFile('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
}

/** @returns {Promise<CpuQuota>} */
async function version2() {
  const root = '/sys/fs/cgroup';
  await access(`${root}/cgroup.controllers`);
  await write(`${root}/cgroup.subtree_control`, '+cpu');
  return controlGroup({
    kind: 'cgroup v2',
    root,
    home: root + (await ownGroup(/^0::(.*)$/m)),
    weigh: (folder) => write(`${folder}/cpu.weight`, '10000'),
    limit: (folder, share) => write(`${folder}/cpu.max`, share >= 1 ? 'max' : `${PERIOD_US * share} ${PERIOD_US}`),
  });
}

/** @returns {Promise<CpuQuota>} */
async function version1() {
  const root = '/sys/fs/cgroup/cpu';
  await access(`${root}/cpu.cfs_quota_us`);
  return controlGroup({
    kind: 'cgroup v1',
    root,
    home: root + (await ownGroup(/^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m)),
    weigh: (folder) => write(`${folder}/cpu.shares`, '102400'),
    limit: async (folder, share) => {
      await write(`${folder}/cpu.cfs_period_us`, String(PERIOD_US));
      await write(`${folder}/cpu.cfs_quota_us`, share >= 1 ? '-1' : String(PERIOD_US * share));
    },
  });
}

/** @returns {CpuQuota} */
function stopAndContinue() {
  /** @type {AbortController | undefined} */
  let running;
  /** @param {readonly number[]} pids @param {NodeJS.Signals} signal */
  const send = (pids, signal) => {
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended.
      }
    }
  };
  const list = async () => (await findDescendants()).map(({ pid }) => pid);
  /** @param {number} ms */
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  return {
    kind: 'stopped and continued in turns',
    enter: async () => undefined,
    leave: async () => undefined,
    limit: async (share) => {
      running?.abort();
      if (share >= 1) return;
      running = new AbortController();
      const { signal } = running;
      void (async () => {
        let pids = await list();
        let listedMs = performance.now();
        while (!signal.aborted) {
          // Reading all of /proc takes a turn of its own; a browser's new processes are found soon enough.
          if (performance.now() - listedMs > RELIST_MS) {
            pids = await list();
            listedMs = performance.now();
          }
          send(pids, 'SIGSTOP');
          await pause((PERIOD_US / 1000) * (1 - share));
          send(pids, 'SIGCONT');
          await pause((PERIOD_US / 1000) * share);
        }
      })();
    },
    remove: async () => running?.abort(),
  };
}

/** Time that a program which never rests gets while it is held, as a share of a core. @param {CpuQuota} quota @param {number} share */
async function measureShare(quota, share) {
  const seconds = 0.5;
  const program = `
    const before = process.cpuUsage();
    const end = performance.now() + ${seconds * 1000};
    while (performance.now() < end);
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(String((user + system) / 1e6));`;
  await quota.enter();
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await quota.leave();
  await quota.limit(share);
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  await quota.limit(1);
  return Number(text) / seconds;
}

/** The best way there is here that is seen to work. @returns {Promise<CpuQuota>} */
export async function createCpuQuota() {
  const share = 0.25;
  for (const create of [version2, version1, async () => stopAndContinue()]) {
    try {
      const quota = await create();
      const measured = await measureShare(quota, share);
      // It starts a moment before it is held, and a stop takes a moment to arrive.
      if (measured < share * 1.5) return quota;
      await quota.remove();
    } catch {
      // Not mounted, or not ours to write.
    }
  }
  throw new Error('programs cannot be held to a part of a core here');
}
