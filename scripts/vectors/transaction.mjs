/** Vectors of transaction files: what each file is, or the code with which it is refused. Expected codes are written by hand. */
import { addressOf, bech32, canonical, infohash, makeFile, person, sha256, txid, workCore, workHash, zeroBits } from './oracle.mjs';

/** @typedef {import('./oracle.mjs').Json} Json */
/** @typedef {{ [field: string]: Json }} Fields */

const alice = person('alice');
const bob = person('bob');
const TIME = 1_700_000_000_000;
export const NETWORK = { burnPerByte: 1000, hrp: 'ttx', maxGain: 0, name: 'Vectors', workReward: 100_000 };

/** A locator of a transaction that does not exist: context-free checks do not look. @param {string} label */
export const madeUpLocator = (label) => `${sha256(`infohash ${label}`).toString('hex').slice(0, 40)}:${sha256(label).toString('hex')}`;
/** @param {number} count */
const manyPrev = (count) => Array.from({ length: count }, (_, i) => madeUpLocator(`parent ${i}`)).sort();
/** @param {number} count */
const manyRef = (count) => Array.from({ length: count }, (_, i) => sha256(`ref ${i}`).toString('hex')).sort();

/** @returns {Fields} */
const payment = () => ({ v: 1, time: TIME, to: bob.address, tokens: 5_000_000, key: alice.key, prev: [madeUpLocator('parent')], ref: [] });
/** @returns {Fields} */
const genesis = () => ({
  v: 1,
  time: TIME,
  to: alice.address,
  tokens: 1_000_000_000_000_000,
  key: alice.key,
  prev: null,
  ref: [],
  modules: { network: { ...NETWORK } },
});

/** Lists nested in each other, around nothing. @param {number} depth @returns {Json} */
const nested = (depth) => (depth === 1 ? [] : [nested(depth - 1)]);

/** A payment with a note that makes its file exactly this long. @param {number} bytes */
function paddedTo(bytes) {
  const bare = makeFile({ ...payment(), modules: { comment: '' } }, alice).bytes.length;
  return makeFile({ ...payment(), modules: { comment: 'a'.repeat(bytes - bare) } }, alice);
}

/** @param {string} name @param {string} description @param {{ transaction: Fields, text: string, bytes: Buffer }} made */
function valid(name, description, { transaction, text, bytes }) {
  const core = workCore(transaction);
  return {
    name,
    description,
    text,
    txid: txid(bytes),
    infohash: infohash(bytes),
    workCore: core.toString('hex'),
    workBits: zeroBits(workHash(core, Number(transaction.nonce))),
  };
}

/** @param {Fields} changes */
const pay = (changes) => makeFile({ ...payment(), ...changes }, alice);
/** @param {Fields} changes @param {Fields} [parameters] */
const found = (changes, parameters) =>
  makeFile({ ...genesis(), ...(parameters === undefined ? {} : { modules: { network: parameters } }), ...changes }, alice);

const plain = makeFile(payment(), alice);
const noted = pay({ modules: { comment: 'thanks' } });

