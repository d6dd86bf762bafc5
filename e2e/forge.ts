/** Payments that no wallet would make: signed or altered by hand, as a cheat or a broken program would. */
import { hmac, sha512 } from '@noble/hashes/webcrypto.js';
import { mnemonicToSeedWebcrypto } from '@scure/bip39';
import { addressOf } from '../src/core/address.ts';
import { type Address, amount, type Locator, locator } from '../src/core/id.ts';
import { deriveKey, WALLET_PATH } from '../src/core/key.ts';
import { magnetLink, parseLink } from '../src/core/link.ts';
import { publicKeyOf, signDraft } from '../src/core/signature.ts';
import { type Draft, decodeTransaction, encodeTransaction, type Transaction, type TransactionFile } from '../src/core/transaction.ts';

/** Whoever knows the words of a wallet. */
export interface Signer {
  readonly secretKey: Uint8Array;
  readonly address: Address;
}

/** The keys of 12 words, in a network with the usual prefix. */
export async function signerOf(words: readonly string[]): Promise<Signer> {
  const derivation = deriveKey(await mnemonicToSeedWebcrypto(words.join(' ')), WALLET_PATH);
  let step = derivation.next();
  while (step.done !== true) step = derivation.next(await hmac(sha512, step.value.key, step.value.data));
  const secretKey = step.value;
  return { secretKey, address: addressOf(publicKeyOf(secretKey), 'ttx') };
}

/** The genesis that an invitation names. */
export function genesisOf(invitation: string): { readonly locator: Locator; readonly trackers: readonly string[] } {
  const link = parseLink(invitation);
  if (link.kind !== 'invitation' || link.magnet.txid === undefined) throw new Error('not an invitation');
  return { locator: locator(link.magnet.infohash, link.magnet.txid), trackers: link.magnet.trackers };
}

/** Signs whatever it is told to. */
export function sign(from: Signer, prev: Locator, to: Address, units: bigint, change: Partial<Draft> = {}): Transaction {
  const draft: Draft = { time: 1, to, tokens: amount(units), key: publicKeyOf(from.secretKey), prev: [prev], ref: [], ...change };
  return signDraft(draft, 1_000_000_000_000_000, from.secretKey);
}

/** The file of a transaction, whether its signature is right or not. */
export const fileOf = (transaction: Transaction): TransactionFile => decodeTransaction(encodeTransaction(transaction));

/** A magnet with the file inside, as its payer would hand it over. */
export function magnetOf(file: TransactionFile, network: { readonly locator: Locator; readonly trackers: readonly string[] }): string {
  const target = { locator: locator(file.infohash, file.txid), network: network.locator, trackers: network.trackers };
  return magnetLink(target, encodeTransaction(file.transaction));
}
