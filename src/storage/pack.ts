/**
 * How many transactions become few database records. Entries stand in packs, column by column, thousands in one; files stand end to
 * end in records of their own, which opening an app does not read. Both name a transaction by its position in the order of commits.
 */
import { joinBytes } from '../core/bytes.ts';
import type { Entry } from '../core/entry.ts';
import { type EarlierEntries, type EntryPack, encodeEntries, joinEntryPacks } from '../core/entry-codec.ts';
import type { TxId } from '../core/id.ts';
import type { Amendment, LaterTime, StoredEntry } from './store.ts';

/**
 * Most entries in one pack: some 50 kB, two hundred packs for a hundred thousand transactions. From 64 KiB on Chromium makes a blob of each
 * value, which costs whoever writes or reads it more than all else.
 */
export const PACK_ENTRIES = 512;
/** Most files in one record. */
export const RECORD_FILES = 1_024;
/** Most bytes of files in one record, for the same reason; and a single file is read back by reading its record. */
export const RECORD_BYTES = 57_344;

type Times = Float64Array<ArrayBuffer>;

const LATER_TIMES: readonly LaterTime[] = ['settledMs', 'confirmedMs', 'contestedMs', 'deliveredMs', 'chosenMs', 'withdrawnMs'];

/** Entries that follow one another, with what changes about them. Columns that would say nothing are absent; NaN where a time is. */
export interface PackRecord extends EntryPack, Readonly<Partial<Record<LaterTime, Times>>> {
  readonly count: number;
  readonly firstSeenMs: Times;
  /** 1 where the file was dropped. */
  readonly dropped?: Uint8Array<ArrayBuffer>;
  /** Of conflicted ones, by row. */
  readonly winners: readonly (readonly [row: number, winners: readonly TxId[]])[];
}

/** An amendment of the transaction at a position. */
export type PositionedAmendment = Omit<Amendment, 'txid'> & { readonly position: number };

/** Packs transactions that will stand at `first` and behind it. */
export function packEntries(stored: readonly StoredEntry[], first: number, earlier: EarlierEntries): PackRecord {
  const entries = encodeEntries(
    stored.map(({ entry }) => entry),
    first,
    earlier,
  );
  const firstSeenMs = Float64Array.from(stored, (one) => one.firstSeenMs);
  const winners = stored.flatMap((one, row) => (one.winners.length > 0 ? [[row, one.winners] as const] : []));
  const later = laterTimes((time) => timesOf(stored.map((one) => one[time])));
  return { ...entries, count: stored.length, firstSeenMs, winners, ...later };
}

/** Those of the later times that there are. */
function laterTimes<T>(read: (time: LaterTime) => T | undefined): Partial<Record<LaterTime, T>> {
  const found: Partial<Record<LaterTime, T>> = {};
  for (const time of LATER_TIMES) {
    const value = read(time);
    if (value !== undefined) found[time] = value;
  }
  return found;
}

function timesOf(values: readonly (number | undefined)[]): Times | undefined {
  return values.every((value) => value === undefined) ? undefined : Float64Array.from(values, (value) => value ?? Number.NaN);
}

/** What stands in a pack, beside its entries, which are read in order from the first pack on. */
export function unpackEntries(pack: PackRecord, entries: readonly Entry[]): StoredEntry[] {
  const winners = new Map(pack.winners);
  return entries.map((entry, row) => {
    const later = laterTimes((time) => {
      const ms = pack[time]?.[row];
      return ms === undefined || Number.isNaN(ms) ? undefined : ms;
    });
    return { entry, winners: winners.get(row) ?? NO_WINNERS, firstSeenMs: pack.firstSeenMs[row] ?? 0, ...later };
  });
}

/** One for all: nearly every transaction has none. */
const NO_WINNERS: readonly TxId[] = [];

/** Later amendments win, field by field. */
export function amend<T extends StoredEntry | PositionedAmendment>(older: T, newer: Partial<Omit<Amendment, 'txid'>>): T {
  const { winners = older.winners } = newer;
  return { ...older, ...laterTimes((time) => newer[time]), ...(winners === undefined ? {} : { winners }) };
}

