/** What tests of the ledger share: random histories, how they arrive, and what must be true of a ledger at every step. */
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect } from 'vitest';
import { addressOf } from './address.ts';
import { type Decision, decide, networkOf } from './decide.ts';
import { type Coin, coinsOf, type Entry } from './entry.ts';
import { type Address, amount, type CoinId, coinOf, locator, type PublicKey, publicKeyFromBytes, type Signature, type TxId } from './id.ts';
import { Ledger } from './ledger.ts';
import { leavesOf } from './merkle-tree.ts';
import type { NetworkParameters } from './network.ts';
import { coinKey } from './state-summary.ts';
import { type Draft, decodeTransaction, encodeTransaction, type TransactionFile } from './transaction.ts';

export const hash = (text: string) => sha256(new TextEncoder().encode(text));
export const people = ['a', 'b', 'c', 'd'].map((name) => publicKeyFromBytes(hash(name)));
export const addressAt = (i: number): Address => addressOf(people[i % people.length] as PublicKey, 'ttx');
export const UNSIGNED = '0'.repeat(128) as Signature;
export const TOKENS = 1_000_000_000;

/** A file whose signature nobody looks at: the verdict is an input of the decision. */
const fileOf = (draft: Draft, nonce: number): TransactionFile =>
  decodeTransaction(encodeTransaction({ ...draft, nonce, signature: UNSIGNED }));

export function foundNetwork(parameters: Omit<NetworkParameters, 'name' | 'hrp'>): TransactionFile {
  const network = { name: 'dag', hrp: 'ttx', ...parameters };
  const key = people[0] as PublicKey;
  return fileOf({ time: 0, to: addressAt(0), tokens: amount(TOKENS), key, prev: null, ref: [], modules: { network } }, 0);
}

/** One random transaction: who pays with which coins, to whom, how much of them. */
interface Wish {
  /** Any number: a coin whose owner pays. */
  readonly payer: number;
  readonly payee: number;
  readonly picks: readonly number[];
  readonly percent: number;
  readonly nonce: number;
}
const wish: fc.Arbitrary<Wish> = fc.record({
  payer: fc.nat(),
  payee: fc.nat(3),
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  percent: fc.nat(110),
  nonce: fc.nat(1_000_000),
});
export const rules = fc.record({
  burnPerByte: fc.constantFrom(0, 1, 100),
  workReward: fc.constantFrom(0, 7, 1000),
  maxGain: fc.constantFrom(0, 0, 100_000),
});

/** A file that spends `coins` of one owner, or undefined when it has none. */
export function grant(
  { payer, payee, picks, percent, nonce }: Wish,
  coins: readonly (Coin & { file: TransactionFile })[],
  time: number,
): TransactionFile | undefined {
  const owner = coins[payer % Math.max(coins.length, 1)]?.owner;
  const own = coins.filter((coin) => coin.owner === owner);
  const key = people.find((_, i) => addressAt(i) === owner);
  if (own.length === 0 || key === undefined) return undefined;
  const chosen = [...new Set(picks.map((pick) => own[pick % own.length] as (typeof own)[number]))];
  const total = chosen.reduce((sum, coin) => sum + coin.amount, 0n);
  const prev = chosen.map(({ file }) => locator(file.infohash, file.txid)).sort();
  return fileOf({ time, to: addressAt(payee), tokens: amount((total * BigInt(percent)) / 100n), key, prev, ref: [] }, nonce);
}

/** Random files on a genesis; `rivals` lets them spend coins that are spent already. */
export function makeWorld(genesis: TransactionFile, wishes: readonly Wish[], rivals: boolean): TransactionFile[] {
  const ledger = new Ledger(networkOf(genesis));
  const files = [genesis];
  const coins: (Coin & { file: TransactionFile })[] = [];
  const add = (file: TransactionFile) => {
    const decision = decide(file, 'valid', ledger);
    ledger.apply(file.txid, decision);
    if (decision.kind === 'accepted' || decision.kind === 'conflicted')
      coins.push(...coinsOf(decision.entry).map((coin) => ({ ...coin, file })));
  };
  add(genesis);
  for (const [i, wanted] of wishes.entries()) {
    const usable = rivals ? coins : coins.filter((coin) => ledger.findSpender(coin.txid, coin.owner) === undefined);
    const file = grant(wanted, usable, i + 1);
    if (file === undefined) continue;
    files.push(file);
    add(file);
  }
  return files;
}

