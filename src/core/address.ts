/** Addresses: bech32m (BIP 350) of SHA-256(public key) with the network's prefix. The checksum keeps a typo from burning money. */
import { bech32m } from '@scure/base';
import { TtxError } from './error.ts';
import { NOBLE } from './hashes.ts';
import { type Address, idBytes, markAddress, type PublicKey } from './id.ts';

/** Prefix of a network's addresses: `[a-z]{1,16}`. */
export const HRP = /^[a-z]{1,16}$/;
/** Prefix shown while no network is open, and the default of a new one. */
export const DEFAULT_HRP = 'ttx';

/** An address taken apart. */
export interface ParsedAddress {
  readonly address: Address;
  readonly hrp: string;
}

/** The address of a public key. `hrp` must match {@link HRP}. */
export function addressOf(key: PublicKey, hrp: string, { sha256 } = NOBLE): Address {
  return markAddress(bech32m.encode(hrp, bech32m.toWords(sha256(idBytes(key)))));
}

/** What stands before the separator; empty where there is none. */
export const hrpOf = (text: string): string => text.slice(0, Math.max(text.lastIndexOf('1'), 0));

/**
 * CONSENSUS. Reads an address as it must stand in a transaction: lowercase, 32 bytes, exactly as it would be encoded again.
 * @throws {TtxError} `address`
 */
export function checkAddress(text: string): ParsedAddress {
  const hrp = hrpOf(text);
  if (!HRP.test(hrp)) throw new TtxError('address', { text: text.slice(0, 100) });
  let payload: Uint8Array;
  try {
    const decoded = bech32m.decode(text as `${string}1${string}`);
    payload = bech32m.fromWords(decoded.words);
  } catch (cause) {
    throw new TtxError('address', { text: text.slice(0, 100) }, { cause });
  }
  // Nothing else is written differently: the prefix is lower case, and so is then the rest; padding must be zero, and the checksum is one.
  if (payload.length !== 32) {
    throw new TtxError('address', { text: text.slice(0, 100) });
  }
  return { address: markAddress(text), hrp };
}

/**
 * Reads an address as a person gives it: spaces around it and capitals (QR codes) are forgiven, errors are not.
 * @throws {TtxError} `address`
 */
export function parseAddress(text: string): ParsedAddress {
  const trimmed = text.trim();
  return checkAddress(trimmed === trimmed.toUpperCase() ? trimmed.toLowerCase() : trimmed);
}

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const CHECKSUM_LENGTH = 6;

/** What an address holds: SHA-256 of its owner's public key, 32 bytes. Quick, because a checked address is not checked again. */
export function addressPayload(address: Address): Uint8Array {
  const payload = new Uint8Array(32);
  const start = address.lastIndexOf('1') + 1;
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let i = start; i < address.length - CHECKSUM_LENGTH; i++) {
    bits = ((bits << 5) | ALPHABET.indexOf(address[i] ?? '')) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    payload[at++] = bits >>> count;
  }
  return payload;
}
