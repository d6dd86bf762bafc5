/** Vectors of proof files: torrents of a transaction that carry it and its ancestors. */
import { dictionary, list, string } from './bencode.mjs';
import { infoDictionary, infohash } from './oracle.mjs';

const NET = `${'1'.repeat(40)}:${'2'.repeat(64)}`;

const [parent, own] = [Buffer.from('{"parent":1}'), Buffer.from('{"own":2}')];
const info = infoDictionary(own);
/** @param {Uint8Array[]} files @param {string} [network] */
const ttx = (files, network = NET) => dictionary(['files', list(...files.map(string))], ['network', string(network)]);
const TRACKERS = ['wss://one.example', 'ws://two.example/announce'];
const announced = /** @type {[string, Uint8Array][]} */ ([
  ['announce', string(TRACKERS[0] ?? '')],
  ['announce-list', list(...TRACKERS.map((url) => list(string(url))))],
]);

export function proofVectors() {
  /** @param {string} name @param {string} description @param {Buffer} file @param {object} fields */
  const good = (name, description, file, fields) => ({ name, description, hex: file.toString('hex'), infohash: infohash(own), ...fields });
  /** @param {string} name @param {string} description @param {Buffer} file */
  const bad = (name, description, file) => ({ name, description, hex: file.toString('hex'), error: 'proof-file' });
  const hex = [parent, own].map((file) => file.toString('hex'));
  return {
    description:
      'Proof files (hex). valid: infohash, network, trackers and files (hex) that are read out of them; written: whether writing them gives these bytes.',
    valid: [
      good('proof', 'a transaction and its parent', dictionary(...announced, ['info', info], ['ttx', ttx([parent, own])]), {
        written: true,
        network: NET,
        trackers: TRACKERS,
        files: hex,
      }),
      good('no-trackers', 'a proof without trackers', dictionary(['info', info], ['ttx', ttx([parent, own])]), {
        written: true,
        network: NET,
        trackers: [],
        files: hex,
      }),
      good(
        'stock',
        'a torrent made by other software',
        dictionary(['announce', string('udp://one.example')], ['created by', string('x')], ['info', info]),
        { written: false, trackers: [], files: [] },
      ),
      good(
        'ttx-more',
        'a field more in ttx, which newer software may write',
        dictionary(['info', info], ['ttx', dictionary(['files', list(string(own))], ['network', string(NET)], ['x', string('')])]),
        { written: false, network: NET, trackers: [], files: [own.toString('hex')] },
      ),
    ],
    invalid: [
      bad('empty', 'nothing', Buffer.alloc(0)),
      bad(
        'other-torrent',
        'a torrent of something else',
        dictionary([
          'info',
          dictionary(
            ['length', Buffer.from('i3e')],
            ['name', string('film')],
            ['piece length', Buffer.from('i16384e')],
            ['pieces', string('a'.repeat(20))],
          ),
        ]),
      ),
      bad('other-file', 'a transaction that is not the one the torrent names', dictionary(['info', info], ['ttx', ttx([own, parent])])),
      bad('other-network', 'a network that is no locator', dictionary(['info', info], ['ttx', ttx([own], 'ttx')])),
      bad('empty-file', 'an empty file', dictionary(['info', info], ['ttx', ttx([Buffer.alloc(0), own])])),
      bad('unsorted', 'keys that are not sorted', dictionary(['ttx', ttx([own])], ['info', info])),
      bad('byte-behind', 'a byte behind', Buffer.concat([dictionary(['info', info]), Buffer.from('e')])),
    ],
  };
}
