/** Reading the form that founds a network. Pure. */
import type { FoundRequest } from '../../api/node.ts';
import { HRP } from '../../core/address.ts';
import { parseAmount } from '../../core/amount.ts';
import { isTtxError } from '../../core/error.ts';
import type { Amount } from '../../core/id.ts';
import { MAX_NETWORK_NAME, MAX_PARAMETER } from '../../core/limit.ts';

/** What has been typed, as typed. */
export interface FoundForm {
  readonly name: string;
  readonly supply: string;
  readonly hrp: string;
  readonly burnPerByte: string;
  readonly workReward: string;
  readonly maxGain: string;
  readonly workBits: string;
}

/** The usual rules. */
export const USUAL: FoundForm = {
  name: '',
  supply: '1000000000',
  hrp: 'ttx',
  burnPerByte: '1000',
  workReward: '100000',
  maxGain: '0',
  workBits: '20',
};

/** Most work the form takes: about a minute for a fast device. */
export const MAX_FORM_WORK_BITS = 30;

/** Either the request or a sentence for each wrong field. */
export type FoundReading =
  | { readonly kind: 'ok'; readonly request: FoundRequest }
  | { readonly kind: 'wrong'; readonly errors: Partial<Record<keyof FoundForm, string>> };

function readInteger(text: string, most: number): number | undefined {
  const digits = text.replace(/[\s\u202f]/g, '');
  if (!/^\d{1,16}$/.test(digits)) return undefined;
  const value = Number(digits);
  return value <= most ? value : undefined;
}

function readSupply(text: string): Amount | undefined {
  try {
    const supply = parseAmount(text);
    return supply > 0n ? supply : undefined;
  } catch (error) {
    if (isTtxError(error)) return undefined;
    throw error;
  }
}

/** Reads the form. */
export function readFoundForm(form: FoundForm): FoundReading {
  const errors: Partial<Record<keyof FoundForm, string>> = {};
  const name = form.name.trim();
  const length = [...name].length;
  if (length === 0) errors.name = 'Give your network a name.';
  if (length > MAX_NETWORK_NAME) errors.name = `Use at most ${MAX_NETWORK_NAME} characters.`;
  const supply = readSupply(form.supply);
  if (supply === undefined) errors.supply = 'Enter an amount above 0 and up to 9007199254.740991, without commas.';
  const hrp = form.hrp.trim();
  if (!HRP.test(hrp)) errors.hrp = 'Use 1 to 16 small letters from a to z.';
  const number = (key: 'burnPerByte' | 'workReward' | 'maxGain') => {
    const value = readInteger(form[key], MAX_PARAMETER);
    if (value === undefined) errors[key] = `Enter a whole number from 0 to ${MAX_PARAMETER}.`;
    return value ?? 0;
  };
  const parameters = { name, hrp, burnPerByte: number('burnPerByte'), workReward: number('workReward'), maxGain: number('maxGain') };
  const workBits = readInteger(form.workBits, MAX_FORM_WORK_BITS);
  if (workBits === undefined) errors.workBits = `Enter a whole number from 0 to ${MAX_FORM_WORK_BITS}.`;
  if (supply === undefined || workBits === undefined || Object.keys(errors).length > 0) return { kind: 'wrong', errors };
  return { kind: 'ok', request: { parameters, supply, workBits } };
}
