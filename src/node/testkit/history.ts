/** For tests: payments whose signatures nobody looks at, because thousands of real ones would take a minute. */
import { sha256 } from '@noble/hashes/sha2.js';
import { addressOf } from '../../core/address.ts';
import { decide, networkOf } from '../../core/decide.ts';
import { type Address, amount, locator, publicKeyFromBytes, type Signature } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import { decodeTransaction, encodeTransaction, type TransactionFile } from '../../core/transaction.ts';

const UNSIGNED = '0'.repeat(128) as Signature;
const NETWORK = { name: 'history', hrp: 'ttx', burnPerByte: 0, workReward: 0, maxGain: 0 };
const keyOf = (name: string) => publicKeyFromBytes(sha256(new TextEncoder().encode(name)));

/** The same name is the same person. */
export const addressAt = (name: string): Address => addressOf(keyOf(name), NETWORK.hrp);

/** A payment that spends `from`'s coin in `parent`. `time` tells otherwise equal payments apart. */
export function unsignedPayment(
  from: string,
  parent: TransactionFile | undefined,
  to: string,
  units: number,
  time: number,
): TransactionFile {
  const prev = parent === undefined ? null : [locator(parent.infohash, parent.txid)];
  const modules = parent === undefined ? { modules: { network: NETWORK } } : {};
  const draft = { time, to: addressAt(to), tokens: amount(units), key: keyOf(from), prev, ref: [], ...modules };
  return decodeTransaction(encodeTransaction({ ...draft, nonce: 0, signature: UNSIGNED }));
}

export const genesis = unsignedPayment('founder', undefined, 'founder', 1_000_000_000, 0);
export const network = networkOf(genesis);

/** The founder pays out of his change, one after another: the n-th payment goes to `payee n`, and each even payee pays on. */
export function makeHistory(count: number): readonly TransactionFile[] {
  const files: TransactionFile[] = [];
  let change = genesis;
  for (let n = 1; files.length < count; n++) {
    change = unsignedPayment('founder', change, `payee ${n}`, 10, n);
    files.push(change);
    if (n % 2 === 0 && files.length < count) files.push(unsignedPayment(`payee ${n}`, change, `other ${n}`, 5, n));
  }
  return files;
}

/** A payment by `payee n`, n odd, that is not in the history itself; two by the same one are rivals. */
export function branchPayment(history: readonly TransactionFile[], n: number, to: string): TransactionFile {
  const parent = history.find(({ transaction }) => transaction.to === addressAt(`payee ${n}`));
  return unsignedPayment(`payee ${n}`, parent, to, 1, n);
}

/** A ledger of the genesis and `files`, parents first. */
export function ledgerOf(files: readonly TransactionFile[]): Ledger {
  const ledger = new Ledger(network);
  for (const file of [genesis, ...files]) ledger.apply(file.txid, decide(file, 'valid', ledger));
  return ledger;
}
