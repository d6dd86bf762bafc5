import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf } from './address.ts';
import { type Decision, decide, networkOf } from './decide.ts';
import { type Coin, coinsOf, type Entry } from './entry.ts';
import {
  type Address,
  amount,
  type CoinId,
  coinOf,
  infohashFromBytes,
  locator,
  type PublicKey,
  publicKeyFromBytes,
  type Signature,
  type TxId,
  txidFromBytes,
  txidOf,
} from './id.ts';
import { Ledger } from './ledger.ts';
import { countOf, leavesOf, rootOf } from './merkle-tree.ts';
import type { NetworkParameters } from './network.ts';
import { coinKey, type State } from './state-summary.ts';
import { type Draft, decodeTransaction, encodeTransaction, type TransactionFile } from './transaction.ts';
import vectors from './vectors/tree.json' with { type: 'json' };

const hash = (text: string) => sha256(new TextEncoder().encode(text));
const people = ['a', 'b', 'c', 'd'].map((name) => publicKeyFromBytes(hash(name)));
const addressAt = (i: number): Address => addressOf(people[i % people.length] as PublicKey, 'ttx');
const UNSIGNED = '0'.repeat(128) as Signature;
const TOKENS = 1_000_000_000;

/** A file whose signature nobody looks at: the verdict is an input of the decision. */
const fileOf = (draft: Draft, nonce: number): TransactionFile =>
  decodeTransaction(encodeTransaction({ ...draft, nonce, signature: UNSIGNED }));

