/**
 * Links: what people hand each other. A magnet link is a payment's proof (with the genesis' own it is an invitation); an app
 * link carries the same in the fragment, which no server sees. docs/protocol.md, Proofs and links.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { base32, base64urlnopad } from '@scure/base';
import { parseAddress } from './address.ts';
import { formatAmount, parseAmount } from './amount.ts';
import { isTtxError, TtxError } from './error.ts';
import {
  type Address,
  type Amount,
  type Infohash,
  infohashFromBytes,
  infohashOf,
  isInfohash,
  isLocator,
  isTxId,
  type Locator,
  locator,
  type TxId,
  txidFromBytes,
  txidOf,
} from './id.ts';
import { MAX_FILE_BYTES, MAX_LINK_LENGTH, MAX_LINK_TRACKERS, MAX_MAGNET_LENGTH } from './limit.ts';
import { infohash } from './torrent.ts';

/** A magnet link taken apart. Nothing in it is trusted: what it names or carries goes through validation. */
export interface Magnet {
  readonly infohash: Infohash;
  /** `x.ttx`: what must arrive. Absent in links made by other BitTorrent software. */
  readonly txid: TxId | undefined;
  /** `x.net`: locator of the genesis, so that a payee knows at once whether it is on the same network. */
  readonly network: Locator | undefined;
  readonly trackers: readonly string[];
  /** `x.tx`: the file itself, so that a payment can be checked before any peer is found. */
  readonly file: Uint8Array | undefined;
}

/** What a text that somebody pasted turned out to be. */
export type Link =
  | { readonly kind: 'address'; readonly address: Address; readonly hrp: string }
  | {
      readonly kind: 'payment-request';
      readonly to: Address;
      readonly hrp: string;
      readonly amount: Amount | undefined;
      readonly note: string | undefined;
      readonly network: Locator | undefined;
    }
  /** A payment, or any transaction. */
  | { readonly kind: 'magnet'; readonly magnet: Magnet }
  /** A genesis: joining its network. */
  | { readonly kind: 'invitation'; readonly magnet: Magnet };

/** A transaction to make links of. */
export interface LinkTarget {
  readonly locator: Locator;
  readonly network: Locator;
  readonly trackers: readonly string[];
}

const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/**
 * One field. Also escaped is what would end a link inside other text: quotes and brackets anywhere, a full stop or colon at the end.
 * A lone surrogate has no escape and becomes U+FFFD.
 */
function pair(key: string, value: string): string {
  const text = encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd'));
  return `${key}=${text
    .replace(/%3A/g, ':')
    .replace(/%2F/g, '/')
    .replace(/[!'()*]|[.:]$/g, escaped)}`;
}

function query(target: LinkTarget): string {
  return [
    `xt=urn:btih:${infohashOf(target.locator)}`,
    'dn=tx',
    `x.ttx=${txidOf(target.locator)}`,
    `x.net=${target.network}`,
    ...target.trackers.slice(0, MAX_LINK_TRACKERS).map((url) => pair('tr', url)),
  ].join('&');
}

/** Magnet link (BEP 9 with `x.` extensions) of a transaction, with the file inside while that fits {@link MAX_MAGNET_LENGTH}. */
export function magnetLink(target: LinkTarget, file?: Uint8Array): string {
  const short = `magnet:?${query(target)}`;
  if (file === undefined) return short;
  const full = `${short}&x.tx=${base64urlnopad.encode(file)}`;
  return full.length <= MAX_MAGNET_LENGTH ? full : short;
}

/** Fragment of the app link that hands over a payment, `#/accept?…`. */
export const acceptFragment = (target: LinkTarget): string => `#/accept?${query(target)}`;

/** Fragment of the app link that invites to a network, `#/join?…`. */
export const joinFragment = (genesis: Locator, trackers: readonly string[]): string =>
  `#/join?${query({ locator: genesis, network: genesis, trackers })}`;

/** Fragment of the app link that asks for a payment, `#/pay?…`. */
export function paymentRequestFragment(request: {
  readonly to: Address;
  readonly amount?: Amount | undefined;
  readonly note?: string | undefined;
  readonly network?: Locator | undefined;
}): string {
  const parts = [pair('to', request.to)];
  if (request.amount !== undefined) parts.push(pair('amount', formatAmount(request.amount, 'plain')));
  if (request.note !== undefined && request.note !== '') parts.push(pair('note', request.note));
  if (request.network !== undefined) parts.push(pair('x.net', request.network));
  return `#/pay?${parts.join('&')}`;
}

type Fields = ReadonlyMap<string, readonly string[]>;

/** What a sentence puts behind a link; {@link pair} never ends in it. */
const PUNCTUATION = '.,:;!?)]}*\u2026\u2019\u201d\u00bb';