function validVectors() {
  return [
    valid('payment', 'a payment', plain),
    valid('payment-with-work', 'a payment with 8 bits of work', makeFile(payment(), alice, 8)),
    valid('genesis', 'a genesis', found({})),
    valid('genesis-to-another', 'a genesis that gives everything to somebody else than its signer', found({ to: bob.address })),
    valid(
      'genesis-limits',
      'a genesis with every parameter at its greatest',
      makeFile(
        {
          ...genesis(),
          tokens: Number.MAX_SAFE_INTEGER,
          to: addressOf(alice.key, 'abcdefghijklmnop'),
          modules: {
            network: { burnPerByte: 2 ** 40, hrp: 'abcdefghijklmnop', maxGain: 2 ** 40, name: '\u{1f600}'.repeat(32), workReward: 2 ** 40 },
          },
        },
        alice,
      ),
    ),
    valid(
      'genesis-zeros',
      'a genesis with every parameter 0 and the shortest name and prefix',
      makeFile(
        {
          ...genesis(),
          tokens: 1,
          to: addressOf(alice.key, 'x'),
          modules: { network: { burnPerByte: 0, hrp: 'x', maxGain: 0, name: '1', workReward: 0 } },
        },
        alice,
      ),
    ),
    valid(
      'genesis-with-comment',
      'a genesis with another module beside network',
      found({ modules: { comment: 'hello', network: { ...NETWORK } } }),
    ),
    valid('to-self', 'a payment to the sender', pay({ to: alice.address })),
    valid('tokens-zero', 'a transaction that pays nothing', pay({ tokens: 0 })),
    valid(
      'integers-greatest',
      'time, tokens and nonce at 2^53 - 1',
      (() => {
        const fields = { ...payment(), time: Number.MAX_SAFE_INTEGER, tokens: Number.MAX_SAFE_INTEGER, nonce: Number.MAX_SAFE_INTEGER };
        const text = canonical({ ...fields, signature: '0'.repeat(128) });
        return { transaction: { ...fields, signature: '0'.repeat(128) }, text, bytes: Buffer.from(text) };
      })(),
    ),
    valid(
      'integers-least',
      'time, tokens and nonce 0',
      (() => {
        const fields = { ...payment(), time: 0, tokens: 0, nonce: 0, signature: '0'.repeat(128) };
        const text = canonical(fields);
        return { transaction: fields, text, bytes: Buffer.from(text) };
      })(),
    ),
    valid('prev-32', '32 transactions in prev', pay({ prev: manyPrev(32) })),
    valid(
      'prev-same-infohash',
      'two transactions in prev with one infohash and two txids',
      pay({ prev: [`${'a'.repeat(40)}:${'1'.repeat(64)}`, `${'a'.repeat(40)}:${'2'.repeat(64)}`] }),
    ),
    valid('ref-8', '8 transactions in ref', pay({ ref: manyRef(8) })),
    valid(
      'another-prefix',
      'an address with the prefix of another network: the file alone does not tell',
      pay({ to: addressOf(bob.key, 'other') }),
    ),
    valid('modules-text', 'a module that is text', noted),
    valid('modules-empty-text', 'a module that is the empty text', pay({ modules: { comment: '' } })),
    valid('modules-empty-object', 'a module that is an empty object', pay({ modules: { x: {} } })),
    valid(
      'modules-names',
      'module names of 1 and of 32 characters, with digits and hyphens',
      pay({ modules: { '-': '', 0: '', 'abcdefghijklmnopqrstuvwxyz-01234': '' } }),
    ),
    valid(
      'modules-values',
      'a module with every kind of JSON value',
      pay({ modules: { x: { a: null, b: true, c: false, d: -9007199254740991, e: 'é', f: [1, '2', []], g: {} } } }),
    ),
    valid(
      'modules-tojson',
      'a module whose keys are toJSON, constructor, hasOwnProperty and length',
      pay({ modules: { x: { constructor: 1, hasOwnProperty: 2, length: 3, toJSON: 4 } } }),
    ),
    valid('modules-proto', 'a module with the key __proto__', pay({ modules: JSON.parse('{"x":{"__proto__":{"a":1},"a":2}}') })),
    valid('modules-constructor', 'modules named constructor and tojson', pay({ modules: { constructor: 'a', tojson: 'b' } })),
    valid(
      'keys-utf16-order',
      'keys sorted by UTF-16 code units: U+1F600 before U+FF61, though its UTF-8 and its code point are greater',
      pay({ modules: { x: { '\u{1f600}': 1, '\uff61': 2 } } }),
    ),
    valid('keys-digits', 'keys of digits sorted as text: 10 before 9', pay({ modules: { x: { 10: 1, 9: 2, '': 3 } } })),
    valid(
      'text-escapes',
      'text with every character that RFC 8785 escapes, and some that it does not',
      pay({ modules: { comment: '\u0000\u0001\b\t\n\u000b\f\r\u001f"\\/\u007f\u2028\u2029\ufeff\uffff' } }),
    ),
    valid('text-not-normalised', 'composed and decomposed letters stay as they are', pay({ modules: { comment: '\u00e9e\u0301' } })),
    valid(
      'brackets-in-text',
      'brackets inside text do not count as nesting',
      pay({ modules: { comment: `${'['.repeat(40)}"${'{'.repeat(40)}\\` } }),
    ),
    valid('depth-16', 'nesting exactly 16 deep: the file, modules, a module and 13 lists', pay({ modules: { x: { a: nested(13) } } })),
    valid('bytes-16384', 'a file of exactly 16,384 bytes', paddedTo(16_384)),
    valid(
      'signature-unchecked',
      'a wrong signature: well-formed, so that it fails later',
      (() => {
        const transaction = { ...plain.transaction, signature: 'f'.repeat(128) };
        const text = canonical(transaction);
        return { transaction, text, bytes: Buffer.from(text) };
      })(),
    ),
  ];
}

