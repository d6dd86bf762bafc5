/** The node's own workers: those that search for work and those that check signatures. Most visits need neither. */
import { transfer } from 'comlink';
import type { VerifyApi } from '../src/api/verify.ts';
import type { WorkApi } from '../src/api/work.ts';
import { TtxError } from '../src/core/error.ts';
import type { Shards } from '../src/node/ledger/verifier.ts';
import { WorkerPool } from './worker-pool.ts';

const IDLE_MS = 10_000;
/** More would heat a phone and take memory, not time. */
const MOST = 4;
const cores = navigator.hardwareConcurrency ?? 2;

/** Searches in several workers at a time, and leaves a core to the person. */
export function createMiners(): WorkApi & { readonly parallel: number } {
  const pool = new WorkerPool<WorkApi>({
    start: () => new Worker(new URL('./work.worker.ts', import.meta.url), { type: 'module', name: 'work' }),
    size: Math.min(MOST, Math.max(1, cores - 1)),
    idleMs: IDLE_MS,
    lost: () => new TtxError('work-lost'),
  });
  return { parallel: pool.size, search: (core, bits, from, count) => pool.run((api) => api.search(core, bits, from, count)) };
}

/** Workers that decode files and check their signatures. */
export function createShards(): Shards {
  const pool = new WorkerPool<VerifyApi>({
    start: () => new Worker(new URL('./verify.worker.ts', import.meta.url), { type: 'module', name: 'verify' }),
    size: Math.min(MOST, cores),
    idleMs: IDLE_MS,
    lost: () => new TtxError('work-lost'),
  });
  return { size: pool.size, check: (batch) => pool.run((api) => api.check(transfer(batch, [batch.buffer]))), end: () => pool.end() };
}