/** A pack with amendments written into it. `row` counts within the pack; the later ones of a row win. */
export function amendPack(pack: PackRecord, amendments: readonly (Omit<Amendment, 'txid'> & { readonly row: number })[]): PackRecord {
  const winners = new Map(pack.winners);
  const later = laterTimes((time) => {
    const changes = amendments.filter((one) => one[time] !== undefined);
    const after = changes.length === 0 ? undefined : (pack[time]?.slice() ?? new Float64Array(pack.count).fill(Number.NaN));
    for (const change of changes) if (after !== undefined) after[change.row] = change[time] ?? Number.NaN;
    return after;
  });
  for (const { row, winners: changed } of amendments) {
    if (changed?.length === 0) winners.delete(row);
    else if (changed !== undefined) winners.set(row, changed);
  }
  return { ...pack, winners: [...winners], ...later };
}

/** A pack that says of these rows whether their files were dropped. */
export function markDropped(pack: PackRecord, rows: readonly number[], isDropped: boolean): PackRecord {
  const dropped = pack.dropped?.slice() ?? new Uint8Array(pack.count);
  for (const row of rows) dropped[row] = isDropped ? 1 : 0;
  return { ...pack, dropped };
}

/** One pack out of packs that follow one another. */
export function joinPacks(packs: readonly PackRecord[]): PackRecord {
  const count = packs.reduce((sum, pack) => sum + pack.count, 0);
  const later = laterTimes((time) => {
    if (packs.every((pack) => pack[time] === undefined)) return undefined;
    return joinTimes(packs.map((pack) => pack[time] ?? new Float64Array(pack.count).fill(Number.NaN)));
  });
  const winners: [number, readonly TxId[]][] = [];
  let before = 0;
  for (const pack of packs) {
    for (const [row, lost] of pack.winners) winners.push([before + row, lost]);
    before += pack.count;
  }
  const isAnyDropped = packs.some((pack) => pack.dropped !== undefined);
  return {
    ...joinEntryPacks(packs),
    count,
    firstSeenMs: joinTimes(packs.map((pack) => pack.firstSeenMs)),
    winners,
    ...later,
    ...(isAnyDropped ? { dropped: joinBytes(packs.map((pack) => pack.dropped ?? new Uint8Array(pack.count))) } : {}),
  };
}

const joinTimes = (columns: readonly Times[]): Times =>
  new Float64Array(joinBytes(columns.map((one) => new Uint8Array(one.buffer))).buffer);

/** Bytes that a pack takes up, near enough. */
export function packBytes({ ids, addresses, rows, firstSeenMs, settledMs, confirmedMs, contestedMs, dropped }: PackRecord): number {
  return [ids, addresses, rows, firstSeenMs, settledMs, confirmedMs, contestedMs, dropped].reduce(
    (sum, column) => sum + (column?.byteLength ?? 0),
    0,
  );
}

/** A file by the position of its transaction. */
export interface PositionedFile {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** Files of transactions in ascending order of position; between two, there may be some whose files were dropped. */
export interface FileRecord {
  readonly positions: Uint32Array<ArrayBuffer>;
  /** Where in `bytes` each file ends; it starts where the one before ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Cuts files, in order, into runs that fit one record each. A file larger than a record gets one of its own. */
export function splitIntoRecords(files: readonly PositionedFile[]): PositionedFile[][] {
  const records: PositionedFile[][] = [];
  let record: PositionedFile[] = [];
  let sizeBytes = 0;
  for (const file of files) {
    const full = record.length === RECORD_FILES || sizeBytes + file.bytes.length > RECORD_BYTES;
    if (full && record.length > 0) {
      records.push(record);
      record = [];
      sizeBytes = 0;
    }
    record.push(file);
    sizeBytes += file.bytes.length;
  }
  if (record.length > 0) records.push(record);
  return records;
}

/** Packs the files of one record. */
export function packFiles(files: readonly PositionedFile[]): FileRecord {
  let end = 0;
  const ends = Uint32Array.from(files, ({ bytes }) => {
    end += bytes.length;
    return end;
  });
  return { positions: Uint32Array.from(files, ({ position }) => position), ends, bytes: joinBytes(files.map(({ bytes }) => bytes)) };
}

/** The files of a record: views of it. */
export function unpackFiles({ positions, ends, bytes }: FileRecord): PositionedFile[] {
  return Array.from(positions, (position, row) => ({ position, bytes: bytes.subarray(row === 0 ? 0 : ends[row - 1], ends[row]) }));
}
