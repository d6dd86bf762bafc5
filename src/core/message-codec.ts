/**
 * Bytes of the `ttx` messages. Each is one canonical bencoded dictionary; ids travel as raw bytes, lists of ids as one byte
 * string without separators:
 *
 *     hello  { genesis: 32 bytes, protocol: integer, software: text, summary: { transactions: integer }, t }
 *     inv    { held: (infohash 20 bytes ‖ txid 32 bytes)*, t }
 *     get    { t, txids: (32 bytes)* }
 *     tx     { files: list of byte strings, missing: (txid 32 bytes)*, t }
 *
 * See docs/protocol.md, The wire.
 */
import { type Bencoded, decode, type Encodable, encode } from './bencode.ts';
import { TtxError } from './error.ts';
import { idBytes, infohashFromBytes, type TxId, txidFromBytes } from './id.ts';
import { MAX_BENCODE_DEPTH, MAX_FILE_BYTES, MAX_INTEGER, MAX_INV, MAX_MESSAGE_BYTES, MAX_TX_BATCH } from './limit.ts';
import type { Get, Hello, Inv, Message, Tx } from './message.ts';

const TXID_BYTES = 32;
const INFOHASH_BYTES = 20;
const HELD_BYTES = INFOHASH_BYTES + TXID_BYTES;
/** Printable ASCII: the text is shown to people, and no peer gets to play with bidirectional or invisible characters. */
const SOFTWARE = /^[\x20-\x7e]{1,64}$/;

/**
 * Encodes a message.
 * @throws {TtxError} `message` for a message that {@link decodeMessage} would refuse: split it with {@link countFitting}
 */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  const bytes = encode(fields(message));
  if (bytes.length > MAX_MESSAGE_BYTES) throw new TtxError('message', { what: 'too long', bytes: bytes.length });
  return bytes;
}

/**
 * Decodes a message from a stranger. A message of an unknown type is `undefined`: newer peers may say more. Files are copied
 * out of `bytes`, so that keeping one does not keep the whole message alive.
 * @throws {TtxError} `message` if it is too long or a field is missing, unknown or out of range; `bencode` if it is not canonical
 */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length > MAX_MESSAGE_BYTES) throw malformed('too long');
  const value = decode(bytes, { maxDepth: MAX_BENCODE_DEPTH });
  if (!(value instanceof Map)) throw malformed('not a dictionary');
  const dictionary: ReadonlyMap<string, Bencoded> = value;
  switch (ascii(dictionary.get('t'), 't')) {
    case 'hello':
      return readHello(dictionary);
    case 'inv':
      return readInv(dictionary);
    case 'get':
      return readGet(dictionary);
    case 'tx':
      return readTx(dictionary);
    default:
      return undefined;
  }
}

/**
 * How many of the first files go together into one `tx` message, with room left to name {@link MAX_INV} missing transactions.
 * At least 1 unless `sizes` (bytes of each file) is empty: any single file fits.
 */
export function countFitting(sizes: readonly number[]): number {
  // 64 bytes hold the keys, `t` and the lengths; 6 the length and the colon in front of a file.
  let room = MAX_MESSAGE_BYTES - 64 - MAX_INV * TXID_BYTES;
  let count = 0;
  for (const size of sizes.slice(0, MAX_TX_BATCH)) {
    room -= size + 6;
    if (room < 0) break;
    count++;
  }
  return count;
}

function fields(message: Message): Encodable {
  switch (message.t) {
    case 'hello': {
      const { t, software, protocol, genesis, summary } = message;
      if (!SOFTWARE.test(software)) throw malformed('software');
      checkRange(protocol, 1, 'protocol');
      checkRange(summary.transactions, 0, 'transactions');
      return { t, software, protocol, genesis: idBytes(genesis), summary: { transactions: summary.transactions } };
    }
    case 'inv': {
      checkCount(message.held.length, MAX_INV, 'held');
      const held = new Uint8Array(message.held.length * HELD_BYTES);
      message.held.forEach(({ infohash, txid }, i) => {
        held.set(idBytes(infohash), i * HELD_BYTES);
        held.set(idBytes(txid), i * HELD_BYTES + INFOHASH_BYTES);
      });
      return { t: message.t, held };
    }
    case 'get':
      return { t: message.t, txids: joinTxids(message.txids, 'txids') };
    case 'tx':
      checkCount(message.files.length, MAX_TX_BATCH, 'files');
      for (const file of message.files) checkFile(file);
      return { t: message.t, files: message.files, missing: joinTxids(message.missing, 'missing') };
  }
}

