/**
 * Pairing codes: a WebRTC offer or answer as a text that fits a QR code, so that two people connect their devices without a tracker.
 * Of the session description it carries what differs from one to the next; the rest is written anew. See docs/protocol.md, Pairing.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { bech32m } from '@scure/base';
import { TtxError } from './error.ts';
import { idBytes, infohashFromBytes, infohashOf, type Locator, locator, txidFromBytes, txidOf } from './id.ts';
import { infohash } from './torrent.ts';

/** Prefix of every pairing code; tells them from addresses. */
export const PAIRING_HRP = 'ttxpair';
/** Longest code that is read, in characters: one with the most and longest candidates that we write has about 400, and a genesis 850 more. */
const MAX_CODE_LENGTH = 2_000;
/** Longest genesis that a code carries, in bytes: an ordinary one has about 520, and a QR code with more is hard to read. */
const MAX_GENESIS_BYTES = 700;
/** Candidates that are written: more make a QR code that cameras cannot read. */
const MAX_CANDIDATES = 5;
const KIND = { offer: 0x10, answer: 0x11, invitation: 0x12 } as const;
const SETUPS = ['actpass', 'active', 'passive'] as const;
const ORIGINS = ['host', 'srflx', 'relay'] as const;
/** Bytes of an address by how it is written: an mDNS name is a UUID. */
const ADDRESS_BYTES = { 4: 4, 6: 16, 0: 16 } as const;
/** `ice-ufrag` of RFC 8839, shorter than it allows: browsers write 4 to 8 characters. */
export const ICE_UFRAG = /^[A-Za-z0-9+/]{4,64}$/;
/** `ice-pwd` of RFC 8839: browsers write 22 to 32, and refuse a description with fewer. */
export const ICE_PWD = /^[A-Za-z0-9+/]{22,64}$/;

/** A WebRTC session description with one data channel, reduced to what differs. */
export interface Transport {
  readonly ufrag: string;
  readonly pwd: string;
  /** SHA-256 of the certificate, 64 hex digits. */
  readonly fingerprint: string;
  readonly setup: (typeof SETUPS)[number];
  readonly candidates: readonly Candidate[];
}

/** Where a side may be reached over UDP. */
export interface Candidate {
  readonly origin: (typeof ORIGINS)[number];
  /** IPv4, IPv6 in full, or the mDNS name `<UUID>.local`. */
  readonly address: string;
  readonly port: number;
}

/** What a pairing code says. */
export type Pairing =
  /** `genesis`: its file, so that somebody who is not in the network yet needs nobody else to join it. */
  | {
      readonly kind: 'offer';
      readonly network: Locator;
      readonly genesis?: Uint8Array;
      readonly peerId: string;
      readonly transport: Transport;
    }
  /** `offer`: first 4 bytes of SHA-256 of the offer's code, 8 hex digits. */
  | { readonly kind: 'answer'; readonly offer: string; readonly peerId: string; readonly transport: Transport };

/** What an answer calls the offer with this code. */
export const nameOffer = (code: string): string => bytesToHex(sha256(new TextEncoder().encode(normalize(code))).subarray(0, 4));

/** Writes a pairing code: lowercase; capitals mean the same and make a smaller QR code. A genesis that is too long for it is left out. */
export function encodePairing(pairing: Pairing): string {
  const { transport, peerId } = pairing;
  const body = concatBytes(
    headOf(pairing),
    hexToBytes(peerId),
    hexToBytes(transport.fingerprint),
    Uint8Array.of(SETUPS.indexOf(transport.setup)),
    textBytes(transport.ufrag),
    textBytes(transport.pwd),
    ...transport.candidates.slice(0, MAX_CANDIDATES).map(candidateBytes),
  );
  return bech32m.encode(PAIRING_HRP, bech32m.toWords(body), false);
}

/** What distinguishes the kinds of codes. */
function headOf(pairing: Pairing): Uint8Array {
  if (pairing.kind === 'answer') return concatBytes(Uint8Array.of(KIND.answer), hexToBytes(pairing.offer));
  const { network, genesis } = pairing;
  if (genesis !== undefined && genesis.length <= MAX_GENESIS_BYTES)
    return concatBytes(Uint8Array.of(KIND.invitation, genesis.length >> 8, genesis.length & 0xff), genesis);
  return concatBytes(Uint8Array.of(KIND.offer), idBytes(infohashOf(network)), idBytes(txidOf(network)));
}

/**
 * Reads a pairing code as a person gives it: spaces, line breaks and capitals are forgiven.
 * @throws {TtxError} `pairing`
 */
