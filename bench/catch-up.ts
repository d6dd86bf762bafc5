/** A fresh page catches up with a full one over WebRTC, while a liar offers it files that must never be accepted. */
import { expect, type TestInfo } from '@playwright/test';
import { openBrowser, Person } from '../e2e/person.ts';
import { type EconomySite, serveEconomy } from './economy-site.ts';
import { traceTasks } from './main-thread.ts';
import { findDescendants } from './processes.mjs';
import { listThreads } from './report.ts';
import { ThreadTimes } from './threads.mjs';
import { type Watched, watchedIn, watchStates } from './watched-states.ts';

const DESKTOP = { taps: false } as const;
/** Files changed after signing that the liar says it has accepted. */
const FORGED = 20;

export interface CatchUp {
  /** Transactions a second from the first peer's greeting to the same roots as the full node, by run. */
  readonly txPerSec: readonly number[];
  /** Of the page that caught up while a liar was there, in ms. */
  readonly longestTaskMs: number;
  /** Processor time of all browsers, by run. */
  readonly cpuUsPerTx: readonly number[];
  /** The same by thread, means of all runs, for people. */
  readonly threads: string;
}

/** Polls between two looks at the threads: shards end after ten idle seconds. */
const LOOK_EVERY = 8;

/** Who gives and who takes, by the names of their profiles. */
const SIDES = [
  ['gives', 'profile-ada'],
  ['takes', 'profile-bob'],
] as const;

const cpuUs = async () => (await findDescendants()).reduce((sum, { ticks }) => sum + ticks * 10_000, 0);

async function openPerson(
  name: string,
  site: EconomySite,
  info: TestInfo,
  prepare: Parameters<EconomySite['fill']>[1] | undefined,
): Promise<Person> {
  const context = await openBrowser(info.outputPath(`profile-${name}`));
  if (prepare !== undefined) await site.fill(context, prepare);
  await context.addInitScript(watchStates, site.facts.accepted);
  const person = new Person(name, context, site.url, DESKTOP);
  await person.open();
  return person;
}

/** Until a node holds `count` transactions. */
async function untilHeld({ page }: Person, count: number): Promise<void> {
  await expect.poll(async () => (await watchedIn(page)).transactions, { timeout: 120_000 }).toBe(count);
}

async function untilInSync(
  { page }: Person,
  timeoutMs: number,
  look: () => Promise<unknown> = async () => undefined,
): Promise<Watched & { readonly connectedMs: number; readonly inSyncMs: number }> {
  const beganMs = Date.now();
  for (let polls = 1; ; polls++) {
    if (polls % LOOK_EVERY === 0) await look();
    const watched = await watchedIn(page);
    const { connectedMs, inSyncMs } = watched;
    if (connectedMs !== undefined && inSyncMs !== undefined) return { ...watched, connectedMs, inSyncMs };
    if (Date.now() - beganMs > timeoutMs) throw new Error(`not in sync: ${JSON.stringify(watched)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Catches up with `count` transactions: once beside a liar, then `runs` times, always as somebody who has never been here. */
export async function catchUp(info: TestInfo, count: number, runs: number): Promise<CatchUp> {
  const site = await serveEconomy(info, count);
  const { accepted, supply } = site.facts;
  const ada = await openPerson('ada', site, info, (bench, economy) => bench.fill(economy, 1_000, Number.MAX_SAFE_INTEGER));
  await ada.join(site.invitation);
  await untilHeld(ada, accepted);
  const visit = async (name: string, work: (bob: Person) => Promise<void>) => {
    const bob = await openPerson(name, site, info, undefined);
    await work(bob);
    // Fast and wrong is no figure.
    const ended = await watchedIn(bob.page);
    expect({ transactions: ended.transactions, supply: ended.supply }).toEqual({ transactions: accepted, supply });
    await bob.close();
  };

  let longestTaskMs = 0;
  const mallory = await openPerson('mallory', site, info, (bench, economy) => bench.plant(economy, Number.MAX_SAFE_INTEGER, FORGED));
  await mallory.join(site.invitation);
  await visit('bob-lied-to', async (bob) => {
    const endTrace = await traceTasks(bob.page);
    await bob.join(site.invitation);
    await untilInSync(bob, 240_000);
    longestTaskMs = await endTrace();
    await expect.poll(async () => (await watchedIn(bob.page)).peers.length).toBe(1);
    expect((await watchedIn(bob.page)).mostPeers).toBe(2);
  });
  await mallory.close();

  const txPerSec: number[] = [];
  const cpuUsPerTx: number[] = [];
  const threads = new Map<string, number>();
  for (let run = 0; run < runs; run++) {
    await visit(`bob-${run}`, async (bob) => {
      const sides = SIDES.map(([does, profile]) => ({ does, times: new ThreadTimes((command) => command.includes(profile)) }));
      const look = () => Promise.all(sides.map(({ times }) => times.look()));
      await look();
      const before = await cpuUs();
      await bob.join(site.invitation);
      const { connectedMs, inSyncMs } = await untilInSync(bob, 240_000, look);
      cpuUsPerTx.push(((await cpuUs()) - before) / accepted);
      await look();
      for (const { does, times } of sides)
        for (const [kind, us] of times.list()) {
          const name = `${does}: ${kind}`;
          threads.set(name, (threads.get(name) ?? 0) + us / accepted / runs);
        }
      txPerSec.push(((accepted - 1) * 1_000) / (inSyncMs - connectedMs));
    });
  }
  await ada.close();
  await site.close();
  return { txPerSec, longestTaskMs, cpuUsPerTx, threads: listThreads(threads) };
}
