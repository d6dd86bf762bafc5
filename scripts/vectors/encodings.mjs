/** Vectors of addresses, torrents, work and signatures. */
import {
  bech32,
  canonical,
  infoDictionary,
  infohash,
  makeFile,
  mine,
  person,
  sha256,
  signedMessage,
  workCore,
  workHash,
  zeroBits,
} from './oracle.mjs';
import { madeUpLocator } from './transaction.mjs';

const alice = person('alice');
const bob = person('bob');

/** `address` with its character at `at` replaced by another of the alphabet. @param {string} address @param {number} at */
function mistyped(address, at) {
  const index = at < 0 ? address.length + at : at;
  return address.slice(0, index) + (address[index] === 'q' ? 'p' : 'q') + address.slice(index + 1);
}

export function addressVectors() {
  const hash = sha256(Buffer.from(alice.key, 'hex'));
  /** @param {string} name @param {string} description @param {string} address */
  const bad = (name, description, address) => ({ name, description, address, error: 'address' });
  const valid = [
    ['usual', 'the usual prefix', alice.key, 'ttx'],
    ['another', 'another key', bob.key, 'ttx'],
    ['shortest-prefix', 'a prefix of one letter', alice.key, 'a'],
    ['longest-prefix', 'a prefix of 16 letters', alice.key, 'abcdefghijklmnop'],
  ].map(([name = '', description = '', key = '', hrp = '']) => {
    const payload = sha256(Buffer.from(key, 'hex'));
    return { name, description, key, hrp, payload: payload.toString('hex'), address: bech32(hrp, payload) };
  });
  return {
    description:
      'Addresses as they stand in a transaction. valid: key, payload = SHA-256(key) and the address. invalid: refused with code address.',
    valid,
    invalid: [
      bad('checksum-last', 'a wrong last character', mistyped(alice.address, -1)),
      bad('checksum-first', 'a wrong first character of the payload', mistyped(alice.address, 4)),
      bad('uppercase', 'uppercase, which only people may write', alice.address.toUpperCase()),
      bad('mixed-case', 'mixed case', alice.address.slice(0, 10) + alice.address.slice(10).toUpperCase()),
      bad('prefix-uppercase', 'an uppercase prefix', `TTX${alice.address.slice(3)}`),
      bad('bech32', 'the checksum of bech32 (BIP 173)', bech32('ttx', hash, 1)),
      bad('payload-31', 'a payload of 31 bytes', bech32('ttx', hash.subarray(0, 31))),
      bad('payload-33', 'a payload of 33 bytes', bech32('ttx', Buffer.concat([hash, Buffer.from([0])]))),
      bad('payload-empty', 'no payload', bech32('ttx', Buffer.alloc(0))),
      bad('witness-version', 'a witness version in front, as in bitcoin', bech32('ttx', Buffer.concat([Buffer.from([0]), hash]))),
      bad('padding', 'padding bits that are not zero', bech32('ttx', hash, undefined, 1)),
      bad('prefix-17', 'a prefix of 17 letters', bech32('abcdefghijklmnopq', hash)),
      bad('prefix-digit', 'a prefix with a digit', bech32('tt2', hash)),
      bad('prefix-one', 'a prefix that contains the separator', bech32('t1t', hash)),
      bad('prefix-empty', 'no prefix', bech32('', hash)),
      bad('no-separator', 'no separator', alice.address.replace('1', '')),
      bad('space-behind', 'a space behind', `${alice.address} `),
      bad('newline-behind', 'a newline behind', `${alice.address}\n`),
      bad('charset', 'a character outside the alphabet', `${alice.address.slice(0, 8)}b${alice.address.slice(9)}`),
      bad('cyrillic', 'a Cyrillic letter that looks like a Latin one', alice.address.replace('t', '\u0442')),
      bad('empty', 'nothing', ''),
    ],
  };
}

