/**
 * Proof files: an ordinary `.torrent` (BEP 3) of a transaction that carries, beside `info`, the file itself and its ancestors,
 * so that a payment can be checked with nobody online. Other BitTorrent software ignores the key `ttx`. docs/protocol.md, Proofs and links.
 */
import { type Bencoded, decode, encode } from './bencode.ts';
import { TtxError } from './error.ts';
import { type Infohash, isLocator, type Locator } from './id.ts';
import { MAX_FILE_BYTES, MAX_LINK_TRACKERS, MAX_PROOF_FILE_BYTES, MAX_PROOF_FILES } from './limit.ts';
import { isTrackerUrl } from './link.ts';
import { infoDictionary, infohash, infohashOfDictionary, parseInfoDictionary } from './torrent.ts';

/** What a proof file says. Nothing in it is trusted: each file goes through validation. */
export interface ProofFile {
  readonly infohash: Infohash;
  /** Locator of the genesis; absent in torrents made by other software. */
  readonly network: Locator | undefined;
  readonly trackers: readonly string[];
  /** Transaction files, ancestors first; the last is the proof's own, if there are any. */
  readonly files: readonly Uint8Array[];
}

/** Room for `info`, trackers and keys beside the files. */
const OVERHEAD_BYTES = 4_096;
/** Deepest bencoding in a metainfo file: info → files → file → path. */
const DEPTH = 8;

const text = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

/**
 * Writes a proof file of at most 1 MiB: the transaction, and as many of its nearest ancestors as fit.
 * @param files ancestors first, the transaction itself last
 */
export function encodeProofFile(files: readonly Uint8Array[], network: Locator, trackers: readonly string[]): Uint8Array<ArrayBuffer> {
  const own = files.at(-1);
  if (own === undefined) throw new TtxError('bug', { what: 'empty proof' });
  const carried: Uint8Array[] = [];
  let sizeBytes = OVERHEAD_BYTES;
  for (const file of [...files].reverse()) {
    sizeBytes += file.length + 8;
    if (sizeBytes > MAX_PROOF_FILE_BYTES || carried.length === MAX_PROOF_FILES) break;
    carried.unshift(file);
  }
  const urls = trackers.slice(0, MAX_LINK_TRACKERS);
  const [first] = urls;
  return encode({
    ...(first === undefined ? {} : { announce: first, 'announce-list': urls.map((url) => [url]) }),
    info: decode(infoDictionary(own), { maxDepth: DEPTH }),
    ttx: { files: carried, network },
  });
}

/**
 * Reads a proof file, or any `.torrent` of a transaction.
 * @throws {TtxError} `proof-file` for anything else
 */
export function decodeProofFile(bytes: Uint8Array): ProofFile {
  if (bytes.length === 0 || bytes.length > MAX_PROOF_FILE_BYTES) throw new TtxError('proof-file', { what: 'size' });
  try {
    return parseMetainfo(decode(bytes, { maxDepth: DEPTH }));
  } catch (cause) {
    throw new TtxError('proof-file', {}, { cause });
  }
}

function parseMetainfo(metainfo: Bencoded): ProofFile {
  if (!(metainfo instanceof Map)) throw new TtxError('schema', { what: 'metainfo' });
  const info: Bencoded | undefined = metainfo.get('info');
  if (!(info instanceof Map)) throw new TtxError('schema', { what: 'info' });
  const dictionary = encode(info);
  parseInfoDictionary(dictionary);
  const named = infohashOfDictionary(dictionary);
  const { files, network } = parseExtension(metainfo.get('ttx'));
  const own = files.at(-1);
  if (own !== undefined && infohash(own) !== named) throw new TtxError('schema', { what: 'ttx.files' });
  return { infohash: named, network, trackers: parseTrackers(metainfo), files };
}

function parseExtension(ttx: Bencoded | undefined): Pick<ProofFile, 'files' | 'network'> {
  if (ttx === undefined) return { files: [], network: undefined };
  if (!(ttx instanceof Map)) throw new TtxError('schema', { what: 'ttx' });
  const files: unknown = ttx.get('files');
  const network: unknown = ttx.get('network');
  const isFile = (file: unknown): file is Uint8Array => file instanceof Uint8Array && file.length > 0 && file.length <= MAX_FILE_BYTES;
  if (!Array.isArray(files) || files.length > MAX_PROOF_FILES || !files.every(isFile)) throw new TtxError('schema', { what: 'ttx.files' });
  if (!(network instanceof Uint8Array)) throw new TtxError('schema', { what: 'ttx.network' });
  const locator = text(network);
  if (!isLocator(locator)) throw new TtxError('schema', { what: 'ttx.network' });
  return { files, network: locator };
}

/** WebSocket trackers of `announce` and `announce-list` (BEP 12); others are of no use in a browser. */
function parseTrackers(metainfo: ReadonlyMap<string, Bencoded>): readonly string[] {
  const list: unknown = metainfo.get('announce-list');
  const tiers: readonly unknown[] = Array.isArray(list) ? list : [];
  const urls = [metainfo.get('announce'), ...tiers.flat()].filter((url) => url instanceof Uint8Array).map(text);
  return [...new Set(urls)].filter(isTrackerUrl).slice(0, MAX_LINK_TRACKERS);
}
