/**
 * Entries in packs: what the ledger needs of thousands of transactions in three byte columns, about 100 bytes each, so that an app
 * opens without reading the files. Parents are named by their distance, so packs that follow one another are merged by joining them
 * end to end. For this device's own disk, never for peers: nobody checks again what a pack says.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { ByteReader, ByteWriter, joinBytes } from './bytes.ts';
import type { Trail } from './cost.ts';
import type { Entry } from './entry.ts';
import { TtxError } from './error.ts';
import { type Address, type Amount, amount, type Infohash, markAddress, markInfohash, markTxId, type TxId, txidFromBytes } from './id.ts';
import { MAX_FILE_BYTES, MAX_PREV, TRAIL_LENGTH } from './limit.ts';

/** Entries in columns. */
export interface EntryPack {
  /** 52 bytes a row: txid and infohash. */
  readonly ids: Uint8Array<ArrayBuffer>;
  /** The addresses that follow from no parent, end to end, ASCII. */
  readonly addresses: Uint8Array<ArrayBuffer>;
  /**
   * Per row, as integers: how many in `prev`, and the distance back to each (0: unknown, its 32 bytes follow); the two sources of
   * `sender` and `to` in one number; of each that is written, its length, of each that was paid before, the distance back to that row;
   * tokens, change, burn, reward, charge; the trail's length and its bits; the file's size.
   */
  readonly rows: Uint8Array<ArrayBuffer>;
}

/** What stands before a pack. */
export interface EarlierEntries {
  positionOf(txid: TxId): number | undefined;
  at(position: number): Entry | undefined;
  /** Position of an entry that pays to this address. */
  payeeAt(address: Address): number | undefined;
}

const TXID_BYTES = 32;
const ID_BYTES = 52;
/** Where an address comes from. The sender owns a coin in each parent, so its address is hardly ever written. */
const SOURCES = ['written', 'paid before', 'sender', 'to of first parent', 'sender of first parent'] as const;
type Source = (typeof SOURCES)[number];
const MAX_ADDRESS_LENGTH = 255;
const MAX_BITS = 256;

function sourceOf(address: Address, sender: Address | undefined, parent: Entry | undefined, payeeAt: number | undefined): Source {
  if (address === sender) return 'sender';
  if (address === parent?.to) return 'to of first parent';
  if (address === parent?.sender) return 'sender of first parent';
  return payeeAt === undefined ? 'written' : 'paid before';
}

/** Packs entries that will stand at `first` and behind it, parents before children. */
export function encodeEntries(entries: readonly Entry[], first: number, earlier: EarlierEntries): EntryPack {
  const addresses = new ByteWriter();
  const rows = new ByteWriter();
  const ascii = new TextEncoder();
  const here = new Map<TxId, number>();
  const payees = new Map<Address, number>();
  const positionOf = (txid: TxId) => here.get(txid) ?? earlier.positionOf(txid);
  for (const [row, entry] of entries.entries()) {
    const { prev, sender, to, trail } = entry;
    const own = first + row;
    rows.integer(prev.length);
    const positions = prev.map(positionOf);
    for (const [i, position] of positions.entries()) {
      rows.integer(position === undefined ? 0 : own - position);
      if (position === undefined) rows.append(hexToBytes(prev[i] ?? ''));
    }
    const parentAt = positions[0] ?? -1;
    const parent = parentAt >= first ? entries[parentAt - first] : earlier.at(parentAt);
    const known = [sender, to].map((address) => payees.get(address) ?? earlier.payeeAt(address));
    const sources = [sourceOf(sender, undefined, parent, known[0]), sourceOf(to, sender, parent, known[1])];
    rows.integer(sources.reduce((both, source) => both * SOURCES.length + SOURCES.indexOf(source), 0));
    for (const [i, address] of [sender, to].entries()) {
      if (sources[i] === 'paid before') rows.integer(own - (known[i] ?? 0));
      if (sources[i] !== 'written') continue;
      rows.integer(address.length);
      addresses.append(ascii.encode(address));
    }
    for (const units of [entry.tokens, entry.change, entry.burn, entry.reward, entry.charge]) rows.integer(units);
    rows.integer(trail.length);
    for (const bits of trail) rows.integer(bits);
    rows.integer(entry.sizeBytes);
    here.set(entry.txid, own);
    if (known[1] === undefined) payees.set(to, own);
  }
  // All in one go: digit by digit they took longer than the rest of a row.
  const ids = hexToBytes(entries.map(({ txid, infohash }) => txid + infohash).join('')) as EntryPack['ids'];
  return { ids, addresses: addresses.finish(), rows: rows.finish() };
}

