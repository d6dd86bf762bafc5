import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { Entry } from './entry.ts';
import { type EarlierEntries, type EntryPack, EntryReader, encodeEntries, joinEntryPacks } from './entry-codec.ts';
import { isTtxError } from './error.ts';
import { amount, infohashFromBytes, markAddress, type TxId, txidFromBytes } from './id.ts';

const txid = (n: number): TxId => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(28, n);
  return txidFromBytes(bytes);
};

const arbitraryUnits = fc.oneof(
  fc.constant(0n),
  fc.bigInt(0n, 2n ** 53n),
  fc.bigInt(0n, 2n ** 80n),
  fc.constantFrom(2n ** 53n - 1n, 2n ** 53n),
);
const arbitraryAddress = fc.constantFrom('ttx1alice', 'ttx1bob', 'x1', `longer1${'q'.repeat(70)}`);

/** Histories of any shape: each entry names some of those before it, or some that nobody knows. */
const arbitraryHistory: fc.Arbitrary<Entry[]> = fc
  .array(
    fc.record({
      parents: fc.uniqueArray(fc.nat(40), { maxLength: 5 }),
      sender: arbitraryAddress,
      to: arbitraryAddress,
      units: fc.array(arbitraryUnits, { minLength: 5, maxLength: 5 }),
      trail: fc.array(fc.nat(256), { minLength: 1, maxLength: 5 }),
      sizeBytes: fc.integer({ min: 1, max: 16_384 }),
      infohash: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    }),
    { maxLength: 30 },
  )
  .map((rows) =>
    rows.map(({ parents, sender, to, units, trail, sizeBytes, infohash }, n) => ({
      txid: txid(n),
      infohash: infohashFromBytes(infohash),
      // Beyond 1000: unknown here.
      prev: [...new Set(parents.map((back) => (back < n ? txid(n - 1 - back) : txid(1000 + back))))],
      sender: markAddress(sender),
      to: markAddress(to),
      tokens: amount(units[0] ?? 0),
      change: amount(units[1] ?? 0),
      burn: amount(units[2] ?? 0),
      reward: amount(units[3] ?? 0),
      charge: amount(units[4] ?? 0),
      trail,
      sizeBytes,
    })),
  );

const among = (entries: readonly Entry[]): EarlierEntries => ({
  positionOf: (id) => {
    const at = entries.findIndex((entry) => entry.txid === id);
    return at < 0 ? undefined : at;
  },
  at: (position) => entries[position],
  payeeAt: (address) => {
    const at = entries.findIndex((entry) => entry.to === address);
    return at < 0 ? undefined : at;
  },
});

/** Packs a history in pieces that end at `cuts`. */
function pack(history: readonly Entry[], cuts: readonly number[]): EntryPack[] {
  const ends = [...new Set([...cuts.filter((cut) => cut < history.length), history.length])].sort((a, b) => a - b);
  return ends.map((end, i) => {
    const first = ends[i - 1] ?? 0;
    return encodeEntries(history.slice(first, end), first, among(history.slice(0, first)));
  });
}

test('entries come back as they were, however they were cut into packs and joined again', () => {
  fc.assert(
    fc.property(arbitraryHistory, fc.array(fc.nat(30)), fc.nat(30), (history, cuts, joined) => {
      const packs = pack(history, cuts);
      const reader = new EntryReader();
      expect(packs.flatMap((one) => reader.read(one))).toEqual(history);
      const merged = [joinEntryPacks(packs.slice(0, joined)), ...packs.slice(joined)];
      const again = new EntryReader();
      expect(merged.flatMap((one) => again.read(one))).toEqual(history);
    }),
  );
});

test('what entries have in common is one object in memory', () => {
  const base = {
    infohash: infohashFromBytes(new Uint8Array(20)),
    burn: amount(700),
    reward: amount(0),
    charge: amount(0),
    trail: [3, 4],
    sizeBytes: 700,
  };
  const history: Entry[] = [0, 1].map((n) => ({
    ...base,
    txid: txid(n),
    prev: n === 0 ? [] : [txid(0)],
    sender: markAddress('ttx1alice'),
    to: markAddress('ttx1bob'),
    tokens: amount(5),
    change: amount(6),
    trail: [...base.trail],
  }));
  const [first, second] = new EntryReader().read(pack(history, [])[0] as EntryPack);
  expect(second?.trail).toBe(first?.trail);
  expect(second?.prev[0]).toBe(first?.txid);
  expect(second?.to).toBe(first?.to);
});

test('a pack that ends too early or names what is not there is a bug, and nothing worse', () => {
  fc.assert(
    fc.property(arbitraryHistory, fc.nat(), fc.nat(255), (history, where, byte) => {
      fc.pre(history.length > 0);
      const [whole] = pack(history, []) as [EntryPack];
      const rows = whole.rows.slice();
      rows[where % rows.length] = byte;
      for (const broken of [
        { ...whole, rows },
        { ...whole, rows: whole.rows.slice(0, where % rows.length) },
      ]) {
        try {
          new EntryReader().read(broken);
        } catch (error) {
          expect(isTtxError(error, 'bug', 'schema')).toBe(true);
        }
      }
      expect(() => new EntryReader().read({ ...whole, rows: whole.rows.slice(0, -1) })).toThrow();
    }),
  );
});

test('integers come back exactly, small ones in one byte', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(0n, 2n ** 100n)), (values) => {
      const writer = new ByteWriter();
      for (const value of values) writer.integer(value);
      const reader = new ByteReader(writer.finish());
      expect(values.map(() => BigInt(reader.largeInteger()))).toEqual(values);
    }),
  );
  const writer = new ByteWriter();
  for (const value of [0, 127, 128, Number.MAX_SAFE_INTEGER]) writer.integer(value);
  const bytes = writer.finish();
  expect(bytes.length).toBe(1 + 1 + 2 + 8);
  const reader = new ByteReader(bytes);
  expect([0, 1, 2, 3].map(() => reader.integer(Number.MAX_SAFE_INTEGER))).toEqual([0, 127, 128, Number.MAX_SAFE_INTEGER]);
});
