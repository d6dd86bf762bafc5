/**
 * Bytes of the `ttx` messages. Each is one canonical bencoded dictionary whose key `t` names the type; {@link MESSAGES} says what else
 * is in it. Ids travel as raw bytes, lists of ids as one byte string without separators, numbers that may exceed 2^53 as bytes.
 * See docs/protocol.md, The wire.
 */
import { type Bencoded, decode, type Encodable, encode } from './bencode.ts';
import { TtxError } from './error.ts';
import { type Hash, hashFromBytes, type Infohash, idBytes, infohashFromBytes, type TxId, txidFromBytes } from './id.ts';
import {
  MAX_BENCODE_DEPTH,
  MAX_COINS_ASKED,
  MAX_FILE_BYTES,
  MAX_INV,
  MAX_KNOWN,
  MAX_LEAVES,
  MAX_MESSAGE_BYTES,
  MAX_MODULES,
  MAX_PREFIXES,
  MAX_SIGNAL_BYTES,
  MAX_TX_BATCH,
  MAX_VOTES,
} from './limit.ts';
import {
  type CoinName,
  type CoinSpender,
  type Dsp,
  type Held,
  type Hello,
  type Message,
  type NewerHello,
  type Nodes,
  PROTOCOL,
  type ReceivedMessage,
  type StateSummary,
  type TreeLeaf,
  type TreeName,
  type TreeNode,
  type Vote,
} from './message.ts';
import {
  bytes,
  dictionaryOf,
  type Field,
  type Fixed,
  flag,
  hex,
  integer,
  joined,
  list,
  malformed,
  mapped,
  natural,
  optional,
  pair,
  record,
  single,
  text,
  textOf,
  variants,
  where,
} from './message-field.ts';

const TXID: Fixed<TxId> = { size: 32, put: idBytes, take: txidFromBytes };
const INFOHASH: Fixed<Infohash> = { size: 20, put: idBytes, take: infohashFromBytes };
const HASH: Fixed<Hash> = { size: 32, put: idBytes, take: hashFromBytes };
const PEER_ID = hex(20);
const HELD = pair<Infohash, TxId, Held>(
  INFOHASH,
  TXID,
  ({ infohash, txid }) => [infohash, txid],
  (infohash, txid) => ({ infohash, txid }),
);
const COIN = pair<TxId, Hash, CoinName>(
  TXID,
  HASH,
  ({ txid, owner }) => [txid, owner],
  (txid, owner) => ({ txid, owner }),
);
/** A nonce as work takes it: 8 big-endian bytes. Its range is checked by whoever has it. */
const NONCE: Fixed<number> = {
  size: 8,
  put(nonce) {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(nonce));
    return new Uint8Array(view.buffer);
  },
  take: (from) => Number(new DataView(from.buffer, from.byteOffset, 8).getBigUint64(0)),
};
const VOTE = pair<TxId, number, Vote>(
  TXID,
  NONCE,
  ({ txid, nonce }) => [txid, nonce],
  (txid, nonce) => ({ txid, nonce }),
);

/** Printable ASCII: the text is shown to people, and no peer gets to play with bidirectional or invisible characters. */
const SOFTWARE = text(/^[\x20-\x7e]{1,64}$/);
const FILE = bytes(MAX_FILE_BYTES);
const PREFIX = text(/^[0-9a-f]{0,63}$/);
const TREE = text<TreeName>(/^(?:transactions|coins)$/);

const isAscending = (values: readonly string[]) => values.every((value, i) => i === 0 || value > (values[i - 1] ?? ''));

const SUMMARY = record<StateSummary>({
  transactions: integer(0),
  work: natural,
  supply: natural,
  transactionsRoot: single(HASH),
  coinsRoot: single(HASH),
});

/** A child that is not there travels as an empty byte string. */
const CHILD: Field<Hash | undefined> = {
  write: (value, what) => (value === undefined ? new Uint8Array() : single(HASH).write(value, what)),
  read: (value, what) => (value instanceof Uint8Array && value.length === 0 ? undefined : single(HASH).read(value, what)),
};

/** Leaves as they travel. */
interface KeysAndAmounts {
  readonly prefix: string;
  readonly keys: readonly Hash[];
  readonly amounts?: readonly bigint[] | undefined;
}
type Leaves = Omit<Extract<TreeNode, { readonly kind: 'leaves' }>, 'kind'>;

/** Leaves travel as their keys, joined, and, where they have any, a list of their amounts. */
const LEAVES = where(
  mapped<Leaves, KeysAndAmounts>(
    record<KeysAndAmounts>({
      prefix: PREFIX,
      keys: joined(HASH, MAX_LEAVES),
      amounts: optional(
        list(
          where(natural, (amount) => amount > 0n),
          MAX_LEAVES,
        ),
      ),
    }),
    ({ prefix, leaves }) => {
      const amounts = leaves.flatMap(({ amount }) => (amount === undefined ? [] : [amount]));
      return { prefix, keys: leaves.map(({ key }) => key), amounts: amounts.length > 0 ? amounts : undefined };
    },
    ({ prefix, keys, amounts }, what) => {
      if (amounts !== undefined && amounts.length !== keys.length) throw malformed(what);
      return { prefix, leaves: keys.map((key, i): TreeLeaf => (amounts === undefined ? { key } : { key, amount: amounts[i] })) };
    },
  ),
  ({ prefix, leaves }) =>
    leaves.length > 0 && leaves.every(({ key }) => key.startsWith(prefix)) && isAscending(leaves.map(({ key }) => key)),
);

