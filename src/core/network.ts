/** Network parameters: what a genesis commits to in `modules.network`, and nothing may change afterwards. */
import { HRP } from './address.ts';
import { TtxError } from './error.ts';
import type { Json, JsonObject } from './json.ts';
import { MAX_NETWORK_NAME, MAX_PARAMETER } from './limit.ts';

/** The rules a network was founded with. */
export interface NetworkParameters {
  /** 1 … 32 Unicode code points, without spaces at its ends or control characters in the wallets that write it. */
  readonly name: string;
  /** Address prefix, `[a-z]{1,16}`. */
  readonly hrp: string;
  /** Base units burned per byte of a transaction file, 0 … 2^40. */
  readonly burnPerByte: number;
  /** Base units earned per leading zero bit above the branch's mean, 0 … 2^40. */
  readonly workReward: number;
  /** Most that work may earn beyond the burn, in base units, 0 … 2^40; 0 = work makes a payment free, never profitable. */
  readonly maxGain: number;
}

/** The usual parameters, offered to founders. */
export const USUAL_PARAMETERS: Omit<NetworkParameters, 'name'> = { hrp: 'ttx', burnPerByte: 1000, workReward: 100_000, maxGain: 0 };

function isParameter(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MAX_PARAMETER;
}

/**
 * CONSENSUS. Reads `modules.network`: exactly the five fields.
 * @throws {TtxError} `schema`
 */
export function checkParameters(value: Json | undefined): NetworkParameters {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TtxError('schema', { what: 'modules.network' });
  const object = value as JsonObject;
  const { name, hrp, burnPerByte, workReward, maxGain } = object;
  if (Object.keys(object).length !== 5) throw new TtxError('schema', { what: 'modules.network' });
  const length = typeof name === 'string' ? [...name].length : 0;
  if (typeof name !== 'string' || length < 1 || length > MAX_NETWORK_NAME) throw new TtxError('schema', { what: 'name' });
  if (typeof hrp !== 'string' || !HRP.test(hrp)) throw new TtxError('schema', { what: 'hrp' });
  if (!isParameter(burnPerByte)) throw new TtxError('schema', { what: 'burnPerByte' });
  if (!isParameter(workReward)) throw new TtxError('schema', { what: 'workReward' });
  if (!isParameter(maxGain)) throw new TtxError('schema', { what: 'maxGain' });
  return { name, hrp, burnPerByte, workReward, maxGain };
}