export function torrentVectors() {
  const files = [
    ['one-byte', 'the shortest file', Buffer.from('a')],
    ['length-9', 'a length of one digit', Buffer.alloc(9, 'a')],
    ['length-10', 'a length of two digits', Buffer.alloc(10, 'a')],
    ['bytes', 'bytes that are no text', Buffer.from([0, 255, 128, 10])],
    ['largest', 'a file of 16,384 bytes, all 0x61', Buffer.alloc(16_384, 'a')],
  ];
  const info = infoDictionary(Buffer.from('a'));
  /** @param {string} name @param {string} description @param {string | Buffer} from @param {string} [to] */
  const bad = (name, description, from, to) => {
    const dictionary = typeof from === 'string' ? Buffer.from(info.toString('latin1').replace(from, to ?? ''), 'latin1') : from;
    if (dictionary.equals(info)) throw new Error(name);
    return { name, description, info: dictionary.toString('hex'), error: 'schema' };
  };
  return {
    description:
      'Torrents of files. valid: file (hex; or fill, a byte and how often it is repeated), info dictionary and infohash. invalid: info dictionaries that are no transaction.',
    valid: files.map(([name, description, file]) => {
      const bytes = /** @type {Buffer} */ (file);
      const content = bytes.length > 100 ? { fill: [bytes[0], bytes.length] } : { file: bytes.toString('hex') };
      return { name, description, ...content, info: infoDictionary(bytes).toString('hex'), infohash: infohash(bytes) };
    }),
    invalid: [
      bad('empty', 'nothing', Buffer.alloc(0)),
      bad('folder-name', 'a folder with another name', '2:tx12', '2:tX12'),
      bad('file-name', 'a file with another name', '7:tx.json', '7:tx.JSON'),
      bad('piece-length', 'another piece length', 'i16384e', 'i32768e'),
      bad('private', 'a private flag', /** @type {string} */ ('e6:pieces'), 'e6:pieces'.replace('e6', 'e7:privatei1e6')),
      bad(
        'single-file',
        'a single file instead of a folder',
        Buffer.from(`d6:lengthi1e4:name7:tx.json12:piece lengthi16384e6:pieces20:${'a'.repeat(20)}e`),
      ),
      bad('length-zero', 'an empty file', 'i1e4', 'i0e4'),
      bad('length-leading-zero', 'a length with a leading zero', 'i1e4', 'i01e4'),
      bad('length-negative', 'a negative length', 'i1e4', 'i-1e4'),
      bad('length-16385', 'a file of 16,385 bytes', 'i1e4', 'i16385e4'),
      bad('cut', 'a dictionary that is cut off', info.subarray(0, -1)),
      bad('byte-behind', 'a byte behind', Buffer.concat([info, Buffer.from('e')])),
    ],
  };
}

export function workVectors() {
  const fields = { v: 1, time: 1_700_000_000_000, to: bob.address, tokens: 1, key: alice.key, prev: [madeUpLocator('parent')], ref: [] };
  /** @param {string} name @param {string} description @param {Buffer} core @param {number} nonce */
  const made = (name, description, core, nonce) => {
    const hash = workHash(core, nonce);
    return { name, description, core: core.toString('hex'), nonce, hash: hash.toString('hex'), bits: zeroBits(hash) };
  };
  const core = workCore(fields);
  /** @param {string} name @param {string} hash @param {number} bits */
  const count = (name, hash, bits) => ({ name, hash: hash.padEnd(64, '0'), bits });
  return {
    description:
      'Work. valid: SHA-256(core, then nonce as 8 big-endian bytes) and its leading zero bits. zeros: leading zero bits counted by hand. core: work core of a transaction before nonce and signature.',
    valid: [
      made('nonce-zero', 'nonce 0', core, 0),
      made('nonce-2-32', 'nonce 2^32, where the upper half begins', core, 2 ** 32),
      made('nonce-2-32-less-1', 'nonce 2^32 - 1', core, 2 ** 32 - 1),
      made('nonce-greatest', 'nonce 2^53 - 1', core, Number.MAX_SAFE_INTEGER),
      made('bits-0', 'exactly 0 bits', core, mine(fields, 0)),
      made('bits-1', 'exactly 1 bit', core, mine(fields, 1)),
      made('bits-7', 'exactly 7 bits', core, mine(fields, 7)),
      made('bits-8', 'exactly 8 bits', core, mine(fields, 8)),
      made('bits-9', 'exactly 9 bits', core, mine(fields, 9)),
      made('bits-12', 'exactly 12 bits', core, mine(fields, 12)),
    ],
    zeros: [
      count('none', 'ff', 0),
      count('first-bit', '80', 0),
      count('one', '7f', 1),
      count('seven', '01', 7),
      count('eight', '0080', 8),
      count('nine', '007f', 9),
      count('sixteen', '0000ff', 16),
      count('all-but-one', `${'00'.repeat(31)}01`, 255),
      count('all', '', 256),
    ],
    core: [{ name: 'core', transaction: fields, json: canonical(fields), core: core.toString('hex') }],
  };
}