const entriesOf = (ledgers: readonly Ledger[]): Entry[] => ledgers.flatMap((ledger) => [...ledger.accepted()]);

/** All unspent coins as the top ledger sees them. */
export function unspent(ledgers: readonly Ledger[]): Map<string, bigint> {
  const top = ledgers.at(-1);
  const coins = entriesOf(ledgers).flatMap((entry) => top?.unspentCoins(entry) ?? []);
  return new Map(coins.sort((a, b) => (a.id < b.id ? -1 : 1)).map((coin) => [coin.id, coin.amount]));
}

export function checkSupply(ledgers: readonly Ledger[]): void {
  const held = [...unspent(ledgers).values()].reduce((sum, units) => sum + units, 0n);
  const top = ledgers.at(-1);
  expect(top?.supply).toBe(held);
  expect(top?.size).toBe(entriesOf(ledgers).length);
}

/** The trees say what the ledger says: the accepted txids, and the unspent coins with their amounts. */
export function checkTrees(ledgers: readonly Ledger[]): void {
  const { transactions, coins } = (ledgers.at(-1) as Ledger).trees();
  expect([...leavesOf(transactions)].map(({ key }) => key)).toEqual(
    entriesOf(ledgers)
      .map(({ txid }) => txid)
      .sort(),
  );
  const expected = [...unspent(ledgers)].map(([id, units]): [string, bigint] => {
    const { txid, owner } = coinOf(id as CoinId);
    return [coinKey(txid, owner), units];
  });
  expect(new Map([...leavesOf(coins)].map((leaf) => [leaf.key, leaf.amount]))).toEqual(new Map(expected));
  const total = [...leavesOf(coins)].reduce((sum, leaf) => sum + (leaf.amount ?? 0n), 0n);
  expect(total).toBe(ledgers.at(-1)?.supply);
}

interface Outcome {
  readonly ledger: Ledger;
  readonly decisions: ReadonlyMap<TxId, Decision>;
}

/** Files arrive one after another; what is pending is tried again after each decision. `layered`: each arrival is a batch over the ledger. */
export function arrive(genesis: TransactionFile, files: readonly TransactionFile[], layered: boolean): Outcome {
  const ledger = new Ledger(networkOf(genesis));
  const decisions = new Map<TxId, Decision>();
  const pool = new Map<TxId, TransactionFile>();
  for (const arrived of files) {
    const target = layered ? new Ledger(ledger.network, ledger) : ledger;
    const ledgers = layered ? [ledger, target] : [ledger];
    pool.set(arrived.txid, arrived);
    for (let progress = true; progress; ) {
      progress = false;
      for (const file of [...pool.values()]) {
        const decision = decide(file, 'valid', target);
        if (decision.kind === 'pending') continue;
        target.apply(file.txid, decision);
        decisions.set(file.txid, decision);
        pool.delete(file.txid);
        progress = true;
        checkSupply(ledgers);
        if (decisions.size % 7 === 0) checkTrees(ledgers);
      }
    }
    if (layered) ledger.absorb(target);
    checkSupply([ledger]);
    // Now and then a part of the work is done ahead: it must not show.
    if (decisions.size % 3 === 0) ledger.prepareState(2);
  }
  checkTrees([ledger]);
  expect(pool.size).toBe(0);
  return { ledger, decisions };
}

export const acceptedOf = ({ ledger }: Outcome): TxId[] => [...ledger.accepted()].map((entry) => entry.txid).sort();

/** The same files in another order, fixed by `keys`. */
export function shuffle<T>(items: readonly T[], keys: readonly number[]): T[] {
  const order = items.map((item, i) => ({ item, key: keys[i % keys.length] ?? 0, i }));
  return order.sort((a, b) => a.key - b.key || a.i - b.i).map(({ item }) => item);
}

export const wishes = fc.array(wish, { minLength: 1, maxLength: 25, size: 'max' });
export const keys = fc.array(fc.nat(), { minLength: 26, maxLength: 26 });