/** @typedef {{ name: string, description: string, error: string, text?: string, hex?: string }} Invalid */

/** @param {string} error @param {string} name @param {string} description @param {string | Buffer} file @returns {Invalid} */
const bad = (error, name, description, file) =>
  typeof file === 'string' ? { name, description, error, text: file } : { name, description, error, hex: file.toString('hex') };

/** Canonical text with one field replaced or left out; the signature is left alone, the schema is checked before. @param {Fields} changes */
function changed(changes) {
  const fields = { ...plain.transaction, ...changes };
  for (const [field, value] of Object.entries(changes)) if (value === undefined) delete fields[field];
  return canonical(fields);
}

/** @param {string} from @param {string} to @param {string} [text] */
function replaced(from, to, text = noted.text) {
  if (!text.includes(from)) throw new Error(`nothing to replace: ${from}`);
  return text.replace(from, () => to);
}

/** @param {number[]} bytes put where the note stands */
const noteBytes = (...bytes) =>
  Buffer.concat([Buffer.from(noted.text.split('thanks')[0] ?? ''), Buffer.from(bytes), Buffer.from(noted.text.split('thanks')[1] ?? '')]);

/** Text of a module `x`, inserted raw. @param {string} raw */
const module = (raw) => replaced('{"comment":"thanks"}', `{"x":${raw}}`);