export function signatureVectors() {
  const fields = { v: 1, time: 1_700_000_000_000, to: bob.address, tokens: 1, key: alice.key, prev: [madeUpLocator('parent')], ref: [] };
  const made = [
    ['plain', 'a payment', makeFile(fields, alice)],
    ['note', 'a payment with a note', makeFile({ ...fields, modules: { comment: 'thanks ✓' } }, alice)],
    ['other-key', 'a payment of somebody else', makeFile({ ...fields, key: bob.key }, bob)],
  ];
  const file = makeFile(fields, alice);
  /** @param {string} name @param {string} description @param {object} changes */
  const bad = (name, description, changes, error = 'signature') => ({
    name,
    description,
    error,
    text: canonical({ ...file.transaction, ...changes }),
  });
  const signature = String(file.transaction.signature);
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const scalar = BigInt(`0x${Buffer.from(signature.slice(64), 'hex').reverse().toString('hex')}`) + order;
  const raised = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex');
  const flipped = (Number.parseInt(signature[0] ?? '0', 16) ^ 1).toString(16) + signature.slice(1);
  /** @param {string} name @param {string} description @param {string} key */
  const key = (name, description, key) => ({ name, description, key });
  return {
    description:
      'Signatures. valid: seed (RFC 8032) and file; message is what is signed; signing gives the same signature every time. invalid: files that decode, and the code of their key or signature. admissible and inadmissible: keys.',
    valid: made.map(([name, description, value]) => {
      const { transaction, text } = /** @type {ReturnType<typeof makeFile>} */ (value);
      const seed = transaction.key === alice.key ? alice.seed : bob.seed;
      return { name, description, seed, text, message: signedMessage(transaction).toString('hex'), signature: transaction.signature };
    }),
    invalid: [
      bad('bit-flipped', 'one bit of R is wrong', { signature: flipped }),
      bad('zeros', 'a signature of zeros', { signature: '0'.repeat(128) }),
      bad('s-plus-order', 'S + L, which is S again modulo L: malleable', { signature: signature.slice(0, 64) + raised }),
      bad('nonce-changed', 'work done after signing', { nonce: 1 }),
      bad('tokens-changed', 'another amount than was signed', { tokens: 2 }),
      bad('module-added', 'a module added after signing', { modules: { comment: 'mine' } }),
      bad('key-of-another', 'the key of somebody else', { key: bob.key }),
      bad(
        'key-small-order',
        'a key of small order, for which these bytes are a signature of everything',
        { key: `01${'00'.repeat(31)}`, signature: `01${'00'.repeat(63)}` },
        'key',
      ),
      bad('key-not-on-curve', 'a key that is no point of the curve', { key: `02${'00'.repeat(31)}` }, 'key'),
    ],
    admissible: [
      key('alice', 'an ordinary key', alice.key),
      key('base-point', 'the base point', `58${'66'.repeat(31)}`),
      key(
        'mixed-order',
        'a key with a component of small order: its owner can sign, nobody else (speccheck 3)',
        'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
      ),
    ],
    inadmissible: [
      key('order-1', 'the identity', `01${'00'.repeat(31)}`),
      key('order-1-sign', 'the identity with x = -0', `01${'00'.repeat(30)}80`),
      key('order-1-beyond', 'the identity as y = p + 1', `ee${'ff'.repeat(30)}7f`),
      key('order-1-beyond-sign', 'the identity as y = p + 1 and x = -0', `ee${'ff'.repeat(31)}`),
      key('order-2', 'the point of order 2', `ec${'ff'.repeat(30)}7f`),
      key('order-2-sign', 'the point of order 2 with x = -0', `ec${'ff'.repeat(31)}`),
      key('order-4', 'a point of order 4', '00'.repeat(32)),
      key('order-4-sign', 'the other point of order 4', `${'00'.repeat(31)}80`),
      key('order-4-beyond', 'a point of order 4 as y = p', `ed${'ff'.repeat(30)}7f`),
      key('order-4-beyond-sign', 'the other point of order 4 as y = p', `ed${'ff'.repeat(31)}`),
      key('order-8-a', 'a point of order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
      key('order-8-b', 'a point of order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'),
      key('order-8-c', 'a point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
      key('order-8-d', 'a point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'),
      key('large-order-beyond', 'y = p + 3, a point of large order, not in canonical encoding', `f0${'ff'.repeat(30)}7f`),
      key('not-on-curve', 'y = 2, no point of the curve', `02${'00'.repeat(31)}`),
    ],
  };
}
