/**
 * The ed25519 edge cases of other projects with this protocol's verdict on each, expanded for tests in Node and in browsers. Not part of
 * the product.
 */
import type { SignatureVerdict } from '../ed25519.ts';
import cctv from './ed25519-cctv.json' with { type: 'json' };
import speccheck from './ed25519-speccheck.json' with { type: 'json' };

/** One signature to check; all in hex. */
export interface Ed25519Vector {
  readonly name: string;
  readonly key: string;
  readonly signature: string;
  readonly message: string;
  /** `key` where the key is inadmissible, whatever the signature. */
  readonly verdict: SignatureVerdict;
}

const hex = (text: string) => Array.from(text, (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');

/**
 * The verdict follows from the flags alone. ZIP-215 accepts every edge case of points, but takes k over the bytes as they are: `reencoded_k`
 * took it over other bytes, which only a key of small order forgives, and that is refused before.
 */
function verdictOf(flags: readonly string[]): SignatureVerdict {
  if (flags.includes('low_order_A') || flags.includes('non_canonical_A')) return 'key';
  return flags.includes('reencoded_k') ? 'signature' : 'valid';
}

function expandCctv(): Ed25519Vector[] {
  return cctv.rows.map(([key = 0, r = 0, s = 0, message = 0, bits = 0], i) => {
    const flags = cctv.flags.filter((_, bit) => (bits >> bit) & 1);
    return {
      name: `cctv ${i}: ${flags.join(' ')}`,
      key: cctv.keys[key] ?? '',
      signature: `${cctv.R[r] ?? ''}${cctv.S[s] ?? ''}`,
      message: hex(cctv.messages[message] ?? ''),
      verdict: verdictOf(flags),
    };
  });
}

/** 12 of speccheck and 914 of CCTV. */
export const ed25519Vectors: readonly Ed25519Vector[] = [
  ...speccheck.vectors.map((vector) => ({
    name: `speccheck ${vector.name}`,
    key: vector.key,
    signature: vector.signature,
    message: vector.message,
    verdict: vector.verdict as SignatureVerdict,
  })),
  ...expandCctv(),
];
