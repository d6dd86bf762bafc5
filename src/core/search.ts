/**
 * Searching for work: SHA-256 of 40 bytes, one compression a try. Faster than hashing a message through a library, because only one word
 * changes from try to try, and much faster in WebAssembly. `work.ts` checks what is found.
 */
import { H, K } from './sha2-constants.ts';

const W = new Uint32Array(64);

/** Leading zero bits of SHA-256 of the block in `W[0 … 15]`; exact up to 32, beyond that at least 32. */
function leadingZeros(): number {
  for (let i = 16; i < 64; i++) {
    const w15 = W[i - 15] as number;
    const w2 = W[i - 2] as number;
    const s0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
    const s1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
    W[i] = ((W[i - 16] as number) + s0 + (W[i - 7] as number) + s1) | 0;
  }
  let a = H[0] as number;
  let b = H[1] as number;
  let c = H[2] as number;
  let d = H[3] as number;
  let e = H[4] as number;
  let f = H[5] as number;
  let g = H[6] as number;
  let h = H[7] as number;
  for (let i = 0; i < 64; i++) {
    const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + S1 + ((e & f) ^ (~e & g)) + (K[i] as number) + (W[i] as number)) | 0;
    const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  const first = Math.clz32(a + (H[0] as number));
  return first < 32 ? first : 32 + Math.clz32(b + (H[1] as number));
}

/**
 * Tries `count` nonces from `from` upwards.
 * @param core work core, 32 bytes
 * @param bits leading zero bits wanted, 0 … 64
 * @returns the first nonce that reaches them, or undefined
 */
export type Search = (core: Uint8Array, bits: number, from: number, count: number) => number | undefined;

/** {@link Search} in plain JavaScript, for where WebAssembly is missing or forbidden. */
export const searchWork: Search = (core, bits, from, count) => {
  const view = new DataView(core.buffer, core.byteOffset, 32);
  const end = from + count;
  for (let nonce = from; nonce < end; nonce++) {
    for (let i = 0; i < 8; i++) W[i] = view.getUint32(i * 4);
    W[8] = Math.floor(nonce / 2 ** 32);
    W[9] = nonce >>> 0;
    W[10] = 0x80000000;
    W.fill(0, 11, 15);
    W[15] = 320;
    if (leadingZeros() >= bits) return nonce;
  }
  return undefined;
};

/** What `workers/wasm/search.ts` exports. Its memory begins with {@link K}, {@link H} and the work core, in words. */
export interface SearchModule {
  readonly memory: { readonly buffer: ArrayBufferLike };
  /**
   * Tries `count` nonces from `high` · 2^32 + `low`, all with the same upper half.
   * @param mask ones where the hash's first word must have zeros
   * @returns how many nonces stand before the first that fits, or −1
   */
  search(high: number, low: number, count: number, mask: number): number;
}

/** {@link Search} by an instance of that module. */
export function moduleSearch({ memory, search }: SearchModule): Search {
  const words = new Uint32Array(memory.buffer);
  words.set(K);
  words.set(H, K.length);
  const coreAt = K.length + H.length;
  return (core, bits, from, count) => {
    const view = new DataView(core.buffer, core.byteOffset, 32);
    for (let i = 0; i < 8; i++) words[coreAt + i] = view.getUint32(i * 4);
    const mask = bits >= 32 ? 0xffffffff : ~(0xffffffff >>> bits);
    const end = from + count;
    let nonce = from;
    while (nonce < end) {
      const low = nonce >>> 0;
      // Counts are signed there.
      const length = Math.min(end - nonce, 2 ** 32 - low, 2 ** 30);
      const before = search(Math.floor(nonce / 2 ** 32), low, length, mask);
      // Beyond the first word the plain search decides.
      const found = before < 0 ? undefined : searchWork(core, bits, nonce + before, 1);
      if (found !== undefined) return found;
      nonce += before < 0 ? length : before + 1;
    }
    return undefined;
  };
}
