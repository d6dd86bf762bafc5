/**
 * The browser's own ed25519 as a short cut, in the one direction in which it agrees with the rule of the network: what WebCrypto accepts,
 * ZIP-215 accepts. The converse is wrong, so whatever WebCrypto refuses is decided by the authority, which costs half a millisecond.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { checkMessage, isAdmissibleEncoding, type SignatureVerdict, type SignedMessage } from '../../core/ed25519.ts';

/** A valid signature: RFC 8032, 7.1, test 3. Key, signature, message. */
const VALID =
  'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb9115489080256291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40aaf82';

/**
 * Signatures that ZIP-215 refuses and a careless verifier takes, with admissible keys: S beyond the order of the group (two), R encoded
 * beyond 2^255 − 19 or as negative zero and hashed as if it were not (four). From speccheck and CCTV; the tests have all of them.
 */
const HOSTILE: readonly string[] = [
  '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a51485e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
  '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a6238ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c2285e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
  'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41',
  'ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7fef1195f0610612912016b3ee33054829bcea20ae4de1e9343b1c4e2e1564900365643235353139766563746f7273',
  'ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f280760100000000000000000000000000000000000000000000000000000000000080330b30d6c1f07511e2208d233b6a34d4ed7109da2dea615bcd97daee3a84270465643235353139766563746f72732037',
  'fe894df18abf1c20088bfbe6c9ad45d42ec20663eaf7111eaea1d851da0d7f89eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7798d1693338d7c46e61a3aae05bd23a89fdf7b62b83efdd062dd19a39d8d50565643235353139766563746f72732032',
];

/** Keys kept ready: people sign more than once, and reading a key takes a twelfth of a check. */
const MAX_KEYS = 4_096;

/** The part of WebCrypto that is used. */
export type Ed25519Crypto = Pick<SubtleCrypto, 'importKey' | 'verify'>;

function parse(hex: string): SignedMessage {
  const bytes = hexToBytes(hex);
  return { key: bytes.subarray(0, 32), signature: bytes.subarray(32, 96), message: bytes.subarray(96) };
}

/** Checks signatures, in this thread. */
export class FastEd25519 {
  readonly #crypto: Ed25519Crypto | undefined;
  #isTrusted: Promise<boolean> | undefined;
  /** By their hex digits, the oldest first; undefined for those that only the authority may judge. */
  readonly #keys = new Map<string, Promise<CryptoKey | undefined>>();

  /** @param crypto absent where there is none: outside secure contexts */
  constructor(crypto: Ed25519Crypto | undefined) {
    this.#crypto = crypto;
  }

  /** The verdict that the authority gives or would give. */
  async check(signed: SignedMessage): Promise<SignatureVerdict> {
    const isQuick = (await this.isTrusted()) && (await this.#accepts(await this.#keyOf(signed.key), signed));
    return isQuick ? 'valid' : checkMessage(signed);
  }

  /** Whether WebCrypto's yes counts: it knows ed25519 and refuses what is hostile. Tried out once. */
  isTrusted(): Promise<boolean> {
    this.#isTrusted ??= this.#test();
    return this.#isTrusted;
  }

  async #test(): Promise<boolean> {
    const accepts = async (hex: string) => {
      const signed = parse(hex);
      return this.#accepts(await this.#import(signed.key), signed);
    };
    if (!(await accepts(VALID))) return false;
    for (const hostile of HOSTILE) if (await accepts(hostile)) return false;
    return true;
  }

  #keyOf(key: Uint8Array): Promise<CryptoKey | undefined> {
    const name = bytesToHex(key);
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const imported = isAdmissibleEncoding(key) ? this.#import(key) : Promise.resolve(undefined);
    this.#keys.set(name, imported);
    if (this.#keys.size > MAX_KEYS) this.#forgetOldest();
    return imported;
  }

  #forgetOldest(): void {
    for (const oldest of this.#keys.keys()) {
      this.#keys.delete(oldest);
      return;
    }
  }

  /** Browsers without ed25519 throw, and so do some for keys that are no points. */
  async #import(key: Uint8Array): Promise<CryptoKey | undefined> {
    try {
      // Safe: none of them is shared memory, which is all that the types leave open.
      return await this.#crypto?.importKey('raw', key as BufferSource, 'Ed25519', false, ['verify']);
    } catch {
      return undefined;
    }
  }

  async #accepts(key: CryptoKey | undefined, { signature, message }: SignedMessage): Promise<boolean> {
    if (key === undefined) return false;
    try {
      return (await this.#crypto?.verify('Ed25519', key, signature as BufferSource, message as BufferSource)) === true;
    } catch {
      return false;
    }
  }
}
