/** People, genesis and payments for tests: deterministic, without work, but with real keys and signatures. */
import { sha256 } from '@noble/hashes/sha2.js';
import { addressOf } from '../../core/address.ts';
import { type Network, networkOf } from '../../core/decide.ts';
import type { Entry } from '../../core/entry.ts';
import { type Address, amount, idBytes, infohashFromBytes, type Locator, locator, type PublicKey, type TxId } from '../../core/id.ts';
import type { NetworkParameters } from '../../core/network.ts';
import { publicKeyOf, signDraft } from '../../core/signature.ts';
import { type Draft, decodeTransaction, encodeTransaction, type TransactionFile } from '../../core/transaction.ts';

/** Somebody with a key. */
export interface Person {
  readonly secretKey: Uint8Array;
  readonly key: PublicKey;
  readonly address: Address;
}

export const PARAMETERS: NetworkParameters = { name: 'Test', hrp: 'ttx', burnPerByte: 1000, workReward: 0, maxGain: 0 };

/** The same name is the same person. */
export function person(name: string): Person {
  const secretKey = sha256(new TextEncoder().encode(name));
  const key = publicKeyOf(secretKey);
  return { secretKey, key, address: addressOf(key, PARAMETERS.hrp) };
}

function sign(draft: Draft, { secretKey }: Person): TransactionFile {
  return decodeTransaction(encodeTransaction(signDraft(draft, 1_000_000_000_000_000, secretKey)));
}

/** A genesis by `founder`. */
export function makeGenesis(
  founder: Person,
  units = 1_000_000_000_000n,
  parameters = PARAMETERS,
): { file: TransactionFile; network: Network } {
  const { key, address } = founder;
  const draft: Draft = { time: 1, to: address, tokens: amount(units), key, prev: null, ref: [], modules: { network: { ...parameters } } };
  const file = sign(draft, founder);
  return { file, network: networkOf(file) };
}

/** A payment of `units` that spends `from`'s coins in `parents`. `time` tells otherwise equal payments apart. */
export function makePayment(
  from: Person,
  parents: readonly TransactionFile[],
  to: Address,
  units: bigint,
  time = 2,
  note?: string,
): TransactionFile {
  const prev: Locator[] = parents.map((parent) => locator(parent.infohash, parent.txid)).sort();
  const modules = note === undefined ? {} : { modules: { comment: note } };
  return sign({ time, to, tokens: amount(units), key: from.key, prev, ref: [], ...modules }, from);
}

/** An entry by `owner` that pays itself, for tests to which neither amounts nor signatures matter. */
export const bareEntry = (owner: Address, txid: TxId, prev: readonly TxId[]): Entry => ({
  txid,
  infohash: infohashFromBytes(idBytes(txid).subarray(0, 20)),
  prev,
  sender: owner,
  to: owner,
  tokens: amount(1n),
  change: amount(0n),
  burn: amount(0n),
  reward: amount(0n),
  charge: amount(0n),
  trail: [0],
  sizeBytes: 400,
});