/** Walked from the end: an expression that looks for the end from each place takes quadratic time. */
function withoutPunctuation(text: string): string {
  let end = text.length;
  while (end > 0 && PUNCTUATION.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Fields of a query. `&amp;` is what `&` becomes where a link was copied out of a page's source. */
function parseQuery(text: string): Fields {
  const fields = new Map<string, string[]>();
  for (const part of withoutPunctuation(text).split(/&(?:amp;)?/)) {
    const equals = part.indexOf('=');
    if (equals <= 0) continue;
    try {
      const key = decodeURIComponent(part.slice(0, equals));
      const value = decodeURIComponent(part.slice(equals + 1).replace(/\+/g, ' '));
      const values = fields.get(key);
      if (values === undefined) fields.set(key, [value]);
      else values.push(value);
    } catch (cause) {
      throw new TtxError('link', { what: 'escape' }, { cause });
    }
  }
  return fields;
}

function parseInfohash(topic: string): Infohash | undefined {
  const hash = /^urn:btih:([0-9a-z]+)$/i.exec(topic)?.[1];
  if (hash === undefined) return undefined;
  if (isInfohash(hash.toLowerCase())) return hash.toLowerCase() as Infohash;
  if (!/^[a-z2-7]{32}$/i.test(hash)) return undefined;
  return infohashFromBytes(base32.decode(hash.toUpperCase()));
}

/** Trackers that a browser can use; others in a link are for other software. */
export function isTrackerUrl(url: string): boolean {
  return url.length <= 200 && /^wss?:\/\/[^\s/?#]+([/?][^\s#]*)?$/i.test(url);
}

function parseMagnetQuery(text: string): Magnet {
  const fields = parseQuery(text);
  const named = (fields.get('xt') ?? []).map(parseInfohash).find((found) => found !== undefined);
  if (named === undefined) throw new TtxError('link', { what: 'xt' });
  const txid = fields.get('x.ttx')?.[0];
  if (txid !== undefined && !isTxId(txid)) throw new TtxError('link', { what: 'x.ttx' });
  const network = fields.get('x.net')?.[0];
  if (network !== undefined && !isLocator(network)) throw new TtxError('link', { what: 'x.net' });
  return {
    infohash: named,
    txid,
    network,
    trackers: [...new Set(fields.get('tr') ?? [])].filter(isTrackerUrl).slice(0, MAX_LINK_TRACKERS),
    file: parseFile(fields.get('x.tx')?.[0], named, txid),
  };
}

/** An inline file that cannot be read, or is not the one that the link names, is left out: the link still says where to fetch it. */
function parseFile(text: string | undefined, named: Infohash, txid: TxId | undefined): Uint8Array | undefined {
  if (text === undefined || text.length > Math.ceil((MAX_FILE_BYTES * 4) / 3)) return undefined;
  try {
    const file = base64urlnopad.decode(text.replace(/={1,2}$/, ''));
    const isNamed = infohash(file) === named && (txid === undefined || txidFromBytes(sha256(file)) === txid);
    return isNamed ? file : undefined;
  } catch {
    return undefined;
  }
}

function parseRequestQuery(text: string): Link {
  const fields = parseQuery(text);
  const { address, hrp } = parseAddress(fields.get('to')?.[0] ?? '');
  const amount = fields.get('amount')?.[0];
  const network = fields.get('x.net')?.[0];
  return {
    kind: 'payment-request',
    to: address,
    hrp,
    amount: amount === undefined ? undefined : parseAmount(amount),
    note: fields.get('note')?.[0],
    network: isLocator(network) ? network : undefined,
  };
}

function magnetOrInvitation(magnet: Magnet): Link {
  const own = magnet.txid === undefined ? undefined : locator(magnet.infohash, magnet.txid);
  return { kind: own !== undefined && own === magnet.network ? 'invitation' : 'magnet', magnet };
}

/**
 * Finds out what a pasted text is. A link may stand inside other text, as when a whole chat message is pasted.
 * @throws {TtxError} `link` when there is nothing to be read, `address` or `amount` when a payment request has a bad one
 */
export function parseLink(text: string): Link {
  if (text.length > MAX_LINK_LENGTH) throw new TtxError('link', { what: 'length' });
  const trimmed = text.trim();
  const magnet = /magnet:\?([^\s"'<>]+)/i.exec(trimmed)?.[1];
  if (magnet !== undefined) return magnetOrInvitation(parseMagnetQuery(magnet));
  const [, screen, rest] = /#\/(accept|join|pay)\?([^\s"'<>]+)/.exec(trimmed) ?? [];
  if (screen === 'pay' && rest !== undefined) return parseRequestQuery(rest);
  if (screen === 'accept' && rest !== undefined) return magnetOrInvitation(parseMagnetQuery(rest));
  if (screen === 'join' && rest !== undefined) return { kind: 'invitation', magnet: parseMagnetQuery(rest) };
  if (isLocator(trimmed)) {
    const bare = { infohash: infohashOf(trimmed), txid: txidOf(trimmed), network: trimmed, trackers: [], file: undefined };
    return { kind: 'invitation', magnet: bare };
  }
  try {
    return { kind: 'address', ...parseAddress(trimmed) };
  } catch (error) {
    // A mistyped address deserves to hear so; anything else is just not a link.
    if (isTtxError(error, 'address') && /^[a-z]{1,16}1[02-9ac-hj-np-z]{20,}$/i.test(trimmed)) throw error;
    throw new TtxError('link', {}, { cause: error });
  }
}
