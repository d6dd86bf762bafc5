/** What is in the messages of WebSocket trackers: JSON whose ids are strings with one character per byte. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

/** A WebRTC session description. */
export interface Description {
  readonly type: string;
  readonly sdp: string;
}

/** Longest session description taken: about ten times a usual one. */
const MAX_SDP = 16_384;

/** Hex → the tracker protocol's binary strings: one character per byte. */
export function binary(hex: string): string {
  return String.fromCharCode(...hexToBytes(hex));
}

/** A binary string of 20 bytes → 40 hex digits; undefined for anything else. */
export function hexOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length !== 20) return undefined;
  const codes = Array.from(value, (character) => character.charCodeAt(0));
  return codes.every((code) => code <= 0xff) ? bytesToHex(Uint8Array.from(codes)) : undefined;
}

/** Type and SDP and nothing else: simple-peer acts on other fields too. */
export function descriptionOf(value: unknown, type: 'offer' | 'answer'): Description | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('sdp' in value)) return undefined;
  const { sdp } = value;
  return value.type === type && typeof sdp === 'string' && sdp.length <= MAX_SDP ? { type, sdp } : undefined;
}