function fileErrors() {
  return [
    bad('size', 'empty', 'an empty file', ''),
    bad('size', 'bytes-16385', 'a well-formed file of 16,385 bytes', paddedTo(16_385).text),
    bad('depth', 'depth-17', 'nesting 17 deep', pay({ modules: { x: { a: nested(14) } } }).text),
    bad('depth', 'depth-not-json', 'only opening brackets: the depth is read off the bytes before parsing', '['.repeat(17)),
    bad(
      'depth',
      'depth-after-quote',
      'an escaped quote does not end a text: the brackets behind the true end count',
      `"\\"${'[['}"${'['.repeat(17)}`,
    ),
    bad('encoding', 'not-json', 'no JSON', 'hello'),
    bad('encoding', 'byte-order-mark', 'a byte order mark in front', Buffer.concat([Buffer.from('efbbbf', 'hex'), plain.bytes])),
    bad('encoding', 'cut', 'a file without its last byte', plain.text.slice(0, -1)),
    bad('encoding', 'two-files', 'a file twice', plain.text + plain.text),
    bad('encoding', 'nul-behind', 'a NUL byte behind', Buffer.concat([plain.bytes, Buffer.from([0])])),
    bad('encoding', 'utf16', 'UTF-16 instead of UTF-8', Buffer.from(plain.text, 'utf16le')),
    bad('encoding', 'utf8-overlong', 'an overlong encoding of "/"', noteBytes(0xc0, 0xaf)),
    bad('encoding', 'utf8-overlong-nul', 'an overlong encoding of NUL', noteBytes(0xc0, 0x80)),
    bad(
      'encoding',
      'utf8-surrogates',
      'a surrogate pair encoded as two times three bytes (CESU-8)',
      noteBytes(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80),
    ),
    bad('encoding', 'utf8-beyond', 'a code point beyond U+10FFFF', noteBytes(0xf4, 0x90, 0x80, 0x80)),
    bad('encoding', 'utf8-cut', 'a character that is cut off', noteBytes(0xe2, 0x82)),
    bad('encoding', 'utf8-stray', 'a stray continuation byte', noteBytes(0x80)),
    bad('encoding', 'control-raw', 'a raw control character in text', noteBytes(0x0a)),
    bad('encoding', 'surrogate-value', 'an escaped lone high surrogate in text', replaced('thanks', '\\ud83d')),
    bad('encoding', 'surrogate-low', 'an escaped lone low surrogate in text', replaced('thanks', '\\ude00')),
    bad('encoding', 'surrogate-swapped', 'an escaped surrogate pair in the wrong order', replaced('thanks', '\\ude00\\ud83d')),
    bad('encoding', 'surrogate-key', 'an escaped lone surrogate in a key', module('{"\\ud800":1}')),
    bad(
      'encoding',
      'surrogate-before-number',
      'a lone surrogate behind a fraction: text is checked before numbers',
      module('{"a":0.5,"b":"\\ud800"}'),
    ),
    bad('encoding', 'comment', 'a comment, which JSON has not', `${plain.text}//`),
    bad('encoding', 'trailing-comma', 'a comma before the closing brace', replaced('"v":1}', '"v":1,}')),
    bad('encoding', 'single-quotes', 'text in single quotes', module("'a'")),
    bad('encoding', 'nan', 'NaN, which JSON has not', module('{"a":NaN}')),
    bad('encoding', 'leading-zero', 'a number with a leading zero', replaced('"v":1', '"v":01')),
    bad('encoding', 'plus-sign', 'a number with a plus sign', replaced('"v":1', '"v":+1')),
  ];
}

function canonicalErrors() {
  return [
    bad('canonical', 'trailing-newline', 'a newline behind', `${plain.text}\n`),
    bad('canonical', 'leading-space', 'a space in front', ` ${plain.text}`),
    bad('canonical', 'space-inside', 'a space behind a colon', replaced('"v":1', '"v": 1')),
    bad('canonical', 'duplicate-key', 'a key twice with one value', replaced('"v":1', '"v":1,"v":1')),
    bad(
      'canonical',
      'duplicate-key-other-value',
      'a key twice with two values',
      replaced('"tokens":5000000', '"tokens":9000000,"tokens":5000000'),
    ),
    bad('canonical', 'duplicate-key-escaped', 'a key twice, once escaped', replaced('"v":1', '"v":1,"\\u0076":1')),
    bad('canonical', 'duplicate-proto', 'the key __proto__ twice', module('{"__proto__":1,"__proto__":1}')),
    bad('canonical', 'keys-unsorted', 'keys in another order', JSON.stringify({ v: 1, ...plain.transaction })),
    bad('canonical', 'keys-byte-order', 'keys sorted by bytes where UTF-16 order differs', module('{"\uff61":2,"\u{1f600}":1}')),
    bad('canonical', 'keys-number-order', 'keys of digits sorted as numbers', module('{"9":2,"10":1}')),
    bad('canonical', 'number-point', 'the number 1.0', replaced('"v":1', '"v":1.0')),
    bad('canonical', 'number-exponent', 'the number 1e3', module('{"a":1e3}')),
    bad('canonical', 'number-negative-zero', 'the number -0', module('{"a":-0}')),
    bad(
      'canonical',
      'number-rounds',
      'a fraction that rounds to an integer in binary floating point',
      module('{"a":0.99999999999999999999}'),
    ),
    bad('canonical', 'number-underflow', 'a fraction that rounds to 0', module('{"a":1e-400}')),
    bad('canonical', 'escape-letter', 'a letter escaped without need', replaced('thanks', '\\u0074hanks')),
    bad('canonical', 'escape-slash', 'a slash escaped without need', replaced('thanks', '\\/')),
    bad('canonical', 'escape-uppercase', 'an escape with uppercase hex digits', replaced('thanks', '\\u001F')),
    bad('canonical', 'escape-long', 'a newline escaped as \\u000a instead of \\n', replaced('thanks', '\\u000a')),
    bad('canonical', 'escape-pair', 'an astral character escaped as a surrogate pair', replaced('thanks', '\\ud83d\\ude00')),
  ];
}

