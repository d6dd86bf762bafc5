/**
 * How many transactions become one database record: column by column, files end to end. A value for each transaction would
 * cost a hundred times as much to read back.
 */
import { idBytes, type TxId, txidFromBytes } from '../core/id.ts';
import type { Amendment, StoredTransaction } from './store.ts';

/** Most transactions in one record; also the base of {@link place}. */
export const RECORD_TRANSACTIONS = 1024;
/** Most bytes of files in one record: a single file is read back by reading its record, so records stay small. */
export const RECORD_BYTES = 262_144;

const VERDICTS = ['accepted', 'conflicted'] as const satisfies readonly StoredTransaction['verdict'][];

/** Transactions in columns: row n of each belongs together. Times are Unix milliseconds, NaN where absent. */
export interface PackedTransactions {
  /** 32 bytes a row. */
  readonly txids: Uint8Array<ArrayBuffer>;
  /** Index into {@link VERDICTS}. */
  readonly verdicts: Uint8Array<ArrayBuffer>;
  readonly firstSeenMs: Float64Array<ArrayBuffer>;
  readonly settledMs: Float64Array<ArrayBuffer>;
  readonly contestedMs: Float64Array<ArrayBuffer>;
  /** Where in `bytes` each file ends; it starts where the one before ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** All files, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Cuts a batch, in order, into runs that fit one record each. A file larger than a record gets one of its own. */
export function splitIntoRecords(transactions: readonly StoredTransaction[]): StoredTransaction[][] {
  const records: StoredTransaction[][] = [];
  let record: StoredTransaction[] = [];
  let sizeBytes = 0;
  for (const transaction of transactions) {
    const full = record.length === RECORD_TRANSACTIONS || sizeBytes + transaction.bytes.length > RECORD_BYTES;
    if (full && record.length > 0) {
      records.push(record);
      record = [];
      sizeBytes = 0;
    }
    record.push(transaction);
    sizeBytes += transaction.bytes.length;
  }
  if (record.length > 0) records.push(record);
  return records;
}

/** Packs the transactions of one record. */
export function packTransactions(transactions: readonly StoredTransaction[]): PackedTransactions {
  const count = transactions.length;
  const sizeBytes = transactions.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const packed: PackedTransactions = {
    txids: new Uint8Array(count * 32),
    verdicts: new Uint8Array(count),
    firstSeenMs: new Float64Array(count),
    settledMs: new Float64Array(count),
    contestedMs: new Float64Array(count),
    ends: new Uint32Array(count),
    bytes: new Uint8Array(sizeBytes),
  };
  let end = 0;
  for (const [row, transaction] of transactions.entries()) {
    packed.txids.set(idBytes(transaction.txid), row * 32);
    packed.verdicts[row] = VERDICTS.indexOf(transaction.verdict);
    packed.firstSeenMs[row] = transaction.firstSeenMs;
    packed.settledMs[row] = transaction.settledMs ?? Number.NaN;
    packed.contestedMs[row] = transaction.contestedMs ?? Number.NaN;
    packed.bytes.set(transaction.bytes, end);
    end += transaction.bytes.length;
    packed.ends[row] = end;
  }
  return packed;
}

/** The txids of a record, in order. */
export function unpackTxids({ txids }: PackedTransactions): TxId[] {
  return Array.from({ length: txids.length / 32 }, (_, row) => txidFromBytes(txids.subarray(row * 32, row * 32 + 32)));
}

/** The file in `row`: a copy, so that keeping it does not keep the whole record. */
export function unpackFile({ ends, bytes }: PackedTransactions, row: number): Uint8Array {
  return bytes.slice(row === 0 ? 0 : ends[row - 1], ends[row]);
}

/** The transaction in `row`, as it was packed. */
export function unpackTransaction(packed: PackedTransactions, row: number, txid: TxId): StoredTransaction {
  const settledMs = packed.settledMs[row] ?? Number.NaN;
  const contestedMs = packed.contestedMs[row] ?? Number.NaN;
  return {
    txid,
    bytes: unpackFile(packed, row),
    verdict: VERDICTS[packed.verdicts[row] ?? 0] ?? 'accepted',
    firstSeenMs: packed.firstSeenMs[row] ?? 0,
    ...(Number.isNaN(settledMs) ? {} : { settledMs }),
    ...(Number.isNaN(contestedMs) ? {} : { contestedMs }),
  };
}

/** Later amendments win, field by field. */
export function amend<T extends StoredTransaction | Amendment>(older: T, newer: Amendment): T {
  return { ...older, ...newer };
}

/** Record and row in one number: a Map entry without an object, for a hundred thousand of them. */
export const place = (seq: number, row: number): number => seq * RECORD_TRANSACTIONS + row;
/** The record of a {@link place}. */
export const seqOf = (value: number): number => Math.floor(value / RECORD_TRANSACTIONS);
/** The row of a {@link place}. */
export const rowOf = (value: number): number => value % RECORD_TRANSACTIONS;
