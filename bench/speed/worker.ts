/** What a node computes, measured where it runs: in a worker, with its own workers beside it. */
import * as Comlink from 'comlink';
import { networkOf } from '../../src/core/decide.ts';
import type { SignatureVerdict } from '../../src/core/ed25519.ts';
import { isTtxError } from '../../src/core/error.ts';
import { markTxId, type TxId } from '../../src/core/id.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { searchWork } from '../../src/core/search.ts';
import { signedMessageOf } from '../../src/core/signature.ts';
import { decodeTransaction, type TransactionFile } from '../../src/core/transaction.ts';
import { Acceptor } from '../../src/node/ledger/accept.ts';
import { FastEd25519 } from '../../src/node/ledger/fast-ed25519.ts';
import { BulkVerifier } from '../../src/node/ledger/verifier.ts';
import { Miner } from '../../src/node/wallet/miner.ts';
import { createIdbStorage } from '../../src/storage/idb.ts';
import { monotonicClock, systemClock } from '../../src/time/clock.ts';
import { createMiners, createShards } from '../../workers/crews.ts';
import { acceptNaively, searchNaively, verifyNaively } from './naive.ts';

/** Things a second. */
export interface Rates {
  readonly ours: number;
  readonly naive: number;
}

/** How a pipeline ended, to be compared with what the economy says of itself. */
export interface Pipeline {
  readonly txPerSec: number;
  readonly accepted: number;
  readonly conflicted: number;
  readonly rejected: number;
  readonly supply: string;
}

export interface SpeedBench {
  /** Fetches an economy into memory. */
  load(url: string): Promise<number>;
  /** `perThread`: without shards, in the thread that measures the naive way. */
  verify(count: number, naiveCount: number): Promise<Rates & { readonly perThread: number; readonly isTrusted: boolean }>;
  /** For about `ms` each. `plain` is the fallback without WebAssembly. */
  work(ms: number): Promise<Rates & { readonly plain: number; readonly workers: number }>;
  /** Milliseconds from an abort until no worker searches any more. */
  abort(): Promise<number>;
  /** Decodes, checks, decides and commits the whole economy. */
  pipeline(): Promise<Pipeline>;
  /**
   * Single payments accepted in turns by a node with a thousand transactions and by one with all but the last `count` of the economy, each on disk
   * before the next. @returns medians in milliseconds
   */
  accept(count: number): Promise<{ readonly at1k: number; readonly atAll: number }>;
  /** The same in the naive way, with the first `count` files. @returns files a second */
  naive(count: number): Promise<number>;
}

/** What one peer is asked for at a time. */
const BATCH = 256;
/** Batches that have arrived and are not committed yet: as many as several peers together keep on the way. */
const BATCHES_AT_ONCE = 24;

let files: readonly Uint8Array[] = [];
const storage = createIdbStorage();
const ed25519 = new FastEd25519(crypto.subtle);
const { verify } = new BulkVerifier((signed) => ed25519.check(signed), monotonicClock, createShards());
const miners = createMiners();

async function timed(work: () => unknown): Promise<number> {
  const beganMs = performance.now();
  await work();
  return (performance.now() - beganMs) / 1000;
}

/** The first of the economy's transactions that are well-formed. */
function transactions(count: number): TransactionFile[] {
  const decoded: TransactionFile[] = [];
  for (const bytes of files) {
    if (decoded.length === count) break;
    try {
      decoded.push(decodeTransaction(bytes));
    } catch (error) {
      if (!isTtxError(error)) throw error;
    }
  }
  return decoded;
}

/** As the node's one door has them checked: decoding and hashing included. */
async function check(some: readonly TransactionFile[]): Promise<readonly SignatureVerdict[]> {
  const examined = await verify.examine?.(some.map(({ bytes }) => bytes));
  return (examined ?? []).flatMap((one) => ('verdict' in one ? one.verdict : []));
}

