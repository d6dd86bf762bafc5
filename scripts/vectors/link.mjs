/** Vectors of links: what is written, what is read out of texts, and what is none. */
import { locator, person } from './oracle.mjs';

const alice = person('alice');
const NET = `${'1'.repeat(40)}:${'2'.repeat(64)}`;
/** Whether it is a transaction is not looked at here. */
const FILE = Buffer.from('{"not":"read here"}');
const TX = locator(FILE);
const [hash, id] = [TX.slice(0, 40), TX.slice(41)];
const TRACKER = 'wss://tracker.example/announce';
const QUERY = `xt=urn:btih:${hash}&dn=tx&x.ttx=${id}&x.net=${NET}&tr=${TRACKER}`;
const PLAIN = { infohash: hash, txid: id, network: NET, trackers: [TRACKER] };
const JOIN = `xt=urn:btih:${NET.slice(0, 40)}&dn=tx&x.ttx=${NET.slice(41)}&x.net=${NET}`;
const GENESIS = { infohash: NET.slice(0, 40), txid: NET.slice(41), network: NET, trackers: [] };
/** Another infohash, with letters. */
const other = 'abcdef0123456789abcdef0123456789abcdef01';
const INLINE = FILE.toString('base64url');

/** @param {string} name @param {string} description @param {string} text @param {object} magnet */
const magnet = (name, description, text, magnet) => ({ name, description, text, link: { kind: 'magnet', magnet } });
/** @param {string} name @param {string} description @param {string} text */
const invitation = (name, description, text, magnet = GENESIS) => ({ name, description, text, link: { kind: 'invitation', magnet } });
/** @param {string} name @param {string} description @param {string} text @param {object} fields */
const request = (name, description, text, fields) => ({
  name,
  description,
  text,
  link: { kind: 'payment-request', to: alice.address, hrp: 'ttx', ...fields },
});
/** @param {string} name @param {string} description @param {string} text @param {string} [error] */
const bad = (name, description, text, error = 'link') => ({ name, description, text, error });

/** RFC 4648, without padding. @param {Uint8Array} bytes */
function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((word) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(word, 2)]).join('');
}

const bare = { infohash: hash, trackers: [] };

