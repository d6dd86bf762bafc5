/** WebRTC session descriptions (SDP), as they come from strangers. */
import { hexToBytes } from '@noble/hashes/utils.js';
import { MAX_SIGNAL_BYTES } from '../core/limit.ts';

/** A WebRTC session description. */
export interface Description {
  readonly type: string;
  readonly sdp: string;
}

/** Type and SDP and nothing else: simple-peer acts on other fields too. */
export function descriptionOf(value: unknown, type: 'offer' | 'answer'): Description | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('sdp' in value)) return undefined;
  const { sdp } = value;
  return value.type === type && typeof sdp === 'string' && sdp.length <= MAX_SIGNAL_BYTES ? { type, sdp } : undefined;
}

const FINGERPRINT = /^a=fingerprint:sha-256 ([0-9a-f]{2}(?::[0-9a-f]{2}){31})\s*$/im;

/** SHA-256 of the certificate that the side which wrote it has, 32 bytes; undefined if it names none. */
export function fingerprintOf({ sdp }: Description): Uint8Array | undefined {
  const found = FINGERPRINT.exec(sdp)?.[1];
  return found === undefined ? undefined : hexToBytes(found.replaceAll(':', '').toLowerCase());
}
