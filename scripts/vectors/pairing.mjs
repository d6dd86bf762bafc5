/** Vectors of pairing codes. */
import { bech32, locator, sha256 } from './oracle.mjs';

const INFOHASH = '11'.repeat(20);
const TXID = '22'.repeat(32);
const PEER = Buffer.from('-Tx0100-').toString('hex') + '33'.repeat(12);
const FINGERPRINT = 'ab'.repeat(32);
/** @param {string} value */
const text = (value) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]).toString('hex');
const ICE = text('Wx9+') + text('abcdefghijklmnopqrstuv/4');
/** Origin and form in one byte, address, port. */
const V4 = `04c0a80007${'c350'}`;
const V6 = `1620010db8000000000000000000000001${'ffff'}`;
const NAME = `00${'0123456789abcdef0123456789abcdef'}${'0001'}`;
const RELAY = `24${'cb007107'}${'0d96'}`;

/** @param {string} hex */
const code = (hex) => bech32('ttxpair', Buffer.from(hex, 'hex'));
const OFFER = `10${INFOHASH}${TXID}${PEER}${FINGERPRINT}00${ICE}${V4}${V6}${NAME}${RELAY}`;
const OFFER_READ = {
  kind: 'offer',
  network: `${INFOHASH}:${TXID}`,
  peerId: PEER,
  transport: {
    ufrag: 'Wx9+',
    pwd: 'abcdefghijklmnopqrstuv/4',
    fingerprint: FINGERPRINT,
    setup: 'actpass',
    candidates: [
      { origin: 'host', address: '192.168.0.7', port: 50_000 },
      { origin: 'srflx', address: '2001:0db8:0000:0000:0000:0000:0000:0001', port: 65_535 },
      { origin: 'host', address: '01234567-89ab-cdef-0123-456789abcdef.local', port: 1 },
      { origin: 'relay', address: '203.0.113.7', port: 3_478 },
    ],
  },
};
/** Any bytes will do: what they say is looked at later. */
const GENESIS = '{"key":"…","modules":{"network":{"name":"Friends"}}}';
const FILE = Buffer.from(GENESIS);
/** @param {Buffer} file */
const carried = (file) => file.length.toString(16).padStart(4, '0') + file.toString('hex');
const INVITATION = `12${carried(FILE)}${PEER}${FINGERPRINT}00${ICE}${V4}${V6}${NAME}${RELAY}`;
const INVITATION_READ = { ...OFFER_READ, network: locator(FILE), genesis: GENESIS };
const NAME_OF_OFFER = sha256(code(OFFER)).subarray(0, 4).toString('hex');
const ANSWER = `11${NAME_OF_OFFER}${PEER}${FINGERPRINT}01${ICE}`;
const ANSWER_READ = {
  kind: 'answer',
  offer: NAME_OF_OFFER,
  peerId: PEER,
  transport: { ...OFFER_READ.transport, setup: 'active', candidates: [] },
};

export function pairingVectors() {
  /** @param {string} name @param {string} description @param {string} hex */
  const bad = (name, description, hex) => ({ name, description, code: code(hex), error: 'pairing' });
  return {
    description:
      'Pairing codes. valid: code and what it says; an answer names its offer, whose code is the first one here. invalid: refused with the code in error.',
    valid: [
      { name: 'offer', description: 'an offer with a candidate of each kind', code: code(OFFER), pairing: OFFER_READ },
      { name: 'answer', description: 'an answer to it, without candidates', code: code(ANSWER), pairing: ANSWER_READ },
      { name: 'invitation', description: 'an offer that carries the genesis', code: code(INVITATION), pairing: INVITATION_READ },
    ],
    invalid: [
      { name: 'empty', description: 'nothing', code: '', error: 'pairing' },
      {
        name: 'checksum',
        description: 'a letter mistyped',
        code: `${code(OFFER).slice(0, -1)}${code(OFFER).endsWith('q') ? 'p' : 'q'}`,
        error: 'pairing',
      },
      {
        name: 'address',
        description: 'the same under the prefix of addresses',
        code: bech32('ttx', Buffer.from(OFFER, 'hex')),
        error: 'pairing',
      },
      { name: 'too-long', description: 'a code of more than 2,000 characters', code: code(OFFER + V6.repeat(60)), error: 'pairing' },
      bad('kind', 'neither offer nor answer', `13${OFFER.slice(2)}`),
      bad('genesis-empty', 'an offer that carries an empty genesis', INVITATION.replace(carried(FILE), '0000')),
      bad('genesis-long', 'a genesis of 701 bytes', INVITATION.replace(carried(FILE), carried(Buffer.alloc(701)))),
      bad('genesis-cut', 'a code that ends in the middle of the genesis', INVITATION.slice(0, 40)),
      bad('invitation-active', 'an offer with a genesis that chooses its role', INVITATION.replace(`${FINGERPRINT}00`, `${FINGERPRINT}01`)),
      bad('offer-active', 'an offer that chooses its role', OFFER.replace(`${FINGERPRINT}00`, `${FINGERPRINT}01`)),
      bad('answer-actpass', 'an answer that leaves the choice open', ANSWER.replace(`${FINGERPRINT}01`, `${FINGERPRINT}00`)),
      bad('setup', 'a role that there is not', ANSWER.replace(`${FINGERPRINT}01`, `${FINGERPRINT}03`)),
      bad('cut', 'a code that ends in the middle of a candidate', OFFER.slice(0, -2)),
      bad('candidate', 'a candidate of an unknown kind', `${OFFER}34${'00'.repeat(6)}`),
      bad('address-form', 'an address of an unknown form', `${OFFER}05${'00'.repeat(6)}`),
      bad('line-break', 'a line break in what becomes a line', ANSWER.replace(ICE, text('a\r\na=x') + text('abcdefghijklmnopqrstuv/4'))),
      bad('ufrag-short', 'a name of three characters', ANSWER.replace(ICE, text('abc') + text('abcdefghijklmnopqrstuv/4'))),
      bad(
        'pwd-short',
        'a password of 21 characters, which browsers refuse',
        ANSWER.replace(ICE, text('Wx9+') + text('abcdefghijklmnopqrs/4')),
      ),
      bad('port-zero', 'a candidate with port 0', `${OFFER}04c0a800070000`),
    ],
  };
}