const NODE: Field<TreeNode> = variants<TreeNode>({
  empty: record({ prefix: PREFIX }),
  inner: record({
    prefix: PREFIX,
    children: where(list(CHILD, 16), (children) => children.length === 16 && children.some((child) => child !== undefined)),
  }),
  leaves: LEAVES,
});

/** Coins have amounts, transactions have none. */
const suitsTree = ({ tree, nodes }: Omit<Nodes, 't'>) =>
  nodes.every((node) => node.kind !== 'leaves' || node.leaves.every(({ amount }) => (amount === undefined) === (tree === 'transactions')));

const SPENDER: Field<CoinSpender> = variants<CoinSpender>({
  unknown: record({ coin: single(COIN) }),
  unspent: record({ coin: single(COIN) }),
  spent: record({ coin: single(COIN), file: FILE, settled: flag }),
});

const TWO_FILES = mapped<Dsp['files'], readonly Uint8Array[]>(
  list(FILE, 2),
  (files) => files,
  ([first, second], what) => {
    if (first === undefined || second === undefined) throw malformed(what);
    return [first, second];
  },
);

type Body<T extends Message['t']> = Omit<Extract<Message, { readonly t: T }>, 't'>;

/** Every type of message, and what it carries beside `t`. */
const MESSAGES: { readonly [T in Message['t']]: Field<Body<T>> } = {
  hello: record<Omit<Hello, 't'>>({
    software: SOFTWARE,
    protocol: where(integer(1), (version) => version === PROTOCOL) as Field<typeof PROTOCOL>,
    genesis: single(TXID),
    mode: text<Hello['mode']>(/^(?:full|light)$/),
    modules: where(list(text(/^[a-z0-9-]{1,32}$/), MAX_MODULES), isAscending),
    summary: SUMMARY,
  }),
  state: record({ summary: SUMMARY }),
  inv: record<Body<'inv'>>({ held: joined(HELD, MAX_INV), from: optional(integer(0)) }),
  list: record({ from: integer(0) }),
  get: record({ txids: joined(TXID, MAX_INV) }),
  tx: record({ files: list(FILE, MAX_TX_BATCH), missing: joined(TXID, MAX_INV) }),
  node: record({ tree: TREE, root: single(HASH), prefixes: list(PREFIX, MAX_PREFIXES) }),
  nodes: where(record({ tree: TREE, root: single(HASH), nodes: list(NODE, MAX_PREFIXES) }), suitsTree),
  spent: record({ coins: joined(COIN, MAX_COINS_ASKED) }),
  spender: record({ spenders: list(SPENDER, MAX_COINS_ASKED) }),
  dsp: record({ files: where(TWO_FILES, ([a, b]) => a.length !== b.length || a.some((byte, i) => byte !== b[i])) }),
  vote: record({
    votes: where(joined(VOTE, MAX_VOTES), (votes) => votes.every(({ nonce }) => Number.isSafeInteger(nonce) && nonce >= 0)),
  }),
  intro: where(
    record<Body<'intro'>>({
      kind: text<'offer' | 'answer'>(/^(?:offer|answer)$/),
      id: single(hex(20)),
      from: single(PEER_ID),
      to: optional(single(PEER_ID)),
      known: joined(PEER_ID, MAX_KNOWN),
      torrent: optional(single(INFOHASH)),
      signal: bytes(MAX_SIGNAL_BYTES),
    }),
    ({ kind, to, torrent }) => (kind === 'offer' && torrent === undefined) || to !== undefined,
  ),
};

/**
 * Encodes a message.
 * @throws {TtxError} `message` for a message that {@link decodeMessage} would refuse
 */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  const { t, ...body } = message;
  const field = MESSAGES[t] as Field<object>;
  const encoded = encode({ t, ...(field.write(body, t) as { readonly [key: string]: Encodable }) });
  if (encoded.length > MAX_MESSAGE_BYTES) throw new TtxError('message', { what: 'too long', bytes: encoded.length });
  return encoded;
}

/**
 * Decodes a message from a stranger. A message of an unknown type is `undefined`: newer peers may say more. Files are copied
 * out of `bytes`, so that keeping one does not keep the whole message alive.
 * @throws {TtxError} `message` if it is too long or a field is missing, unknown or out of range; `bencode` if it is not canonical
 */
export function decodeMessage(received: Uint8Array): ReceivedMessage | undefined {
  if (received.length > MAX_MESSAGE_BYTES) throw malformed('too long');
  const body = new Map<string, Bencoded>(dictionaryOf(decode(received, { maxDepth: MAX_BENCODE_DEPTH }), 'not a dictionary'));
  const t = textOf(body.get('t'), 't');
  if (!Object.hasOwn(MESSAGES, t)) return undefined;
  body.delete('t');
  if (t === 'hello') {
    const newer = newerHello(body);
    if (newer !== undefined) return newer;
  }
  return { t, ...(MESSAGES[t as Message['t']] as Field<object>).read(body, t) } as Message;
}

/** Of a newer protocol's hello only this much is certain: a field that is missing or more must not hide that it is newer. */
function newerHello(body: ReadonlyMap<string, Bencoded>): NewerHello | undefined {
  const protocol = body.get('protocol');
  if (typeof protocol !== 'number' || protocol <= PROTOCOL) return undefined;
  const fields = ['software', 'genesis'].flatMap((key) => {
    const value = body.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  return { t: 'newer-hello', protocol, ...NEWER.read(new Map(fields), 'hello') };
}

const NEWER = record<Pick<NewerHello, 'software' | 'genesis'>>({ software: SOFTWARE, genesis: single(TXID) });
