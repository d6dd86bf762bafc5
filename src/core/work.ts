/** CONSENSUS. Proof of work: leading zero bits of SHA-256(work core ‖ nonce). 40 bytes, one compression per try. */
import { NOBLE } from './hashes.ts';

/** Leading zero bits of a hash. */
export function leadingZeroBits(hash: Uint8Array): number {
  let bits = 0;
  for (const byte of hash) {
    if (byte !== 0) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

/** SHA-256(core ‖ nonce as 8 big-endian bytes). `core` has 32 bytes, `nonce` is a safe integer. */
export function workHash(core: Uint8Array, nonce: number, { sha256 } = NOBLE): Uint8Array {
  const message = new Uint8Array(40);
  message.set(core);
  // By hand: a DataView would move the few bytes out of the engine's heap.
  for (let i = 39, rest = nonce; i >= 32; i--, rest = Math.floor(rest / 256)) message[i] = rest % 256;
  return sha256(message);
}