export function decodePairing(text: string): Pairing {
  const cursor = { bytes: payloadOf(normalize(text)), at: 0 };
  const [kind] = take(cursor, 1);
  if (kind !== KIND.offer && kind !== KIND.answer && kind !== KIND.invitation) throw malformed();
  const genesis = kind === KIND.invitation ? readGenesis(cursor) : undefined;
  const network = kind === KIND.offer ? readLocator(cursor) : genesis && locator(infohash(genesis), txidFromBytes(sha256(genesis)));
  const offer = kind === KIND.answer ? bytesToHex(take(cursor, 4)) : '';
  const peerId = bytesToHex(take(cursor, 20));
  const fingerprint = bytesToHex(take(cursor, 32));
  const setup = SETUPS[take(cursor, 1)[0] ?? SETUPS.length];
  // Who offers leaves the choice of roles to the other (RFC 8842).
  if (setup === undefined || (setup === 'actpass') === (kind === KIND.answer)) throw malformed();
  const ufrag = readText(cursor, ICE_UFRAG);
  const pwd = readText(cursor, ICE_PWD);
  const candidates: Candidate[] = [];
  while (cursor.at < cursor.bytes.length) candidates.push(readCandidate(cursor));
  const transport = { ufrag, pwd, fingerprint, setup, candidates };
  if (network === undefined) return { kind: 'answer', offer, peerId, transport };
  return { kind: 'offer', network, ...(genesis && { genesis }), peerId, transport };
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

const malformed = (cause?: unknown) => new TtxError('pairing', {}, { cause });
const normalize = (text: string) => text.replace(/\s+/g, '').toLowerCase();

function payloadOf(text: string): Uint8Array {
  if (text.length > MAX_CODE_LENGTH) throw malformed();
  try {
    const { prefix, words } = bech32m.decode(text as `${string}1${string}`, false);
    if (prefix === PAIRING_HRP) return bech32m.fromWords(words);
  } catch (cause) {
    throw malformed(cause);
  }
  throw malformed();
}

function take(cursor: Cursor, count: number): Uint8Array {
  const end = cursor.at + count;
  if (end > cursor.bytes.length) throw malformed();
  const bytes = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

const readLocator = (cursor: Cursor) => locator(infohashFromBytes(take(cursor, 20)), txidFromBytes(take(cursor, 32)));

/** Its length in two bytes, big-endian, then the file: whether it is a genesis is looked at when it is joined. */
function readGenesis(cursor: Cursor): Uint8Array {
  const [high = 0, low = 0] = take(cursor, 2);
  const length = high * 256 + low;
  if (length === 0 || length > MAX_GENESIS_BYTES) throw malformed();
  return take(cursor, length).slice();
}

/** Length in a byte, then ASCII. */
const textBytes = (text: string) => Uint8Array.from([text.length, ...new TextEncoder().encode(text)]);

function readText(cursor: Cursor, form: RegExp): string {
  const text = String.fromCharCode(...take(cursor, take(cursor, 1)[0] ?? 0));
  if (!form.test(text)) throw malformed();
  return text;
}

/** Origin in the upper half of a byte, how the address is written in the lower; the address; the port, big-endian. */
function candidateBytes({ origin, address, port }: Candidate): Uint8Array {
  const { form, bytes } = addressBytes(address);
  return Uint8Array.from([(ORIGINS.indexOf(origin) << 4) | form, ...bytes, port >> 8, port & 0xff]);
}

function readCandidate(cursor: Cursor): Candidate {
  const first = take(cursor, 1)[0] ?? 0xff;
  const origin = ORIGINS[first >> 4];
  const form = first & 0x0f;
  if (origin === undefined || !isForm(form)) throw malformed();
  const address = addressText(form, take(cursor, ADDRESS_BYTES[form]));
  const [high = 0, low = 0] = take(cursor, 2);
  const port = high * 256 + low;
  if (port === 0) throw malformed();
  return { origin, address, port };
}

type Form = keyof typeof ADDRESS_BYTES;
const isForm = (value: number): value is Form => value in ADDRESS_BYTES;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const MDNS = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\.local$/;

/** Whether a pairing code can say this address. */
export const isAddress = (address: string): boolean => IPV4.test(address) || MDNS.test(address) || groupsOf(address) !== undefined;

function addressBytes(address: string): { form: Form; bytes: Uint8Array } {
  if (IPV4.test(address)) return { form: 4, bytes: Uint8Array.from(address.split('.'), Number) };
  const name = MDNS.exec(address);
  if (name !== null) return { form: 0, bytes: hexToBytes(name.slice(1).join('')) };
  const groups = groupsOf(address);
  if (groups === undefined) throw malformed();
  return { form: 6, bytes: hexToBytes(groups.map((group) => group.padStart(4, '0')).join('')) };
}

/** The eight groups of an IPv6 address (RFC 4291, without the dotted form). */
function groupsOf(address: string): readonly string[] | undefined {
  const [left = '', right, more] = address.split('::');
  const [before, after] = [left, right ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const missing = 8 - before.length - after.length;
  if (more !== undefined || (right === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group)) ? groups : undefined;
}

function addressText(form: Form, bytes: Uint8Array): string {
  if (form === 4) return bytes.join('.');
  const digits = bytesToHex(bytes);
  if (form === 6) return digits.replace(/(.{4})(?!$)/g, '$1:');
  return `${digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}.local`;
}