function fieldErrors() {
  const unchecked = sha256('unchecked').toString('hex');
  return [
    bad('schema', 'not-object', 'a list', '[]'),
    bad('schema', 'null', 'null', 'null'),
    bad('schema', 'number-alone', 'a number', '1'),
    ...['v', 'time', 'to', 'tokens', 'key', 'prev', 'ref', 'nonce', 'signature'].map((field) =>
      bad('schema', `no-${field}`, `without ${field}`, changed(/** @type {Fields} */ (/** @type {unknown} */ ({ [field]: undefined })))),
    ),
    bad('schema', 'unknown-field', 'a field that does not exist', changed({ fee: 1 })),
    bad('schema', 'proto-field', 'a field __proto__', replaced('{"key"', '{"__proto__":{},"key"', plain.text)),
    bad('schema', 'v-2', 'another version', changed({ v: 2 })),
    bad('schema', 'v-text', 'the version as text', changed({ v: '1' })),
    bad('schema', 'time-negative', 'a negative time', changed({ time: -1 })),
    bad('schema', 'time-fraction', 'a fraction of a millisecond', replaced(`"time":${TIME}`, `"time":${TIME}.5`)),
    bad('schema', 'time-2-53', 'a time of 2^53', changed({ time: 2 ** 53 })),
    bad('schema', 'tokens-negative', 'a negative amount', changed({ tokens: -1 })),
    bad('schema', 'tokens-text', 'an amount as text', changed({ tokens: '5' })),
    bad('schema', 'tokens-fraction', 'a fraction of a base unit', replaced('"tokens":5000000', '"tokens":0.5')),
    bad('schema', 'tokens-2-53', 'an amount of 2^53', changed({ tokens: 2 ** 53 })),
    bad(
      'schema',
      'tokens-2-53-1',
      'an amount of 2^53 + 1, which rounds to 2^53',
      replaced('"tokens":5000000', '"tokens":9007199254740993'),
    ),
    bad('schema', 'tokens-infinite', 'an amount beyond every double', replaced('"tokens":5000000', '"tokens":1e400')),
    bad('schema', 'nonce-negative', 'a negative nonce', changed({ nonce: -1 })),
    bad('schema', 'nonce-2-53', 'a nonce of 2^53', changed({ nonce: 2 ** 53 })),
    bad('schema', 'key-uppercase', 'a key in uppercase hex', changed({ key: alice.key.toUpperCase() })),
    bad('schema', 'key-short', 'a key of 62 digits', changed({ key: alice.key.slice(2) })),
    bad('schema', 'signature-uppercase', 'a signature in uppercase hex', changed({ signature: 'A'.repeat(128) })),
    bad('schema', 'signature-short', 'a signature of 126 digits', changed({ signature: '0'.repeat(126) })),
    bad('schema', 'signature-newline', 'a signature of 127 digits and a newline', changed({ signature: `${'0'.repeat(127)}\n` })),
    bad('schema', 'to-number', 'an address that is a number', changed({ to: 1 })),
    bad('schema', 'prev-empty', 'an empty prev', changed({ prev: [] })),
    bad('schema', 'prev-33', '33 transactions in prev', changed({ prev: manyPrev(33) })),
    bad('schema', 'prev-object', 'a prev that is an object', changed({ prev: {} })),
    bad('schema', 'prev-unsorted', 'an unsorted prev', changed({ prev: manyPrev(2).reverse() })),
    bad('schema', 'prev-twice', 'a locator twice', changed({ prev: [madeUpLocator('a'), madeUpLocator('a')] })),
    bad(
      'schema',
      'prev-same-txid',
      'one txid with two infohashes',
      changed({ prev: [`${'1'.repeat(40)}:${unchecked}`, `${'2'.repeat(40)}:${unchecked}`] }),
    ),
    bad('schema', 'prev-uppercase', 'a locator in uppercase', changed({ prev: [madeUpLocator('a').toUpperCase()] })),
    bad('schema', 'prev-txid', 'a txid where a locator belongs', changed({ prev: [unchecked] })),
    bad('schema', 'ref-null', 'a ref that is null', changed({ ref: null })),
    bad('schema', 'ref-9', '9 transactions in ref', changed({ ref: manyRef(9) })),
    bad('schema', 'ref-unsorted', 'an unsorted ref', changed({ ref: manyRef(2).reverse() })),
    bad('schema', 'ref-twice', 'a txid twice in ref', changed({ ref: [unchecked, unchecked] })),
    bad('schema', 'ref-locator', 'a locator where a txid belongs', changed({ ref: [madeUpLocator('a')] })),
    bad('schema', 'ref-in-prev', 'a txid in ref that is in prev', changed({ ref: [sha256('parent').toString('hex')] })),
  ];
}

