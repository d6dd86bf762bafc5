/** What it costs two nodes to find the few transactions by which they differ: real ledgers, trees and wires, without files. */
import { sha256 } from '@noble/hashes/sha2.js';
import { addressOf } from '../src/core/address.ts';
import type { Entry } from '../src/core/entry.ts';
import { amount, type Hash, infohashFromBytes, publicKeyFromBytes, type TxId, txidFromBytes } from '../src/core/id.ts';
import { Ledger } from '../src/core/ledger.ts';
import type { State } from '../src/core/state-summary.ts';
import { LoopbackHub } from '../src/net/loopback.ts';
import { Exchange } from '../src/node/peers/exchange.ts';
import { PREPARED_AT_ONCE, Reporter } from '../src/node/peers/reporter.ts';
import { Sync } from '../src/node/peers/sync.ts';
import type { Topic } from '../src/node/peers/topic.ts';
import { VirtualClock } from '../src/time/virtual-clock.ts';

/** Of this process: other work on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const bytesOf = (text: string) => sha256(new TextEncoder().encode(text));
const PEOPLE = Array.from({ length: 1_000 }, (_, n) => addressOf(publicKeyFromBytes(bytesOf(`person ${n}`)), 'ttx'));
const NETWORK = {
  id: txidFromBytes(bytesOf('genesis')),
  infohash: infohashFromBytes(bytesOf('genesis').slice(0, 20)),
  parameters: { name: 'bench', hrp: 'ttx', burnPerByte: 0, workReward: 0, maxGain: 0 },
};

/** An accepted transaction of two coins; each spends the change of the one before. */
function makeEntry(name: string, prev: readonly TxId[], n: number): Entry {
  const id = bytesOf(name);
  const nothing = amount(0);
  const [sender = PEOPLE[0], to = sender] = [PEOPLE[0], PEOPLE[n % PEOPLE.length]];
  if (sender === undefined || to === undefined) throw new Error('nobody there');
  return {
    txid: txidFromBytes(id),
    infohash: infohashFromBytes(id.slice(0, 20)),
    prev,
    sender,
    to,
    tokens: amount(10),
    change: amount(1_000_000),
    burn: nothing,
    reward: nothing,
    charge: nothing,
    trail: [10],
    sizeBytes: 500,
  };
}

function makeEntries(count: number): readonly Entry[] {
  const entries: Entry[] = [];
  for (let n = 0; n < count; n++)
    entries.push(
      makeEntry(
        `transaction ${n}`,
        entries.slice(-1).map(({ txid }) => txid),
        n,
      ),
    );
  return entries;
}

/** What was measured. */
export interface Differences {
  /** Questions and answers one after another, by both sides. */
  readonly roundTrips: number;
  /** All that both sides said, greetings included. */
  readonly bytes: number;
  /** Virtual milliseconds from meeting to knowing, at 50 ms one way. */
  readonly elapsedMs: number;
  /** CPU time of computing both roots of `count` transactions from nothing. */
  readonly rootsMs: number;
  /** Of it, the longest part without a break. */
  readonly longestTurnMs: number;
  /** CPU time of computing both roots again after one more. */
  readonly oneMoreMs: number;
  readonly roots: readonly Hash[];
}

/** Lets two nodes that share `count` transactions, and have `each` of their own, meet until both know what they lack. */
export async function findDifferences(count: number, each: number): Promise<Differences> {
  const common = makeEntries(count);
  const clock = new VirtualClock();
  let bytes = 0;
  let roundTrips = 0;
  const hub = new LoopbackHub({
    clock,
    latencyMs: () => 50,
    sent: (_from, _to, sizeBytes) => {
      bytes += sizeBytes;
    },
  });
  const sides = ['ours', 'theirs'].map((name) => {
    const ledger = new Ledger(NETWORK);
    for (const entry of common) ledger.restore(entry, []);
    const turnsMs: number[] = [];
    let state: State | undefined;
    while (state === undefined) {
      const before = cpuMs();
      state = ledger.prepareState(PREPARED_AT_ONCE);
      turnsMs.push(cpuMs() - before);
    }
    const { transactionsRoot } = state.summary;
    const rootsMs = turnsMs.reduce((sum, ms) => sum + ms, 0);
    const entries = Array.from({ length: each }, (_, n) => makeEntry(`${name} ${n}`, [], n));
    const middle = cpuMs();
    for (const entry of entries) {
      ledger.apply(entry.txid, { kind: 'accepted', entry });
      ledger.summary();
    }
    const oneMoreMs = (cpuMs() - middle) / each;

    const lacking = new Set<TxId>();
    const lack = (txids: readonly TxId[]) => {
      for (const txid of txids) if (ledger.find(txid) === undefined) lacking.add(txid);
    };
    const listening: Topic = {
      joined: () => undefined,
      left: () => undefined,
      receive: (_peer, message) => {
        if (message.t === 'nodes') roundTrips++;
        if (message.t === 'inv') lack(message.held.map(({ txid }) => txid));
      },
    };
    const failed = (error: unknown) => {
      throw error;
    };
    const reporter: Reporter = new Reporter({
      ledger,
      clock,
      isLight: () => false,
      isCatchingUp: () => sync.isCatchingUp,
      prepared: () => sync.grown(),
      failed,
    });
    const sync = new Sync({
      ledger,
      isLight: () => false,
      clock,
      state: () => reporter.recent(),
      want: (_peer, txids) => lack(txids),
      awaitedOf: () => 0,
      compared: () => undefined,
      changed: () => undefined,
    });
    const exchange = new Exchange({
      ledger,
      clock,
      software: 'bench/1',
      mode: () => 'full',
      summary: () => reporter.summary(),
      topics: [listening, sync, reporter],
      ask: () => undefined,
      changed: () => undefined,
    });
    const swarm = hub.createSwarm();
    swarm.seed({ infohash: NETWORK.infohash, bytes: new Uint8Array(1), role: 'genesis' });
    return { swarm, exchange, lacking, rootsMs, longestTurnMs: Math.max(...turnsMs), oneMoreMs, transactionsRoot };
  });
  const startedAtMs = clock.nowMs();
  for (const { swarm, exchange } of sides) {
    await swarm.start({
      peer: (peer) => exchange.join(peer),
      message: (peer, message) => exchange.receive(peer, message),
      gone: (peer) => exchange.leave(peer),
      changed: () => undefined,
    });
  }
  if (!(await clock.until(() => sides.every(({ lacking }) => lacking.size === each)))) throw new Error('they never found out');
  return {
    roundTrips,
    bytes,
    elapsedMs: clock.nowMs() - startedAtMs,
    rootsMs: Math.min(...sides.map(({ rootsMs }) => rootsMs)),
    longestTurnMs: Math.min(...sides.map(({ longestTurnMs }) => longestTurnMs)),
    oneMoreMs: Math.min(...sides.map(({ oneMoreMs }) => oneMoreMs)),
    roots: sides.map(({ transactionsRoot }) => transactionsRoot),
  };
}
