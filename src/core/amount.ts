/** Amounts as people write them: TTX with up to 6 decimals. Everything else in the project counts base units. */
import { TtxError } from './error.ts';
import { type Amount, amount } from './id.ts';
import { MAX_INTEGER } from './limit.ts';

/** Base units in one TTX. */
export const UNITS_PER_TTX = 1_000_000n;

const WRITTEN = /^(\d*)(?:\.(\d{0,6}))?$/;

/**
 * Reads an amount of TTX: digits, optionally a point and up to 6 decimals. Spaces around it and between digits are ignored;
 * a comma is refused, because it means thousands to some and decimals to others.
 * @throws {TtxError} `amount`
 */
export function parseAmount(text: string): Amount {
  const [, whole = '', fraction = ''] = WRITTEN.exec(text.replace(/[\s\u00a0\u202f]/g, '')) ?? [];
  if (whole === '' && fraction === '') throw new TtxError('amount', { text: text.slice(0, 40) });
  if (whole.length > 16) throw new TtxError('amount', { text: text.slice(0, 40) });
  const units = BigInt(whole === '' ? '0' : whole) * UNITS_PER_TTX + BigInt(fraction.padEnd(6, '0'));
  if (units > BigInt(MAX_INTEGER)) throw new TtxError('amount', { text: text.slice(0, 40) });
  return amount(units);
}

/**
 * Writes base units as TTX without trailing zeros, digits grouped by narrow no-break spaces: 1234567500000n → "1 234 567.5".
 * With `plain` there is no grouping, so that the text can be edited and parsed everywhere. Negative values keep their sign.
 */
export function formatAmount(units: bigint, style: 'grouped' | 'plain' = 'grouped'): string {
  const absolute = units < 0n ? -units : units;
  const whole = (absolute / UNITS_PER_TTX).toString();
  const grouped = style === 'plain' ? whole : whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
  const fraction = (absolute % UNITS_PER_TTX).toString().padStart(6, '0').replace(/0+$/, '');
  return `${units < 0n ? '\u2212' : ''}${grouped}${fraction === '' ? '' : `.${fraction}`}`;
}