function readHello(dictionary: ReadonlyMap<string, Bencoded>): Hello {
  checkKeys(dictionary, ['genesis', 'protocol', 'software', 'summary', 't']);
  const summary = dictionary.get('summary');
  if (!(summary instanceof Map)) throw malformed('summary');
  checkKeys(summary, ['transactions']);
  const genesis = bytesOf(dictionary.get('genesis'), 'genesis');
  if (genesis.length !== TXID_BYTES) throw malformed('genesis');
  const software = ascii(dictionary.get('software'), 'software');
  if (!SOFTWARE.test(software)) throw malformed('software');
  return {
    t: 'hello',
    software,
    protocol: checkRange(dictionary.get('protocol'), 1, 'protocol'),
    genesis: txidFromBytes(genesis),
    summary: { transactions: checkRange(summary.get('transactions'), 0, 'transactions') },
  };
}

function readInv(dictionary: ReadonlyMap<string, Bencoded>): Inv {
  checkKeys(dictionary, ['held', 't']);
  const held = records(dictionary.get('held'), HELD_BYTES, 'held').map((record) => ({
    infohash: infohashFromBytes(record.subarray(0, INFOHASH_BYTES)),
    txid: txidFromBytes(record.subarray(INFOHASH_BYTES)),
  }));
  return { t: 'inv', held };
}

function readGet(dictionary: ReadonlyMap<string, Bencoded>): Get {
  checkKeys(dictionary, ['t', 'txids']);
  return { t: 'get', txids: records(dictionary.get('txids'), TXID_BYTES, 'txids').map(txidFromBytes) };
}

function readTx(dictionary: ReadonlyMap<string, Bencoded>): Tx {
  checkKeys(dictionary, ['files', 'missing', 't']);
  const list = dictionary.get('files');
  if (!Array.isArray(list)) throw malformed('files');
  checkCount(list.length, MAX_TX_BATCH, 'files');
  const files = list.map((item: Bencoded) => checkFile(bytesOf(item, 'files')).slice());
  return { t: 'tx', files, missing: records(dictionary.get('missing'), TXID_BYTES, 'missing').map(txidFromBytes) };
}

function malformed(what: string): TtxError {
  return new TtxError('message', { what });
}

function checkKeys(dictionary: ReadonlyMap<string, Bencoded>, keys: readonly string[]): void {
  if (dictionary.size !== keys.length || !keys.every((key) => dictionary.has(key))) throw malformed('fields');
}

function checkCount(count: number, most: number, what: string): void {
  if (count > most) throw malformed(what);
}

function checkRange(value: unknown, least: number, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > MAX_INTEGER) throw malformed(what);
  return value;
}

function checkFile(file: Uint8Array): Uint8Array {
  if (file.length === 0 || file.length > MAX_FILE_BYTES) throw malformed('file size');
  return file;
}

function bytesOf(value: Bencoded | undefined, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed(what);
  return value;
}

function ascii(value: Bencoded | undefined, what: string): string {
  const bytes = bytesOf(value, what);
  if (bytes.length > 64) throw malformed(what);
  return String.fromCharCode(...bytes);
}

function records(value: Bencoded | undefined, size: number, what: string): Uint8Array[] {
  const bytes = bytesOf(value, what);
  if (bytes.length % size !== 0) throw malformed(what);
  const count = bytes.length / size;
  checkCount(count, MAX_INV, what);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function joinTxids(txids: readonly TxId[], what: string): Uint8Array {
  checkCount(txids.length, MAX_INV, what);
  const joined = new Uint8Array(txids.length * TXID_BYTES);
  for (const [i, txid] of txids.entries()) joined.set(idBytes(txid), i * TXID_BYTES);
  return joined;
}
