/** Vectors of the messages of the extension `ttx`. */
import { bencode, dictionary, list, string } from './bencode.mjs';

/** @typedef {import('./bencode.mjs').Value} Value */
/** @typedef {{ readonly [key: string]: Value }} Fields */

/** `size` bytes of the same value, in hex. @param {number} value @param {number} [size] */
const id = (value, size = 32) => Buffer.alloc(size, value).toString('hex');
/** @param {string[]} hex */
const raw = (...hex) => Buffer.from(hex.join(''), 'hex');
/** Big-endian without leading zeros. @param {bigint} value */
function natural(value) {
  const digits = value.toString(16);
  return value === 0n ? Buffer.alloc(0) : Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
}
/** @param {number} value */
function nonceBytes(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Dictionary `fields` without some, and with others. @param {Fields} fields @param {Fields} changes @param {string[]} without */
function changed(fields, changes, ...without) {
  return { ...Object.fromEntries(Object.entries(fields).filter(([key]) => !without.includes(key))), ...changes };
}

const SUMMARY = {
  transactions: 42,
  work: natural(2n ** 70n + 5n),
  supply: natural(10n ** 19n),
  transactionsRoot: raw(id(2)),
  coinsRoot: raw(id(3)),
};
const SUMMARY_READ = {
  transactions: 42,
  work: String(2n ** 70n + 5n),
  supply: String(10n ** 19n),
  transactionsRoot: id(2),
  coinsRoot: id(3),
};
const HELLO = {
  t: 'hello',
  software: 'torrenttx-web/0.1.0',
  protocol: 1,
  genesis: raw(id(1)),
  mode: 'full',
  modules: ['attachment', 'comment'],
  summary: SUMMARY,
};
const HELLO_READ = { ...HELLO, genesis: id(1), summary: SUMMARY_READ };
const STATE = { t: 'state', summary: SUMMARY };
const INV = { t: 'inv', held: raw(id(2, 20), id(3), id(4, 20), id(5)) };
const HELD = [
  { infohash: id(2, 20), txid: id(3) },
  { infohash: id(4, 20), txid: id(5) },
];
const TX = { t: 'tx', files: ['{}', Buffer.from([0, 255])], missing: raw(id(8)) };
const NODE = { t: 'node', tree: 'coins', root: raw(id(9)), prefixes: ['', 'a', '0f3'] };
const CHILDREN = Array.from({ length: 16 }, (_, i) => (i === 1 || i === 15 ? raw(id(i)) : ''));
const inner = { kind: 'inner', prefix: '', children: CHILDREN };
const innerRead = {
  kind: 'inner',
  prefix: '',
  children: CHILDREN.map((child) => child && Buffer.from(child).toString('hex')).map((child) => child || null),
};
const KEYS = [`a0${id(1, 31)}`, `a0${id(2, 31)}`];
const leaves = { kind: 'leaves', prefix: 'a0', keys: raw(...KEYS) };
const coins = { ...leaves, amounts: [natural(1n), natural(2n ** 64n)] };
const NODES = { t: 'nodes', tree: 'coins', root: raw(id(9)), nodes: [inner, coins, { kind: 'empty', prefix: '0f3' }] };
const NODES_READ = {
  t: 'nodes',
  tree: 'coins',
  root: id(9),
  nodes: [
    innerRead,
    {
      kind: 'leaves',
      prefix: 'a0',
      leaves: [
        { key: KEYS[0] ?? '', amount: '1' },
        { key: KEYS[1] ?? '', amount: String(2n ** 64n) },
      ],
    },
    { kind: 'empty', prefix: '0f3' },
  ],
};
const COIN = raw(id(4), id(5));
const COIN_READ = { txid: id(4), owner: id(5) };
const SPENDER = {
  t: 'spender',
  spenders: [
    { kind: 'unknown', coin: COIN },
    { kind: 'unspent', coin: COIN },
    { kind: 'spent', coin: COIN, file: '{}', settled: 1 },
  ],
};
const DSP = { t: 'dsp', files: ['{"a":1}', '{"a":2}'] };
const VOTE = { t: 'vote', votes: Buffer.concat([raw(id(6)), nonceBytes(7), raw(id(6)), nonceBytes(Number.MAX_SAFE_INTEGER)]) };
const OFFER = { t: 'intro', kind: 'offer', id: raw(id(1, 20)), from: raw(id(2, 20)), known: raw(id(3, 20), id(4, 20)), signal: 'v=0' };
const OFFER_READ = { ...OFFER, id: id(1, 20), from: id(2, 20), known: [id(3, 20), id(4, 20)], signal: Buffer.from('v=0').toString('hex') };
const ANSWER = changed(OFFER, { kind: 'answer', to: raw(id(5, 20)), known: '' });

export function messageVectors() {
  /** @param {string} name @param {string} description @param {Fields} fields @param {object} [message] */
  const good = (name, description, fields, message) => ({ name, description, hex: bencode(fields).toString('hex'), message });
  /** @param {string} name @param {string} description @param {Fields | Buffer} content @param {'message' | 'bencode'} [error] */
  const bad = (name, description, content, error = 'message') => {
    const bytes = Buffer.isBuffer(content) ? content : bencode(/** @type {Fields} */ (content));
    return { name, description, hex: bytes.toString('hex'), error };
  };
  /** @param {string} name @param {string} description @param {string} text */
  const odd = (name, description, text) => bad(name, description, Buffer.from(text, 'latin1'), 'bencode');
  /** @param {Fields} fields @param {Fields} changes */
  const summary = (fields, changes) => changed(fields, { summary: changed(SUMMARY, changes) });
  return {
    description:
      'Messages of the BEP 10 extension ttx (docs/protocol.md, The wire). valid: hex is the payload after the extension number; message is what it decodes to and what encodes back to hex, bytes as hex and large numbers as text; absent for a message of an unknown type, which is ignored. newer: hellos of later protocols. invalid: error is the code with which it is refused.',
    valid: [
      good('hello', 'a hello', HELLO, HELLO_READ),
      good('hello-light', 'a hello of a light node that follows no modules', changed(HELLO, { mode: 'light', modules: [] }), {
        ...HELLO_READ,
        mode: 'light',
        modules: [],
      }),
      good('state', 'a state', STATE, { t: 'state', summary: SUMMARY_READ }),
      good('state-empty', 'the state of a node that holds nothing', summary(STATE, { transactions: 0, work: '', supply: '' }), {
        t: 'state',
        summary: { ...SUMMARY_READ, transactions: 0, work: '0', supply: '0' },
      }),
      good('inv', 'an inv of two transactions', INV, { t: 'inv', held: HELD }),
      good('inv-empty', 'an empty inv', { t: 'inv', held: '' }, { t: 'inv', held: [] }),
      good('inv-from', 'an inv that answers a list', changed(INV, { from: 2000 }), { t: 'inv', held: HELD, from: 2000 }),
      good('list', 'a list from the genesis on', { t: 'list', from: 0 }, { t: 'list', from: 0 }),
      good('get', 'a get of two transactions', { t: 'get', txids: raw(id(6), id(7)) }, { t: 'get', txids: [id(6), id(7)] }),
      good('tx', 'a tx with two files and one missing', TX, { t: 'tx', files: ['7b7d', '00ff'], missing: [id(8)] }),
      good('tx-empty', 'a tx with nothing', { t: 'tx', files: [], missing: '' }, { t: 'tx', files: [], missing: [] }),
      good('node', 'a node that asks for the root and two nodes below', NODE, { ...NODE, root: id(9) }),
      good('nodes', 'nodes of the tree of coins, of each kind', NODES, NODES_READ),
      good('nodes-transactions', 'leaves of the tree of transactions', changed(NODES, { tree: 'transactions', nodes: [leaves] }), {
        t: 'nodes',
        tree: 'transactions',
        root: id(9),
        nodes: [{ kind: 'leaves', prefix: 'a0', leaves: KEYS.map((key) => ({ key })) }],
      }),
      good('nodes-forgotten', 'no nodes, because the root is not kept any more', changed(NODES, { nodes: [] }), {
        ...NODES_READ,
        nodes: [],
      }),
      good('spent', 'a spent of one coin', { t: 'spent', coins: COIN }, { t: 'spent', coins: [COIN_READ] }),
      good('spender', 'a spender of each kind', SPENDER, {
        t: 'spender',
        spenders: [
          { kind: 'unknown', coin: COIN_READ },
          { kind: 'unspent', coin: COIN_READ },
          { kind: 'spent', coin: COIN_READ, file: '7b7d', settled: true },
        ],
      }),
      good('dsp', 'a double-spend proof', DSP, { t: 'dsp', files: DSP.files.map((file) => Buffer.from(file).toString('hex')) }),
      good('vote', 'two votes for one transaction', VOTE, {
        t: 'vote',
        votes: [
          { txid: id(6), nonce: 7 },
          { txid: id(6), nonce: Number.MAX_SAFE_INTEGER },
        ],
      }),
      good('intro-offer', 'an offer to anyone', OFFER, OFFER_READ),
      good('intro-passed-on', 'an offer to somebody', changed(OFFER, { to: raw(id(5, 20)) }), { ...OFFER_READ, to: id(5, 20) }),
      good(
        'intro-torrent',
        'an offer to meet in the swarm of an attached file',
        changed(OFFER, { to: raw(id(5, 20)), torrent: raw(id(6, 20)) }),
        { ...OFFER_READ, to: id(5, 20), torrent: id(6, 20) },
      ),
      good('intro-answer', 'an answer', ANSWER, { ...OFFER_READ, kind: 'answer', to: id(5, 20), known: [] }),
      good('later', 'a message of an unknown type', { t: 'later', x: [1, { y: [] }] }),
      good('inherited', 'an unknown type whose name every object of JavaScript has', { t: 'constructor' }),
    ],
    newer: [
      { name: 'newer', description: 'a hello of protocol 2', hex: bencode(changed(HELLO, { protocol: 2 })).toString('hex') },
      {
        name: 'newer-fields',
        description: 'a hello of protocol 9 with other fields',
        hex: bencode(changed(HELLO, { protocol: 9, summary: [1], colour: 'red' }, 'mode', 'modules')).toString('hex'),
      },
    ].map((vector, i) => ({
      ...vector,
      message: { t: 'newer-hello', protocol: i === 0 ? 2 : 9, software: HELLO.software, genesis: id(1) },
    })),
    invalid: [
      odd('nothing', 'nothing', ''),
      odd('json', 'text that is not bencoded', '{"t":"hello"}'),
      odd('negative-length', 'a negative string length', 'd1:tl-3:'),
      odd('byte-behind', 'trailing bytes', 'd4:held0:1:t3:invee'),
      odd('unsorted', 'unsorted keys', 'd1:t3:inv4:held0:e'),
      odd('repeated-key', 'a repeated key', 'd4:held0:4:held0:1:t3:inve'),
      odd('length-leading-zero', 'a length with a leading zero', 'd4:held00:1:t3:inve'),
      odd('nesting-9', 'nesting beyond 8, even in a message of an unknown type', 'd1:t5:later1:xlllllllli1eeeeeeeeee'),
      bad('integer', 'an integer', Buffer.from('i1e')),
      bad('list-alone', 'a list', list(string('inv'))),
      bad('no-t', 'a dictionary without t', { held: '' }),
      bad('t-integer', 't that is an integer', { t: 1 }),
      bad('t-65', 't longer than 64 bytes', { t: 'x'.repeat(65) }),
      bad('hello-no-genesis', 'a hello without genesis', changed(HELLO, {}, 'genesis')),
      bad('hello-more', 'a hello with a field more', changed(HELLO, { more: 1 })),
      bad('hello-genesis-31', 'a hello whose genesis has 31 bytes', changed(HELLO, { genesis: Buffer.alloc(31) })),
      bad('hello-software-empty', 'a hello whose software is empty', changed(HELLO, { software: '' })),
      bad('hello-software-65', 'a hello whose software has 65 bytes', changed(HELLO, { software: 'x'.repeat(65) })),
      bad('hello-software-unprintable', 'a hello whose software is not printable ASCII', changed(HELLO, { software: 'a\u202eb' })),
      bad('hello-protocol-0', 'a hello of protocol 0', changed(HELLO, { protocol: 0 })),
      bad('hello-protocol-text', 'a hello whose protocol is text', changed(HELLO, { protocol: '1' })),
      bad('hello-mode', 'a hello of another mode', changed(HELLO, { mode: 'heavy' })),
      bad('hello-modules-17', 'a hello with 17 modules', changed(HELLO, { modules: [...'abcdefghijklmnopq'] })),
      bad('hello-modules-unsorted', 'a hello whose modules are not sorted', changed(HELLO, { modules: ['b', 'a'] })),
      bad('hello-modules-twice', 'a hello with a module twice', changed(HELLO, { modules: ['a', 'a'] })),
      bad('hello-modules-name', 'a hello with a module whose name is none', changed(HELLO, { modules: ['A'] })),
      bad('newer-no-genesis', 'a hello of protocol 2 without genesis', changed(HELLO, { protocol: 2 }, 'genesis')),
      bad('summary-negative', 'a summary with a negative count', summary(HELLO, { transactions: -1 })),
      bad('summary-more', 'a summary with a field more', summary(HELLO, { more: 1 })),
      bad('summary-list', 'a summary that is a list', changed(HELLO, { summary: [] })),
      bad('summary-root-31', 'a root of 31 bytes', summary(STATE, { coinsRoot: Buffer.alloc(31) })),
      bad('summary-integer', 'a supply that is an integer', summary(STATE, { supply: 1 })),
      bad('natural-leading-zero', 'a number with a leading zero', summary(STATE, { supply: Buffer.from([0, 1]) })),
      bad('natural-41', 'a number of 41 bytes', summary(STATE, { work: Buffer.alloc(41, 1) })),
      bad('inv-53', 'an inv of 53 bytes', { t: 'inv', held: Buffer.alloc(53) }),
      bad('inv-list', 'an inv whose held is a list', { t: 'inv', held: [raw(id(1))] }),
      bad('inv-from-negative', 'an inv from before the genesis', changed(INV, { from: -1 })),
      bad('inv-1001', 'an inv of 1,001 transactions', { t: 'inv', held: Buffer.alloc(52 * 1_001) }),
      bad('list-no-from', 'a list without from', { t: 'list' }),
      bad('get-33', 'a get of 33 bytes', { t: 'get', txids: Buffer.alloc(33) }),
      bad('tx-empty-file', 'a tx with an empty file', { t: 'tx', files: [''], missing: '' }),
      bad('tx-file-16385', 'a tx with a file of 16,385 bytes', { t: 'tx', files: [Buffer.alloc(16_385, 1)], missing: '' }),
      bad('tx-files-bytes', 'a tx whose files are one byte string', { t: 'tx', files: 'x', missing: '' }),
      bad('tx-file-integer', 'a tx with an integer for a file', { t: 'tx', files: [1], missing: '' }),
      bad('tx-no-missing', 'a tx without missing', { t: 'tx', files: ['x'] }),
      bad('node-tree', 'a node of another tree', changed(NODE, { tree: 'oak' })),
      bad('node-prefixes-65', 'a node with 65 prefixes', changed(NODE, { prefixes: Array(65).fill('') })),
      bad('node-prefix-64', 'a node with a prefix of 64 digits', changed(NODE, { prefixes: ['a'.repeat(64)] })),
      bad('node-prefix-uppercase', 'a node with an uppercase prefix', changed(NODE, { prefixes: ['A'] })),
      bad('nodes-kind', 'a node of another kind', changed(NODES, { nodes: [{ kind: 'twig', prefix: '' }] })),
      bad(
        'nodes-children-15',
        'an inner node with 15 children',
        changed(NODES, { nodes: [changed(inner, { children: CHILDREN.slice(1) })] }),
      ),
      bad('nodes-no-child', 'an inner node without a child', changed(NODES, { nodes: [changed(inner, { children: Array(16).fill('') })] })),
      bad('nodes-no-leaf', 'leaves without a leaf', changed(NODES, { nodes: [changed(coins, { keys: '', amounts: [] })] })),
      bad(
        'nodes-leaves-49',
        'a node with 49 leaves',
        changed(NODES, {
          tree: 'transactions',
          nodes: [{ kind: 'leaves', prefix: '', keys: raw(...Array.from({ length: 49 }, (_, i) => id(i))) }],
        }),
      ),
      bad('nodes-unsorted', 'leaves that are not sorted', changed(NODES, { nodes: [changed(coins, { keys: raw(...KEYS.toReversed()) })] })),
      bad('nodes-elsewhere', 'leaves that are not below the prefix', changed(NODES, { nodes: [changed(coins, { prefix: 'a1' })] })),
      bad('nodes-amount-missing', 'two coins with one amount', changed(NODES, { nodes: [changed(coins, { amounts: [natural(1n)] })] })),
      bad('nodes-amount-zero', 'a coin of nothing', changed(NODES, { nodes: [changed(coins, { amounts: [natural(1n), ''] })] })),
      bad('nodes-no-amounts', 'coins without amounts', changed(NODES, { nodes: [leaves] })),
      bad('nodes-amounts', 'transactions with amounts', changed(NODES, { tree: 'transactions', nodes: [coins] })),
      bad('spent-63', 'a spent of 63 bytes', { t: 'spent', coins: Buffer.alloc(63) }),
      bad('spent-65-coins', 'a spent of 65 coins', { t: 'spent', coins: Buffer.alloc(64 * 65) }),
      bad('spender-no-file', 'a spent coin without the file', { t: 'spender', spenders: [{ kind: 'spent', coin: COIN, settled: 1 }] }),
      bad('spender-settled-2', 'a spent coin that is settled twice', {
        t: 'spender',
        spenders: [{ kind: 'spent', coin: COIN, file: '{}', settled: 2 }],
      }),
      bad('spender-file', 'an unspent coin with a file', { t: 'spender', spenders: [{ kind: 'unspent', coin: COIN, file: '{}' }] }),
      bad('dsp-one', 'a proof with one file', { t: 'dsp', files: ['x'] }),
      bad('dsp-three', 'a proof with three files', { t: 'dsp', files: ['x', 'y', 'z'] }),
      bad('dsp-same', 'a proof with one file twice', { t: 'dsp', files: ['x', 'x'] }),
      bad('vote-39', 'a vote of 39 bytes', { t: 'vote', votes: Buffer.alloc(39) }),
      bad('vote-nonce', 'a vote whose nonce is 2^53', { t: 'vote', votes: Buffer.concat([raw(id(6)), nonceBytes(2 ** 53)]) }),
      bad('vote-65', '65 votes', { t: 'vote', votes: Buffer.alloc(40 * 65) }),
      bad('intro-kind', 'an intro that is neither offer nor answer', changed(OFFER, { kind: 'rollback' })),
      bad('intro-answer-no-to', 'an answer to nobody', changed(ANSWER, {}, 'to')),
      bad('intro-torrent-no-to', 'an offer of an attached file to anyone', changed(OFFER, { torrent: raw(id(6, 20)) })),
      bad('intro-torrent-19', 'an infohash of 19 bytes', changed(OFFER, { to: raw(id(5, 20)), torrent: Buffer.alloc(19) })),
      bad('intro-from-21', 'a peer id of 21 bytes', changed(OFFER, { from: Buffer.alloc(21) })),
      bad('intro-known-17', 'an offer with 17 known peers', changed(OFFER, { known: Buffer.alloc(20 * 17) })),
      bad('intro-signal-empty', 'an offer without a description', changed(OFFER, { signal: '' })),
      bad('intro-signal-16385', 'a description of 16,385 bytes', changed(OFFER, { signal: Buffer.alloc(16_385, 'a') })),
      bad(
        'hello-unsorted',
        'a whole message with unsorted keys',
        dictionary(['t', string('list')], ['from', Buffer.from('i0e')]),
        'bencode',
      ),
    ],
  };
}
