/** Founding a network, and fetching the genesis of one that somebody else founded. */
import type { FoundRequest } from '../../api/node.ts';
import { addressOf } from '../../core/address.ts';
import { isTtxError, TtxError } from '../../core/error.ts';
import type { PublicKey } from '../../core/id.ts';
import { MAX_INTEGER } from '../../core/limit.ts';
import type { Magnet } from '../../core/link.ts';
import { checkParameters } from '../../core/network.ts';
import { type Draft, decodeTransaction, encodeTransaction, type Transaction, workCore } from '../../core/transaction.ts';
import type { Swarm } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import type { JobHandle } from './jobs.ts';
import { MAX_WORK_BITS, type Miner } from './miner.ts';

interface Founder {
  readonly key: PublicKey;
  readonly sign: (draft: Draft, nonce: number) => Promise<Transaction>;
  readonly miner: Miner;
  readonly clock: Clock;
  readonly job: JobHandle;
}

function checkRequest({ parameters, supply, workBits }: FoundRequest): void {
  try {
    checkParameters({ ...parameters });
  } catch (error) {
    throw isTtxError(error) ? new TtxError('network-parameters', error.detail) : error;
  }
  if (parameters.name.trim() !== parameters.name || /\p{Cc}|\p{Surrogate}/u.test(parameters.name))
    throw new TtxError('network-parameters', { what: 'name' });
  if (supply < 1n || supply > BigInt(MAX_INTEGER)) throw new TtxError('network-parameters', { what: 'supply' });
  if (!Number.isInteger(workBits) || workBits < 0 || workBits > MAX_WORK_BITS) throw new TtxError('network-parameters', { what: 'work' });
}

/**
 * Works on and signs a genesis that pays the whole supply to its founder.
 * @returns the genesis file
 * @throws {TtxError} `network-parameters` with `what`, `cancelled`
 */
export async function buildGenesis(request: FoundRequest, { key, sign, miner, clock, job }: Founder): Promise<Uint8Array> {
  checkRequest(request);
  const draft: Draft = {
    time: clock.nowMs(),
    to: addressOf(key, request.parameters.hrp),
    tokens: request.supply,
    key,
    prev: null,
    ref: [],
    modules: { network: { ...request.parameters } },
  };
  job.show({ expectedTries: 2 ** request.workBits });
  const nonce = await miner.mine(workCore(draft), request.workBits, job.signal, (progress) => job.show(progress));
  job.show({ stage: 'signing' });
  return encodeTransaction(await sign(draft, nonce));
}

interface Fetcher {
  readonly createSwarm: () => Swarm;
  readonly trackers: readonly string[];
  readonly job: JobHandle;
}

/**
 * The genesis file that an invitation names, from the link itself or from whoever seeds it; looks until it is found or the job ends.
 * @throws {TtxError} `cancelled`, `locator` when something else arrives than the invitation says, or why it is not a genesis
 */
export async function fetchGenesis(magnet: Magnet, { createSwarm, trackers, job }: Fetcher): Promise<Uint8Array> {
  const inline = magnet.file === undefined ? undefined : checkGenesis(magnet.file, magnet);
  if (inline !== undefined) return inline;
  job.show({ stage: 'looking' });
  const swarm = createSwarm();
  const ignore = () => undefined;
  await swarm.start({ peer: ignore, message: ignore, gone: ignore, changed: ignore });
  try {
    swarm.setTrackers([...new Set([...trackers, ...magnet.trackers])]);
    const connected = (peers: number) => job.show({ stage: peers > 0 ? 'fetching' : 'looking' });
    const bytes = await swarm.fetch(magnet.infohash, { trackers: magnet.trackers, signal: job.signal, connected });
    const genesis = checkGenesis(bytes, magnet);
    if (genesis === undefined) throw new TtxError('locator');
    return genesis;
  } finally {
    await swarm.stop();
  }
}

/** The file, if it is the one that the magnet names. @throws {TtxError} why it is not a genesis */
function checkGenesis(bytes: Uint8Array, magnet: Magnet): Uint8Array | undefined {
  const file = decodeTransaction(bytes);
  if (file.infohash !== magnet.infohash || (magnet.txid !== undefined && file.txid !== magnet.txid)) return undefined;
  if (file.transaction.prev !== null) throw new TtxError('link', { what: 'not a genesis' });
  return bytes;
}