export function linkVectors() {
  return {
    description:
      'Links. write: the exact link that is made. valid: what is read out of a text; file in hex; fields that are absent are unknown. invalid: texts that are no link.',
    write: [
      { name: 'magnet', make: 'magnet', target: { locator: TX, network: NET, trackers: [TRACKER] }, link: `magnet:?${QUERY}` },
      {
        name: 'magnet-file',
        make: 'magnet',
        target: { locator: TX, network: NET, trackers: [TRACKER] },
        file: FILE.toString('hex'),
        link: `magnet:?${QUERY}&x.tx=${INLINE}`,
      },
      {
        name: 'magnet-file-too-long',
        make: 'magnet',
        target: { locator: TX, network: NET, trackers: [] },
        file: '00'.repeat(1400),
        link: `magnet:?${QUERY.split('&tr=')[0]}`,
      },
      {
        name: 'trackers-escaped',
        make: 'magnet',
        target: { locator: TX, network: NET, trackers: ['wss://a.example:8000/x?a=1&b=(2)', 'ws://b.example.'] },
        link: `magnet:?${QUERY.split('&tr=')[0]}&tr=wss://a.example:8000/x%3Fa%3D1%26b%3D%282%29&tr=ws://b.example%2E`,
      },
      { name: 'accept', make: 'accept', target: { locator: TX, network: NET, trackers: [TRACKER] }, link: `#/accept?${QUERY}` },
      { name: 'join', make: 'join', genesis: NET, trackers: [TRACKER], link: `#/join?${JOIN}&tr=${TRACKER}` },
      { name: 'pay', make: 'pay', request: { to: alice.address }, link: `#/pay?to=${alice.address}` },
      {
        name: 'pay-all-fields',
        make: 'pay',
        request: { to: alice.address, amount: '1500000', note: "Bob's (lunch)!", network: NET },
        link: `#/pay?to=${alice.address}&amount=1.5&note=Bob%27s%20%28lunch%29%21&x.net=${NET}`,
      },
      {
        name: 'pay-note-at-end',
        make: 'pay',
        request: { to: alice.address, note: 'Thanks a lot.' },
        link: `#/pay?to=${alice.address}&note=Thanks%20a%20lot%2E`,
      },
    ],
    valid: [
      magnet('magnet', 'our own magnet link', `magnet:?${QUERY}`, PLAIN),
      magnet('magnet-file', 'a magnet link with the file inside', `magnet:?${QUERY}&x.tx=${INLINE}`, {
        ...PLAIN,
        file: FILE.toString('hex'),
      }),
      magnet('file-padded', 'an inline file with padding', `magnet:?${QUERY}&x.tx=${INLINE}=`, { ...PLAIN, file: FILE.toString('hex') }),
      magnet('file-unreadable', 'an inline file that is no base64url is left out', `magnet:?${QUERY}&x.tx=a+b/c`, PLAIN),
      magnet('file-too-long', 'an inline file beyond 16,384 bytes is left out', `magnet:?${QUERY}&x.tx=${'A'.repeat(21_848)}`, PLAIN),
      magnet('file-of-another', 'an inline file that is not what the link names is left out', `magnet:?${QUERY}&x.tx=AAAA`, PLAIN),
      magnet('capitals', 'a magnet link in capitals up to the values', `MAGNET:?xt=URN:BTIH:${other.toUpperCase()}`, {
        ...bare,
        infohash: other,
      }),
      magnet(
        'stock',
        'a magnet link of another client: no txid, trackers that a browser can use only',
        `magnet:?xt=urn:btih:${hash}&dn=tx&tr=udp%3A%2F%2Fa.example%3A1337&tr=wss%3A%2F%2Fb.example&tr=https://c.example/announce&ws=https://d.example`,
        { ...bare, trackers: ['wss://b.example'] },
      ),
      magnet('stock-base32', 'an infohash in base32', `magnet:?xt=urn:btih:${base32(Buffer.from(other, 'hex'))}`, {
        ...bare,
        infohash: other,
      }),
      magnet(
        'stock-hybrid',
        'a hybrid torrent: the v2 topic is skipped',
        `magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}&xt=urn:btih:${hash}`,
        bare,
      ),
      magnet(
        'trackers-8',
        'at most 8 trackers, each once',
        `magnet:?xt=urn:btih:${hash}${[1, 2, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `&tr=ws://t${n}`).join('')}`,
        { ...bare, trackers: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `ws://t${n}`) },
      ),
      magnet(
        'tracker-odd',
        'a tracker with a space, a fragment or 201 characters is left out',
        `magnet:?xt=urn:btih:${hash}&tr=wss://a%20b&tr=wss://a%23b&tr=wss://${'a'.repeat(195)}&tr=wss://ok`,
        { ...bare, trackers: ['wss://ok'] },
      ),
      magnet('app-link', 'an app link of a payment', `https://app.example/torrenttx/#/accept?${QUERY}`, PLAIN),
      magnet('in-chat', 'an app link inside a chat message', `Here you are: https://app.example/#/accept?${QUERY}\nSee you!`, PLAIN),
      magnet('in-sentence', 'a link at the end of a sentence', `I paid you (magnet:?${QUERY}).`, PLAIN),
      magnet('in-quotes', 'a link in quotes', `"magnet:?${QUERY}"`, PLAIN),
      magnet('in-html', "a link copied out of a page's source", `<a href="magnet:?${QUERY.replaceAll('&', '&amp;')}">`, PLAIN),
      magnet('locator-escaped', 'a locator with an escaped colon', `magnet:?xt=urn:btih:${hash}&x.net=${NET.replace(':', '%3A')}`, {
        ...bare,
        network: NET,
      }),
      magnet(
        'accept-invitation',
        'a payment link to a genesis without its network is a magnet',
        `magnet:?xt=urn:btih:${hash}&x.ttx=${id}`,
        { ...bare, txid: id },
      ),
      invitation('join', 'an invitation', `https://app.example/#/join?${JOIN}`),
      invitation('join-magnet', 'the magnet link of a genesis', `magnet:?${JOIN}`),
      invitation('join-locator', 'a bare locator', ` ${NET} `),
      invitation(
        'join-stock',
        'an invitation without txid',
        `#/join?xt=urn:btih:${hash}`,
        /** @type {typeof GENESIS} */ (/** @type {unknown} */ (bare)),
      ),
      request('pay', 'a payment request', `https://app.example/#/pay?to=${alice.address}`, {}),
      request('pay-all', 'a payment request with everything', `#/pay?to=${alice.address}&amount=1.5&note=Bob%27s+lunch&x.net=${NET}`, {
        amount: '1500000',
        note: "Bob's lunch",
        network: NET,
      }),
      request('pay-capitals', 'an address in capitals, as in a QR code', `#/pay?to=${alice.address.toUpperCase()}`, {}),
      request('pay-network-odd', 'a network that is no locator is left out', `#/pay?to=${alice.address}&x.net=ttx`, {}),
      {
        name: 'address',
        description: 'an address',
        text: `\t${alice.address}\n`,
        link: { kind: 'address', address: alice.address, hrp: 'ttx' },
      },
      {
        name: 'address-capitals',
        description: 'an address in capitals',
        text: alice.address.toUpperCase(),
        link: { kind: 'address', address: alice.address, hrp: 'ttx' },
      },
    ],
    invalid: [
      bad('empty', 'nothing', ''),
      bad('words', 'a sentence', 'Hello, how are you?'),
      bad('web', 'a web address', 'https://example.org/'),
      bad('app', 'the app without a payment', 'https://app.example/#/wallet'),
      bad('magnet-empty', 'a magnet link of nothing', 'magnet:?'),
      bad('magnet-no-topic', 'a magnet link without infohash', 'magnet:?dn=tx'),
      bad('magnet-short', 'an infohash of 39 digits', `magnet:?xt=urn:btih:${hash.slice(1)}`),
      bad('magnet-v2', 'a v2 infohash only', `magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}`),
      bad('magnet-base32', 'an infohash in base32 with a digit that base32 has not', `magnet:?xt=urn:btih:${'1'.repeat(32)}`),
      bad('txid-short', 'a short txid', `magnet:?xt=urn:btih:${hash}&x.ttx=44`),
      bad('txid-capitals', 'a txid in capitals', `magnet:?xt=urn:btih:${hash}&x.ttx=${'AB'.repeat(32)}`),
      bad('network-odd', 'a network that is no locator', `magnet:?xt=urn:btih:${hash}&x.net=ttx`),
      bad('escape', 'an escape that is no UTF-8', `magnet:?xt=urn:btih:${hash}&dn=%ff`),
      bad('long', 'more than 65,536 characters', 'a'.repeat(65_537)),
      bad('locator-cut', 'a locator without its last digit', NET.slice(0, -1)),
      bad(
        'address-mistyped',
        'an address with a wrong character says so',
        `${alice.address.slice(0, -1)}${alice.address.endsWith('q') ? 'p' : 'q'}`,
        'address',
      ),
      bad('pay-nobody', 'a payment request for nobody', '#/pay?amount=1', 'address'),
      bad('pay-mistyped', 'a payment request for a mistyped address', `#/pay?to=${alice.address}q`, 'address'),
      bad('pay-amount', 'a payment request with a bad amount', `#/pay?to=${alice.address}&amount=1,5`, 'amount'),
    ],
  };
}