/** An empty node's one door, its store on disk. */
async function openNode(name?: TxId) {
  const [genesis] = files;
  if (genesis === undefined) throw new Error('no economy');
  const network = networkOf(decodeTransaction(genesis));
  await storage.deleteStore(name ?? network.id);
  const store = await storage.openStore(name ?? network.id);
  const ledger = new Ledger(network);
  return { store, ledger, acceptor: new Acceptor({ store, ledger, clock: systemClock, verify, decided: () => undefined }) };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const bench: SpeedBench = {
  async load(url) {
    const packed = new Uint8Array(await (await fetch(url)).arrayBuffer());
    const view = new DataView(packed.buffer);
    const loaded: Uint8Array[] = [];
    for (let at = 0; at < packed.length; ) {
      const length = view.getUint32(at, true);
      loaded.push(packed.slice(at + 4, at + 4 + length));
      at += 4 + length;
    }
    files = loaded;
    return files.length;
  },

  async verify(count, naiveCount) {
    const all = transactions(count);
    let verdicts: readonly SignatureVerdict[] = [];
    let naiveValid = 0;
    // Once to start the shards.
    await check(all.slice(0, 200));
    const seconds = await timed(async () => {
      verdicts = await check(all);
    });
    const valid = verdicts.filter((verdict) => verdict === 'valid').length;
    const some = all.slice(0, naiveCount);
    const naiveSeconds = await timed(() => {
      naiveValid = verifyNaively(some);
    });
    const accepted = some.filter((_, n) => verdicts[n] === 'valid').map(signedMessageOf);
    const threadSeconds = await timed(async () => {
      await Promise.all(accepted.map((signed) => ed25519.check(signed)));
    });
    if (valid === all.length || valid < 0.9 * all.length || naiveValid < 0.9 * naiveCount) throw new Error('wrong verdicts');
    return {
      ours: all.length / seconds,
      naive: some.length / naiveSeconds,
      perThread: accepted.length / threadSeconds,
      isTrusted: await ed25519.isTrusted(),
    };
  },

  async work(ms) {
    const core = crypto.getRandomValues(new Uint8Array(32));
    const bytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    const miner = new Miner(miners, systemClock, bytes, miners.parallel);
    await miner.measure();
    let ours = 0;
    const signal = AbortSignal.timeout(ms);
    await miner.mine(core, 60, signal, ({ triesPerSec }) => (ours = triesPerSec)).catch(() => undefined);
    const from = 1_000_000_000_000_000;
    const rate = async (search: typeof searchWork, guess: number) => {
      const count = Math.round((guess * ms) / 1000);
      return count / (await timed(() => search(core, 60, from, count)));
    };
    return { ours, plain: await rate(searchWork, 3_000_000), naive: await rate(searchNaively, 300_000), workers: miners.parallel };
  },

  async abort() {
    let running = 0;
    let endedMs = 0;
    const counted: typeof miners.search = async (...slice) => {
      running++;
      const nonce = await miners.search(...slice);
      running--;
      endedMs = performance.now();
      return nonce;
    };
    const bytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    const abort = new AbortController();
    const mining = new Miner({ search: counted }, systemClock, bytes, miners.parallel).mine(bytes(32), 60, abort.signal, () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 150 + 20 * Math.random()));
    const abortedMs = performance.now();
    abort.abort();
    await mining.catch(() => undefined);
    while (running > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    return Math.max(0, endedMs - abortedMs);
  },

  async accept(count) {
    const [small, large] = [await openNode(markTxId('1'.repeat(64))), await openNode()];
    await small.acceptor.accept(files.slice(0, 1_000));
    const rest = files.length - count;
    for (let from = 0; from < rest; from += 2_000) await large.acceptor.accept(files.slice(from, Math.min(rest, from + 2_000)));
    const times: readonly [number[], number[]] = [[], []];
    for (let n = 0; n < count; n++) {
      for (const [i, [node, bytes]] of (
        [
          [small, files[1_000 + n]],
          [large, files[rest + n]],
        ] as const
      ).entries()) {
        if (bytes === undefined) continue;
        const seconds = await timed(() => node.acceptor.accept([bytes]));
        times[i]?.push(seconds * 1_000);
      }
    }
    for (const { store } of [small, large]) await store.close();
    return { at1k: median(times[0]), atAll: median(times[1]) };
  },

  async naive(count) {
    const some = files.slice(0, count);
    return some.length / (await timed(() => acceptNaively(some)));
  },

  async pipeline() {
    const { store, ledger, acceptor } = await openNode();
    const kinds = { accepted: 0, conflicted: 0, rejected: 0, pending: 0 };
    let next = 0;
    const arrive = async () => {
      while (next < files.length) {
        const batch = files.slice(next, next + BATCH);
        next += BATCH;
        for (const { kind } of await acceptor.accept(batch)) kinds[kind]++;
      }
    };
    const seconds = await timed(() => Promise.all(Array.from({ length: BATCHES_AT_ONCE }, arrive)));
    await store.close();
    const { conflicted, rejected } = kinds;
    const supply = String(ledger.supply);
    return {
      txPerSec: files.length / seconds,
      accepted: ledger.size,
      conflicted,
      rejected,
      supply,
    };
  },
};

Comlink.expose(bench);
