/** Vectors of attachments: torrents of attached files, and modules that name them. */
import { createHash } from 'node:crypto';
import { bencode } from './bencode.mjs';
import { sha256 } from './oracle.mjs';

/** @param {string | Uint8Array} bytes */
const sha1 = (bytes) => createHash('sha1').update(bytes).digest();

/** @param {Buffer} content @param {string} name */
function torrentOf(content, name) {
  const pieces = [];
  for (let from = 0; from < content.length; from += 65_536) pieces.push(sha1(content.subarray(from, from + 65_536)));
  return bencode({ length: content.length, name: Buffer.from(name), 'piece length': 65_536, pieces: Buffer.concat(pieces) });
}

const LETTER = {
  infohash: sha1(torrentOf(Buffer.from('hello'), 'letter.txt')).toString('hex'),
  sha256: sha256('hello').toString('hex'),
  name: 'letter.txt',
  size: 5,
  type: 'text/plain',
};

export function attachmentVectors() {
  /** @param {string} name @param {string} description @param {string} file @param {number} size */
  const torrent = (name, description, file, size) => {
    const content = Buffer.alloc(size, 'a');
    const info = torrentOf(content, file);
    const hashes = { infohash: sha1(info).toString('hex'), sha256: sha256(content).toString('hex') };
    return { name, description, fill: [97, size], file, info: info.toString('hex'), ...hashes };
  };
  const info = torrentOf(Buffer.from('hello'), 'letter.txt');
  /** @param {string} name @param {string} description @param {string} from @param {string} to */
  const other = (name, description, from, to) => {
    const changed = Buffer.from(info.toString('latin1').replace(from, to), 'latin1');
    if (changed.equals(info)) throw new Error(name);
    return { name, description, info: changed.toString('hex') };
  };
  /** @param {string} name @param {string} description @param {unknown} module @param {number} count how many can be fetched */
  const module = (name, description, module, count) => ({ name, description, module, count });
  /** @param {string} name @param {string} description @param {object} change */
  const without = (name, description, change) => module(name, description, { files: [{ ...LETTER, ...change }, LETTER] }, 1);
  return {
    description:
      'Attachments. torrents: a content (fill: a byte and how often it is repeated), the name of the file, its info dictionary and what names it. others: info dictionaries that are not that of the five bytes "hello" as letter.txt. modules: a module and how many of its files can be fetched.',
    torrents: [
      torrent('one-piece', 'a file of one piece', 'letter.txt', 5),
      torrent('two-pieces', 'a file one byte longer than a piece', 'Größe – 5 €.png', 65_537),
      torrent('full-pieces', 'a file of two whole pieces', 'a', 131_072),
    ],
    others: [
      other('other-name', 'another name', 'letter.txt', 'Letter.txt'),
      other('other-length', 'another length', 'lengthi5e', 'lengthi6e'),
      other('other-piece-length', 'another piece length', 'i65536e', 'i16384e'),
      other('private', 'a private flag', 'e6:pieces', 'e7:privatei1e6:pieces'),
      other('cut', 'a dictionary that is cut off', info.subarray(-3).toString('latin1'), ''),
    ],
    modules: [
      module('one', 'one file', { files: [LETTER] }, 1),
      module('more-keys', 'a file with more keys', { files: [{ ...LETTER, width: 3 }], of: 'mine' }, 1),
      module('nine', 'nine files', { files: Array.from({ length: 9 }, () => LETTER) }, 8),
      module('text', 'text', 'letter.txt', 0),
      module('no-files', 'no list', {}, 0),
      without('path', 'a name with a path', { name: 'a/../b' }),
      without('hidden', 'a name that begins with a point', { name: '.profile' }),
      without('turned', 'a name that reads backwards', { name: 'photo\u202egnp.exe' }),
      without('name-129', 'a name of 129 characters', { name: 'a'.repeat(129) }),
      without('infohash-upper', 'an infohash in capitals', { infohash: 'A'.repeat(40) }),
      without('sha256-short', 'a hash of 62 digits', { sha256: 'a'.repeat(62) }),
      without('size-zero', 'an empty file', { size: 0 }),
      without('size-too-large', 'a byte more than 16 MiB', { size: 16_777_217 }),
      without('type-parameters', 'a type with parameters', { type: 'text/html; charset=utf-8' }),
    ],
  };
}
