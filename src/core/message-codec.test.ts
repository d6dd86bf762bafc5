import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from './bencode.ts';
import { isTtxError } from './error.ts';
import { type Hash, hashFromBytes, infohashFromBytes, txidFromBytes } from './id.ts';
import { MAX_FILE_BYTES, MAX_INV, MAX_LEAVES, MAX_MESSAGE_BYTES, MAX_PREFIXES, MAX_TX_BATCH } from './limit.ts';
import { type Message, PROTOCOL, type ReceivedMessage, type TreeNode } from './message.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';
import vectors from './vectors/message.json' with { type: 'json' };

const id = <T>(size: number, from: (bytes: Uint8Array) => T) => fc.uint8Array({ minLength: size, maxLength: size }).map(from);
const txid = id(32, txidFromBytes);
const hash = id(32, hashFromBytes);
const infohash = id(20, infohashFromBytes);
const peerId = id(20, bytesToHex);
const whole = fc.maxSafeNat();
const natural = fc.bigInt({ min: 0n, max: 2n ** 320n - 1n });
const file = fc.uint8Array({ minLength: 1, maxLength: 300 });
const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)), minLength: 1, maxLength: 64 });
const name = fc.string({ unit: fc.constantFrom(...'az09-'), minLength: 1, maxLength: 32 });
const ascending = <T>(item: fc.Arbitrary<T>, maxLength: number, minLength = 0) =>
  fc.uniqueArray(item, { minLength, maxLength }).map((items) => items.sort());
const summary = fc.record({ transactions: whole, work: natural, supply: natural, transactionsRoot: hash, coinsRoot: hash });
const prefix = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), maxLength: 63 });
const tree = fc.constantFrom('transactions' as const, 'coins' as const);
/** Keys below one prefix. */
const keys = fc
  .tuple(fc.nat(62), ascending(hash, 5, 1))
  .map(([length, all]) => ({ prefix: all[0]?.slice(0, length) ?? '', all }))
  .map(({ prefix, all }) => ({ prefix, keys: all.map((key) => (prefix + key.slice(prefix.length)) as Hash) }))
  .filter(({ keys }) => new Set(keys).size === keys.length)
  .map(({ prefix, keys }) => ({ prefix, keys: keys.sort() }));
const treeNode = (coins: boolean): fc.Arbitrary<TreeNode> =>
  fc.oneof(
    fc.record({ kind: fc.constant('empty' as const), prefix }),
    fc.record({
      kind: fc.constant('inner' as const),
      prefix,
      children: fc
        .array(fc.option(hash, { nil: undefined }), { minLength: 16, maxLength: 16 })
        .filter((children) => children.some((child) => child !== undefined)),
    }),
    keys.map(({ prefix, keys }) => ({
      kind: 'leaves' as const,
      prefix,
      leaves: keys.map((key) => (coins ? { key, amount: BigInt(`0x${key}`) + 1n } : { key })),
    })),
  );
const coin = fc.record({ txid, owner: hash });
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    t: fc.constant('hello' as const),
    software: printable,
    protocol: fc.constant(PROTOCOL),
    genesis: txid,
    mode: fc.constantFrom('full' as const, 'light' as const),
    modules: ascending(name, 16),
    summary,
  }),
  fc.record({ t: fc.constant('state' as const), summary }),
  fc.record(
    { t: fc.constant('inv' as const), held: fc.array(fc.record({ infohash, txid }), { maxLength: 20 }), from: whole },
    { requiredKeys: ['t', 'held'] },
  ),
  fc.record({ t: fc.constant('list' as const), from: whole }),
  fc.record({ t: fc.constant('get' as const), txids: fc.array(txid, { maxLength: 20 }) }),
  fc.record({ t: fc.constant('tx' as const), files: fc.array(file, { maxLength: 5 }), missing: fc.array(txid, { maxLength: 5 }) }),
  fc.record({ t: fc.constant('node' as const), tree, root: hash, prefixes: fc.array(prefix, { maxLength: 64 }) }),
  tree.chain((name) =>
    fc.record({
      t: fc.constant('nodes' as const),
      tree: fc.constant(name),
      root: hash,
      nodes: fc.array(treeNode(name === 'coins'), { maxLength: 4 }),
    }),
  ),
  fc.record({ t: fc.constant('spent' as const), coins: fc.array(coin, { maxLength: 64 }) }),
  fc.record({
    t: fc.constant('spender' as const),
    spenders: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constantFrom('unknown' as const, 'unspent' as const), coin }),
        fc.record({ kind: fc.constant('spent' as const), coin, file, settled: fc.boolean() }),
      ),
      { maxLength: 5 },
    ),
  }),
  fc.record({
    t: fc.constant('dsp' as const),
    files: fc.tuple(file, file).filter(([a, b]) => bytesToHex(a) !== bytesToHex(b)),
  }),
  fc.record({ t: fc.constant('vote' as const), votes: fc.array(fc.record({ txid, nonce: whole }), { maxLength: 64 }) }),
  fc.record(
    {
      t: fc.constant('intro' as const),
      kind: fc.constant('offer' as const),
      id: peerId,
      from: peerId,
      to: peerId,
      known: fc.array(peerId, { maxLength: 16 }),
      signal: file,
    },
    { requiredKeys: ['t', 'kind', 'id', 'from', 'known', 'signal'] },
  ),
);

