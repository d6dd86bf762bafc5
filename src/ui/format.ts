/** How numbers, times and long identifiers are written for people. Amounts are written by `core/amount.ts`. */
import type { SyncState } from '../api/node.ts';
import { UNITS_PER_TTX } from '../core/amount.ts';

const DAY_MS = 86_400_000;

/** Made with its first use: making the first one keeps a slow phone busy for a twentieth of a second, and the first screen shows no time. */
function dateFormat(options: Intl.DateTimeFormatOptions): (ms: number) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (ms) => {
    format ??= new Intl.DateTimeFormat('en-GB', options);
    return format.format(ms);
  };
}

const longDay = dateFormat({ weekday: 'long', day: 'numeric', month: 'long' });
const longDayYear = dateFormat({ day: 'numeric', month: 'long', year: 'numeric' });
const clock = dateFormat({ hour: '2-digit', minute: '2-digit' });

function startOfDay(ms: number): number {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** The day as a heading: Today, Yesterday, “Friday 20 November”, or with its year when that is another one. */
export function formatDay(ms: number, nowMs: number): string {
  // Rounded, because a day of a clock change has 23 or 25 hours.
  const daysAgo = Math.round((startOfDay(nowMs) - startOfDay(ms)) / DAY_MS);
  if (daysAgo === 0) return 'Today';
  if (daysAgo === 1) return 'Yesterday';
  return new Date(ms).getFullYear() === new Date(nowMs).getFullYear() ? longDay(ms) : longDayYear(ms);
}

/** Hours and minutes. */
export const formatClock = (ms: number): string => clock(ms);

/** Day and time, for details. */
export const formatMoment = (ms: number): string => `${longDayYear(ms)}, ${clock(ms)}`;

/** A whole number with its digits grouped as those of amounts are. */
export const formatCount = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** The first three digits of a count; the rest would only flicker. */
const roughly = (count: number): number => Number(count.toPrecision(3));

/** `12,300 of about 100,000 payments, 1,250 a second`. */
export function syncSentence({ held, about, perSec }: SyncState): string {
  const rate = perSec > 0 ? `, ${formatCount(roughly(perSec))} a second` : '';
  return `${formatCount(held)} of about ${formatCount(Math.max(held, roughly(about)))} payments${rate}`;
}

/** `1 device`, `2 devices`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${formatCount(count)} ${count === 1 ? one : many}`;

/** Bytes, kilobytes or megabytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return plural(bytes, 'byte');
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Room in the unit in which it is given: kibibytes, mebibytes, gibibytes. */
export function formatRoom(bytes: number): string {
  const [size, unit] = bytes < 2 ** 20 ? [bytes / 2 ** 10, 'KiB'] : bytes < 2 ** 30 ? [bytes / 2 ** 20, 'MiB'] : [bytes / 2 ** 30, 'GiB'];
  return `${size < 10 ? Number(size.toFixed(1)) : Math.round(size)} ${unit}`;
}

/** A span of time as people say it, never more exact than it is. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 1.5) return 'about a second';
  if (seconds < 90) return `about ${Math.round(seconds)} seconds`;
  if (seconds < 5_400) return `about ${plural(Math.round(seconds / 60), 'minute')}`;
  return `about ${plural(Math.round(seconds / 3_600), 'hour')}`;
}

/** Head and tail of an address or id, enough to recognise it and never enough to be used. */
export function shorten(text: string, head = 10, tail = 6): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(text.length - tail)}`;
}

/** An address in short: its prefix, four characters of it and its last four. */
export const shortAddress = (address: string): string => shorten(address, address.lastIndexOf('1') + 5, 4);

/** Cuts an address into groups of four behind its prefix, for reading aloud and comparing. */
export function addressGroups(address: string): readonly string[] {
  const separator = address.lastIndexOf('1') + 1;
  return [address.slice(0, separator), ...(address.slice(separator).match(/.{1,4}/g) ?? [])].filter((group) => group !== '');
}

/** Whole TTX and the rest, so that the rest can be written smaller. */
export function splitAmount(text: string): readonly [whole: string, fraction: string] {
  const point = text.indexOf('.');
  return point < 0 ? [text, ''] : [text.slice(0, point), text.slice(point)];
}

/** Base units as a plain number of TTX, only for rough sentences about costs. */
export const roughTtx = (units: number): string => {
  const ttx = units / Number(UNITS_PER_TTX);
  return ttx === 0 ? '0' : ttx >= 100 ? formatCount(Math.round(ttx)) : String(Number(ttx.toPrecision(2)));
};