function moduleErrors() {
  return [
    bad('schema', 'modules-empty', 'modules without a module', changed({ modules: {} })),
    bad('schema', 'modules-list', 'modules that are a list', changed({ modules: ['comment'] })),
    bad('schema', 'modules-null', 'modules that are null', changed({ modules: null })),
    bad('schema', 'modules-number', 'a module that is a number', changed({ modules: { x: 1 } })),
    bad('schema', 'modules-null-value', 'a module that is null', changed({ modules: { x: null } })),
    bad('schema', 'modules-list-value', 'a module that is a list', changed({ modules: { x: [] } })),
    bad('schema', 'modules-uppercase', 'a module name in uppercase', changed({ modules: { Comment: '' } })),
    bad('schema', 'modules-name-empty', 'an empty module name', changed({ modules: { '': '' } })),
    bad('schema', 'modules-name-33', 'a module name of 33 characters', changed({ modules: { ['a'.repeat(33)]: '' } })),
    bad('schema', 'modules-name-newline', 'a module name that ends in a newline', changed({ modules: { 'a\n': '' } })),
    bad('schema', 'modules-name-proto', 'a module named __proto__', module('{}').replace('"x"', '"__proto__"')),
    bad('schema', 'modules-fraction', 'a fraction deep inside a module', module('{"a":[0.5]}')),
    bad('schema', 'modules-2-53', 'the integer 2^53 inside a module', module('{"a":9007199254740992}')),
    bad('schema', 'modules-below-2-53', 'the integer -2^53 inside a module', module('{"a":-9007199254740992}')),
    bad('schema', 'network-elsewhere', 'modules.network in a payment', changed({ modules: { network: { ...NETWORK } } })),
    bad('schema', 'network-text-elsewhere', 'modules.network in a payment, as text', changed({ modules: { network: 'hello' } })),
  ];
}