/** One pack out of packs that follow one another. */
export function joinEntryPacks(packs: readonly EntryPack[]): EntryPack {
  const join = (column: keyof EntryPack) => joinBytes(packs.map((pack) => pack[column]));
  return { ids: join('ids'), addresses: join('addresses'), rows: join('rows') };
}

const DIGITS = new TextEncoder().encode('0123456789abcdef');

/** In one go: ids are then slices of one text, which takes a tenth of the time of making each. */
function hexOf(bytes: Uint8Array, ascii: TextDecoder): string {
  const digits = new Uint8Array(bytes.length * 2);
  let at = 0;
  for (const byte of bytes) {
    digits[at++] = DIGITS[byte >> 4] ?? 0;
    digits[at++] = DIGITS[byte & 15] ?? 0;
  }
  return ascii.decode(digits);
}

/** Reads packs one after the other, from the first on. What entries have in common (addresses, trails, amounts) they share in memory. */
export class EntryReader {
  readonly #entries: Entry[] = [];
  readonly #trails = new Map<number, Trail>();
  readonly #amounts = new Map<number | bigint, Amount>();
  readonly #ascii = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

  /** @returns the entries of the next pack. @throws {TtxError} `bug` when it is damaged */
  read(pack: EntryPack): readonly Entry[] {
    const hex = hexOf(pack.ids, this.#ascii);
    const texts = this.#ascii.decode(pack.addresses);
    const rows = new ByteReader(pack.rows);
    const from = this.#entries.length;
    let textAt = 0;
    const nextAddress = (): Address => {
      const text = texts.slice(textAt, textAt + rows.integer(MAX_ADDRESS_LENGTH));
      textAt += text.length;
      return markAddress(text);
    };
    for (let at = 0; at < hex.length; at += 2 * ID_BYTES) {
      const infohash = markInfohash(hex.slice(at + 2 * TXID_BYTES, at + 2 * ID_BYTES));
      this.#entries.push(this.#readRow(markTxId(hex.slice(at, at + 2 * TXID_BYTES)), infohash, rows, nextAddress));
    }
    if (!rows.isAtEnd) throw new TtxError('bug', { what: 'more rows than ids' });
    return this.#entries.slice(from);
  }

  #readRow(txid: TxId, infohash: Infohash, rows: ByteReader, nextAddress: () => Address): Entry {
    const prev: TxId[] = [];
    let parent: Entry | undefined;
    for (let left = rows.integer(MAX_PREV); left > 0; left--) {
      const distance = rows.integer(this.#entries.length);
      const found = distance === 0 ? undefined : this.#entries[this.#entries.length - distance];
      if (prev.length === 0) parent = found;
      prev.push(found?.txid ?? txidFromBytes(rows.take(TXID_BYTES)));
    }
    const sources = rows.integer(SOURCES.length ** 2 - 1);
    const sender = this.#address(Math.floor(sources / SOURCES.length), undefined, parent, rows, nextAddress);
    const to = this.#address(sources % SOURCES.length, sender, parent, rows, nextAddress);
    return {
      txid,
      infohash,
      prev,
      sender,
      to,
      tokens: amount(rows.largeInteger()),
      change: amount(rows.largeInteger()),
      burn: this.#sharedAmount(rows),
      reward: this.#sharedAmount(rows),
      charge: this.#sharedAmount(rows),
      trail: this.#sharedTrail(rows),
      sizeBytes: rows.integer(MAX_FILE_BYTES),
    };
  }

  #address(index: number, sender: Address | undefined, parent: Entry | undefined, rows: ByteReader, nextAddress: () => Address): Address {
    const source = SOURCES[index];
    if (source === 'written') return nextAddress();
    const address =
      source === 'paid before'
        ? this.#entries[this.#entries.length - rows.integer(this.#entries.length)]?.to
        : source === 'sender'
          ? sender
          : source === 'to of first parent'
            ? parent?.to
            : parent?.sender;
    if (address === undefined) throw new TtxError('bug', { what: 'address from nowhere' });
    return address;
  }

  #sharedAmount(rows: ByteReader): Amount {
    const units = rows.largeInteger();
    return shared(this.#amounts, units, () => amount(units));
  }

  #sharedTrail(rows: ByteReader): Trail {
    const trail: number[] = [];
    let key = 0;
    for (let left = rows.integer(TRAIL_LENGTH); left > 0; left--) {
      const bits = rows.integer(MAX_BITS);
      trail.push(bits);
      key = key * (MAX_BITS + 2) + bits + 1;
    }
    return shared(this.#trails, key, () => trail);
  }
}

function shared<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