/** As the vectors write it: bytes as hex, large numbers as text, nothing as null. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part) => {
      if (part instanceof Uint8Array) return bytesToHex(part);
      return typeof part === 'bigint' ? String(part) : part;
    }),
  );

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.description, v] as const))('%s', (_, vector) => {
    const decoded = decodeMessage(hexToBytes(vector.hex));
    if (vector.message === undefined) {
      expect(decoded).toBeUndefined();
      return;
    }
    expect(plain(decoded)).toEqual(vector.message);
    expect(decoded && bytesToHex(encodeMessage(decoded as Message))).toBe(vector.hex);
  });

  test.each(vectors.newer.map((v) => [v.description, v] as const))('%s', (_, vector) => {
    expect(decodeMessage(hexToBytes(vector.hex))).toEqual(vector.message);
  });

  test.each(vectors.invalid.map((v) => [v.description, v] as const))('refuses %s', (_, vector) => {
    expect(() => decodeMessage(hexToBytes(vector.hex))).toThrowError(expect.objectContaining({ code: vector.error }));
  });

  test('there is a valid one and an invalid one of every message', () => {
    const types = new Set(vectors.valid.flatMap(({ message }) => message?.t ?? []));
    expect([...types].sort()).toEqual(
      ['dsp', 'get', 'hello', 'intro', 'inv', 'list', 'node', 'nodes', 'spender', 'spent', 'state', 'tx', 'vote'].sort(),
    );
    // What is wrong about an invalid one is its own: without that, its type would be read.
    const invalid = vectors.invalid.flatMap(({ hex, error }) => (error === 'message' ? [Buffer.from(hex, 'hex').toString('latin1')] : []));
    for (const t of types) expect(invalid.some((text) => text.includes(`1:t${t.length}:${t}`))).toBe(true);
  });
});

test('decoding undoes encoding', () => {
  fc.assert(
    fc.property(message, (sample) => {
      expect(decodeMessage(encodeMessage(sample))).toEqual(sample);
    }),
  );
});

test('a damaged message is refused with a TtxError or re-encodes to the same bytes', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(message, damage, (sample, changes) => {
      const bytes = encodeMessage(sample);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      let decoded: ReceivedMessage | undefined;
      try {
        decoded = decodeMessage(bytes);
      } catch (error) {
        expect(isTtxError(error, 'message', 'bencode')).toBe(true);
        return;
      }
      if (decoded !== undefined && decoded.t !== 'newer-hello') expect(bytesToHex(encodeMessage(decoded))).toBe(bytesToHex(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('random bytes are refused with a TtxError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeMessage(bytes);
      } catch (error) {
        expect(isTtxError(error, 'message', 'bencode')).toBe(true);
      }
    }),
    { numRuns: 5_000 },
  );
});

describe('limits', () => {
  const id = txidFromBytes(new Uint8Array(32).fill(7));
  const held = { infohash: infohashFromBytes(new Uint8Array(20)), txid: id };
  const refused = expect.objectContaining({ code: 'message' });

  test('a message of unknown type is refused when it is too long', () => {
    expect(() => decodeMessage(encode({ t: 'later', x: new Uint8Array(MAX_MESSAGE_BYTES) }))).toThrowError(refused);
  });

  test('an inv or a get names at most MAX_INV transactions', () => {
    expect(decodeMessage(encodeMessage({ t: 'inv', held: Array(MAX_INV).fill(held) }))).toBeDefined();
    expect(() => encodeMessage({ t: 'inv', held: Array(MAX_INV + 1).fill(held) })).toThrowError(refused);
    expect(() => encodeMessage({ t: 'get', txids: Array(MAX_INV + 1).fill(id) })).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'inv', held: new Uint8Array(52 * (MAX_INV + 1)) }))).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'get', txids: new Uint8Array(32 * (MAX_INV + 1)) }))).toThrowError(refused);
  });

  test('a tx carries at most MAX_TX_BATCH files of at most MAX_FILE_BYTES', () => {
    const tiny = Uint8Array.of(1);
    expect(() => encodeMessage({ t: 'tx', files: Array(MAX_TX_BATCH + 1).fill(tiny), missing: [] })).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'tx', files: Array(MAX_TX_BATCH + 1).fill(tiny), missing: '' }))).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'tx', files: [new Uint8Array(MAX_FILE_BYTES + 1)], missing: '' }))).toThrowError(refused);
    expect(() => decodeMessage(encode({ t: 'tx', files: [''], missing: '' }))).toThrowError(refused);
  });

  test('as many nodes of as many leaves as are allowed fit into one message', () => {
    const leaves = Array.from({ length: MAX_LEAVES }, (_, i) => ({
      key: i.toString(16).padStart(64, '0') as Hash,
      amount: 2n ** 320n - 1n,
    }));
    const nodes = Array(MAX_PREFIXES).fill({ kind: 'leaves', prefix: '0'.repeat(62), leaves } satisfies TreeNode);
    const root = hashFromBytes(new Uint8Array(32));
    expect(encodeMessage({ t: 'nodes', tree: 'coins', root, nodes }).length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    const more = [...leaves, { key: 'ff'.repeat(32) as Hash, amount: 1n }];
    expect(() => encodeMessage({ t: 'nodes', tree: 'coins', root, nodes: [{ kind: 'leaves', prefix: '', leaves: more }] })).toThrowError(
      refused,
    );
  });
});