function genesisErrors() {
  const { maxGain: _, ...four } = NETWORK;
  /** @param {string} name @param {string} description @param {Fields} parameters */
  const parameter = (name, description, parameters) => bad('schema', name, description, found({}, parameters).text);
  return [
    bad('schema', 'genesis-no-modules', 'prev null without modules', changed({ prev: null })),
    bad('schema', 'genesis-no-network', 'prev null without modules.network', changed({ prev: null, modules: { comment: '' } })),
    bad('schema', 'genesis-network-text', 'modules.network as text', changed({ prev: null, modules: { network: 'ttx' } })),
    bad('schema', 'genesis-ref', 'a genesis with ref', found({ ref: manyRef(1) }).text),
    bad('schema', 'genesis-tokens-zero', 'a genesis of nothing', found({ tokens: 0 }).text),
    bad(
      'schema',
      'genesis-hrp',
      'a genesis for an address with another prefix than its parameters say',
      found({}, { ...NETWORK, hrp: 'abc' }).text,
    ),
    parameter('genesis-field-missing', 'a parameter too few', four),
    parameter('genesis-field-extra', 'a parameter too many', { ...NETWORK, trackers: [] }),
    parameter('genesis-field-other', 'an unknown parameter in place of one', { ...four, gain: 0 }),
    parameter('genesis-name-empty', 'an empty name', { ...NETWORK, name: '' }),
    parameter('genesis-name-33', 'a name of 33 code points', { ...NETWORK, name: 'a'.repeat(33) }),
    parameter('genesis-name-number', 'a name that is a number', { ...NETWORK, name: 1 }),
    parameter('genesis-hrp-empty', 'an empty prefix', { ...NETWORK, hrp: '' }),
    parameter('genesis-hrp-17', 'a prefix of 17 letters', { ...NETWORK, hrp: 'a'.repeat(17) }),
    parameter('genesis-hrp-uppercase', 'a prefix in uppercase', { ...NETWORK, hrp: 'TTX' }),
    parameter('genesis-hrp-digit', 'a prefix with a digit', { ...NETWORK, hrp: 'tt1' }),
    parameter('genesis-burn-negative', 'a negative burn', { ...NETWORK, burnPerByte: -1 }),
    parameter('genesis-burn-beyond', 'a burn of 2^40 + 1', { ...NETWORK, burnPerByte: 2 ** 40 + 1 }),
    parameter('genesis-reward-beyond', 'a work reward of 2^40 + 1', { ...NETWORK, workReward: 2 ** 40 + 1 }),
    parameter('genesis-gain-beyond', 'a greatest gain of 2^40 + 1', { ...NETWORK, maxGain: 2 ** 40 + 1 }),
    parameter('genesis-gain-text', 'a greatest gain that is text', { ...NETWORK, maxGain: '0' }),
  ];
}

function addressErrors() {
  const hash = sha256(Buffer.from(bob.key, 'hex'));
  const wrong = bob.address.endsWith('q') ? 'p' : 'q';
  return [
    bad('address', 'to-checksum', 'an address with a wrong last character', changed({ to: bob.address.slice(0, -1) + wrong })),
    bad('address', 'to-uppercase', 'an address in uppercase', changed({ to: bob.address.toUpperCase() })),
    bad('address', 'to-bech32', 'an address in bech32 instead of bech32m', changed({ to: bech32('ttx', hash, 1) })),
    bad('address', 'to-31-bytes', 'an address of 31 bytes', changed({ to: bech32('ttx', hash.subarray(0, 31)) })),
    bad('address', 'to-empty', 'an empty address', changed({ to: '' })),
    bad('address', 'to-space', 'an address behind a space', changed({ to: ` ${bob.address}` })),
  ];
}

export function transactionVectors() {
  const invalid = [...fileErrors(), ...canonicalErrors(), ...fieldErrors(), ...moduleErrors(), ...genesisErrors(), ...addressErrors()];
  return {
    description:
      'Files tx.json. valid: text (UTF-8) with its txid, infohash, work core and work bits; signatures are not looked at here. invalid: text or hex, and the code with which the file is refused, whatever else is known.',
    valid: validVectors(),
    invalid,
  };
}
