/**
 * WebRTC session descriptions (SDP). Of one that comes from a stranger only a {@link Transport} is kept, and the browser is given what is
 * written from that: so the certificate that it demands is the one that the proof of identity speaks of, whatever else the text said.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { MAX_SIGNAL_BYTES } from '../core/limit.ts';
import type { Transport } from '../core/pairing.ts';
import { parseDescription } from '../core/session-description.ts';

/** A WebRTC session description. */
export interface Description {
  readonly type: string;
  readonly sdp: string;
}

/** What a description of this type says; undefined if it is none, or one that we would not write. */
export function transportOf(value: unknown, type: 'offer' | 'answer'): Transport | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('sdp' in value)) return undefined;
  const { sdp } = value;
  return value.type === type && typeof sdp === 'string' && sdp.length <= MAX_SIGNAL_BYTES ? parseDescription(sdp) : undefined;
}

/** SHA-256 of the certificate of the side that wrote it, 32 bytes. */
export const fingerprintOf = ({ fingerprint }: Transport): Uint8Array => hexToBytes(fingerprint);

/** What both sides call the connection that an offer led to, 40 hex digits. Carriers have names of their own, or none. */
export const nameOf = ({ ufrag, pwd, fingerprint }: Transport): string =>
  bytesToHex(sha256(utf8ToBytes(`${ufrag} ${pwd} ${fingerprint}`)).subarray(0, 20));
