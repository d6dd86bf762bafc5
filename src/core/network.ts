import type { Address } from './id.ts';
/** The five numbers and names that a genesis commits to (`modules.network`). */
export interface NetworkParameters {
  /** 1 … 32 Unicode code points. */
  readonly name: string;
  /** Address prefix, `[a-z]{1,16}`. */
  readonly hrp: string;
  /** Base units burned per byte of a transaction file. */
  readonly burnPerByte: number;
  /** Base units earned per leading zero bit above the branch's mean. */
  readonly workReward: number;
  /** Most that work may earn beyond the burn, in base units; 0 = work makes a payment free, never profitable. */
  readonly maxGain: number;
}
export type { Address };