function foundNetwork(parameters: Omit<NetworkParameters, 'name' | 'hrp'>): TransactionFile {
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
const rules = fc.record({
  burnPerByte: fc.constantFrom(0, 1, 100),
  workReward: fc.constantFrom(0, 7, 1000),
  maxGain: fc.constantFrom(0, 0, 100_000),
});

/** A file that spends `coins` of one owner, or undefined when it has none. */
function grant(
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
function makeWorld(genesis: TransactionFile, wishes: readonly Wish[], rivals: boolean): TransactionFile[] {
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
function unspent(ledgers: readonly Ledger[]): Map<string, bigint> {
  const top = ledgers.at(-1);
  const coins = entriesOf(ledgers).flatMap((entry) => top?.unspentCoins(entry) ?? []);
  return new Map(coins.sort((a, b) => (a.id < b.id ? -1 : 1)).map((coin) => [coin.id, coin.amount]));
}

function checkSupply(ledgers: readonly Ledger[]): void {
  const held = [...unspent(ledgers).values()].reduce((sum, units) => sum + units, 0n);
  const top = ledgers.at(-1);
  expect(top?.supply).toBe(held);
  expect(top?.size).toBe(entriesOf(ledgers).length);
}

/** The trees say what the ledger says: the accepted txids, and the unspent coins with their amounts. */
function checkTrees(ledgers: readonly Ledger[]): void {
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
function arrive(genesis: TransactionFile, files: readonly TransactionFile[], layered: boolean): Outcome {
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

const acceptedOf = ({ ledger }: Outcome): TxId[] => [...ledger.accepted()].map((entry) => entry.txid).sort();

/** The same files in another order, fixed by `keys`. */
function shuffle<T>(items: readonly T[], keys: readonly number[]): T[] {
  const order = items.map((item, i) => ({ item, key: keys[i % keys.length] ?? 0, i }));
  return order.sort((a, b) => a.key - b.key || a.i - b.i).map(({ item }) => item);
}

const wishes = fc.array(wish, { minLength: 1, maxLength: 25, size: 'max' });
const keys = fc.array(fc.nat(), { minLength: 26, maxLength: 26 });

describe('without conflicts', () => {
  test('any order of arrival gives the same transactions, coins and supply', () => {
    fc.assert(
      fc.property(rules, wishes, keys, fc.boolean(), (parameters, list, turn, layered) => {
        const genesis = foundNetwork(parameters);
        const files = makeWorld(genesis, list, false);
        const inOrder = arrive(genesis, files, false);
        const shuffled = arrive(genesis, shuffle(files, turn), layered);
        const backwards = arrive(genesis, [...files].reverse(), !layered);
        for (const other of [shuffled, backwards]) {
          expect(acceptedOf(other)).toEqual(acceptedOf(inOrder));
          expect(unspent([other.ledger])).toEqual(unspent([inOrder.ledger]));
          expect(other.ledger.summary()).toEqual(inOrder.ledger.summary());
          // The same entry, not just the same verdict: costs and trails do not depend on the order either.
          for (const [txid, decision] of inOrder.decisions) {
            const found = other.decisions.get(txid);
            expect(found?.kind).toBe(decision.kind);
            if (decision.kind === 'accepted') expect(found).toEqual(decision);
          }
        }
      }),
    );
  });
});

describe('with double spends', () => {
  test('supply equals the unspent coins at every step, and no coin is spent twice', () => {
    fc.assert(
      fc.property(rules, wishes, keys, fc.boolean(), (parameters, list, turn, layered) => {
        const genesis = foundNetwork(parameters);
        const { ledger, decisions } = arrive(genesis, shuffle(makeWorld(genesis, list, true), turn), layered);
        const spent = [...ledger.accepted()].flatMap((entry) => entry.prev.map((parent) => `${parent}/${entry.sender}`));
        expect(new Set(spent).size).toBe(spent.length);
        for (const [txid, decision] of decisions) {
          if (decision.kind !== 'conflicted') continue;
          expect(ledger.isAccepted(txid)).toBe(false);
          expect(decision.winners.length).toBeGreaterThan(0);
          expect(decision.winners.every((winner) => ledger.isAccepted(winner))).toBe(true);
        }
      }),
    );
  });

  test('a conflicted transaction changes no coin', () => {
    fc.assert(
      fc.property(rules, wishes, (parameters, list) => {
        const genesis = foundNetwork(parameters);
        const ledger = new Ledger(networkOf(genesis));
        for (const file of makeWorld(genesis, list, true)) {
          const before = unspent([ledger]);
          const decision = decide(file, 'valid', ledger);
          ledger.apply(file.txid, decision);
          if (decision.kind !== 'accepted') expect(unspent([ledger])).toEqual(before);
        }
      }),
    );
  });

  test('costs do not depend on who wins', () => {
    fc.assert(
      fc.property(rules, wishes, keys, (parameters, list, turn) => {
        const genesis = foundNetwork(parameters);
        const files = makeWorld(genesis, list, true);
        const one = arrive(genesis, files, false).decisions;
        const other = arrive(genesis, shuffle(files, turn), true).decisions;
        for (const [txid, decision] of one) {
          const found = other.get(txid);
          if ('entry' in decision) expect(found !== undefined && 'entry' in found && found.entry).toEqual(decision.entry);
          else expect(found?.kind).toBe('rejected');
        }
      }),
    );
  });
});

describe('long chains', () => {
  const LENGTH = 100_000;
  const parameters = { burnPerByte: 0, workReward: 0, maxGain: 0 };
  const bytes = new Uint8Array(400);

  /** Decoding is not what is tested here: ids are counters. */
  function link(i: number, parent: { txid: TxId; infohash: TransactionFile['infohash'] }): TransactionFile {
    const id = new Uint8Array(32);
    new DataView(id.buffer).setUint32(0, i + 1);
    const transaction = {
      time: i,
      to: addressAt(0),
      tokens: amount(1),
      key: people[0] as PublicKey,
      prev: [locator(parent.infohash, parent.txid)],
      ref: [],
      nonce: 0,
      signature: UNSIGNED,
    };
    return {
      bytes,
      txid: txidFromBytes(id),
      infohash: infohashFromBytes(id.slice(0, 20)),
      transaction,
      hrp: 'ttx',
      sender: addressAt(0),
      workBits: 0,
    };
  }

  test('100,000 transactions are decided one by one, in batches, without recursion', { timeout: 60_000 }, () => {
    const genesis = foundNetwork(parameters);
    const ledger = new Ledger(networkOf(genesis));
    ledger.apply(genesis.txid, decide(genesis, 'valid', ledger));
    let parent = genesis;
    for (let i = 0; i < LENGTH; ) {
      const batch = new Ledger(ledger.network, ledger);
      for (const end = i + 1000; i < end; i++) {
        const file = link(i, parent);
        const decision = decide(file, 'valid', batch);
        if (decision.kind !== 'accepted') throw new Error(`${i}: ${decision.kind}`);
        batch.apply(file.txid, decision);
        parent = file;
      }
      ledger.absorb(batch);
    }
    expect(ledger.size).toBe(LENGTH + 1);
    checkSupply([ledger]);
    expect(countOf(ledger.trees().transactions)).toBe(LENGTH + 1);
    expect([...leavesOf(ledger.trees().coins)]).toEqual([{ key: coinKey(parent.txid, addressAt(0)), amount: BigInt(TOKENS) }]);
    expect(ledger.accepted(LENGTH, 5).map(({ txid }) => txid)).toEqual([parent.txid]);
    expect(unspent([ledger])).toEqual(new Map([[`${parent.txid}/${addressAt(0)}`, BigInt(TOKENS)]]));
    // A rival at the root: one decision, however much stands on the winner.
    const rival = { ...link(LENGTH, genesis), transaction: { ...link(0, genesis).transaction, time: -1 } };
    expect(decide(rival, 'valid', ledger)).toMatchObject({ kind: 'conflicted', winners: [link(0, genesis).txid] });
  });
});

describe('the state', () => {
  test.each(vectors.coins.map((v) => [v.name, v] as const))('names the coin of %s', (_, { txid, address, key }) => {
    expect(coinKey(txid as TxId, address as Address)).toBe(key);
  });

  test('sums the work', () => {
    const genesis = foundNetwork({ burnPerByte: 0, workReward: 0, maxGain: 0 });
    const { ledger } = arrive(genesis, [genesis], true);
    const bits = ledger.find(genesis.txid)?.trail.at(-1) ?? -1;
    expect(ledger.summary()).toMatchObject({ transactions: 1, work: 2n ** BigInt(bits), supply: BigInt(TOKENS) });
  });

  test('of an earlier moment stays what it was', () => {
    const genesis = foundNetwork({ burnPerByte: 0, workReward: 0, maxGain: 0 });
    const ledger = new Ledger(networkOf(genesis));
    const before = ledger.trees();
    ledger.apply(genesis.txid, decide(genesis, 'valid', ledger));
    expect([countOf(before.transactions), countOf(ledger.trees().transactions)]).toEqual([0, 1]);
  });
});

describe('computed in parts', () => {
  test('it is the state of the moment when it was begun, whatever comes meanwhile', () => {
    fc.assert(
      fc.property(rules, wishes, fc.integer({ min: 1, max: 9 }), fc.boolean(), (parameters, list, most, layered) => {
        const genesis = foundNetwork(parameters);
        const ledger = new Ledger(networkOf(genesis));
        const told: State[] = [];
        const exact = new Map([[0, ledger.summary()]]);
        for (const file of [genesis, ...makeWorld(genesis, list, true)]) {
          const above = layered ? new Ledger(ledger.network, ledger) : ledger;
          if (above.find(file.txid) === undefined) above.apply(file.txid, decide(file, 'valid', above));
          if (layered) ledger.absorb(above);
          told.push(...[ledger.prepareState(most)].filter((state) => state !== undefined));
          // Of another ledger, because asking this one would do all of the work.
          const other = new Ledger(ledger.network);
          for (const entry of ledger.entries()) other.restore(entry, ledger.findWinners(entry.txid) ?? []);
          exact.set(ledger.size, other.summary());
        }
        for (let turns = 0; turns < 10_000 && told.at(-1)?.summary.transactions !== ledger.size; turns++)
          told.push(...[ledger.prepareState(most)].filter((state) => state !== undefined));
        for (const { summary, trees } of told) {
          expect(summary).toEqual(exact.get(summary.transactions));
          expect([rootOf(trees.transactions), rootOf(trees.coins)]).toEqual([summary.transactionsRoot, summary.coinsRoot]);
        }
        expect(told.at(-1)?.summary).toEqual(ledger.summary());
      }),
    );
  });
});

describe('restored', () => {
  test('at any point, it goes on to the same decisions, coins and state, whenever its trees are prepared', () => {
    fc.assert(
      fc.property(rules, wishes, fc.nat(40), fc.array(fc.nat(5)), fc.boolean(), (parameters, list, cut, pauses, layered) => {
        const genesis = foundNetwork(parameters);
        const files = makeWorld(genesis, list, true);
        const whole = arrive(genesis, files, false).ledger;
        const before = arrive(genesis, files.slice(0, cut), false).ledger;
        const again = new Ledger(networkOf(genesis));
        for (const entry of before.entries()) again.restore(entry, before.findWinners(entry.txid) ?? []);
        expect(unspent([again])).toEqual(unspent([before]));
        for (const [i, file] of files.slice(cut).entries()) {
          again.prepareState(pauses[i] ?? 0);
          const above = layered ? new Ledger(again.network, again) : again;
          if (above.find(file.txid) === undefined) above.apply(file.txid, decide(file, 'valid', above));
          if (!layered) continue;
          if (i % 3 === 0) above.trees();
          again.absorb(above);
        }
        expect(again.summary()).toEqual(whole.summary());
        expect([...again.entries()].map(({ txid }) => [txid, again.findWinners(txid)])).toEqual(
          [...whole.entries()].map(({ txid }) => [txid, whole.findWinners(txid)]),
        );
        checkSupply([again]);
        checkTrees([again]);
      }),
    );
  });
});

describe('memory', () => {
  test('a forgotten rejection is only decided again', () => {
    const genesis = foundNetwork({ burnPerByte: 0, workReward: 0, maxGain: 0 });
    const ledger = new Ledger(networkOf(genesis));
    const first = txidFromBytes(hash('first'));
    ledger.apply(first, { kind: 'rejected', code: 'no-coin' });
    expect(ledger.isRejected(first)).toBe(true);
    for (let i = 0; i < 10_000; i++) ledger.apply(txidFromBytes(hash(`rejected ${i}`)), { kind: 'rejected', code: 'no-coin' });
    expect(ledger.isRejected(first)).toBe(false);
    expect(ledger.isRejected(txidFromBytes(hash('rejected 9999')))).toBe(true);
  });

  test('a pending transaction leaves no trace', () => {
    const genesis = foundNetwork({ burnPerByte: 0, workReward: 0, maxGain: 0 });
    const ledger = new Ledger(networkOf(genesis));
    const file = grant(
      { payer: 0, payee: 1, picks: [0], percent: 1, nonce: 0 },
      [{ id: 'x' as Coin['id'], txid: genesis.txid, owner: addressAt(0), amount: amount(5), file: genesis }],
      1,
    );
    const decision = file === undefined ? undefined : decide(file, 'valid', ledger);
    expect(decision).toEqual({ kind: 'pending', missing: file?.transaction.prev });
    if (file !== undefined && decision !== undefined) ledger.apply(file.txid, decision);
    expect([ledger.size, [...ledger.entries()].length, file && ledger.find(file.txid)]).toEqual([0, 0, undefined]);
    expect(
      txidOf(decision?.kind === 'pending' && decision.missing[0] ? decision.missing[0] : locator(genesis.infohash, genesis.txid)),
    ).toBe(genesis.txid);
  });
});
