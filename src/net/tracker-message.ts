/** What is in the messages of WebSocket trackers: JSON whose ids are strings with one character per byte. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

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
