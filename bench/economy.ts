/**
 * A made-up economy: one fixed mixture of payments, the same for the same seed. Many keys that come in by and by, fans, merges of up to 32
 * coins, notes, votes, and between them files that a node must not accept.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { addressOf } from '../src/core/address.ts';
import { decide, type Network, networkOf } from '../src/core/decide.ts';
import { coinAmount, type Entry } from '../src/core/entry.ts';
import { type Address, amount, type Locator, locator, type PublicKey, type TxId } from '../src/core/id.ts';
import { Ledger } from '../src/core/ledger.ts';
import { publicKeyOf } from '../src/core/signature.ts';
import { type Draft, decodeTransaction, encodeTransaction, type Transaction, type TransactionFile } from '../src/core/transaction.ts';
import { seededRandom } from '../src/simulation/random.ts';

/** Signs with an ed25519 seed, as `signDraft` does; a parameter because a quicker signer makes the same bytes. */
export type Sign = (draft: Draft, nonce: number, secretKey: Uint8Array) => Transaction;

export interface Economy {
  readonly network: Network;
  /** Everything in an order in which parents come first, the genesis first of all; hostile files stand among the others. */
  readonly files: readonly Uint8Array[];
  readonly accepted: number;
  /** Well signed, but their coin was spent before. */
  readonly conflicted: number;
  readonly rejected: number;
  /** The sum of all unspent coins in the end. */
  readonly supply: bigint;
}

interface Person {
  readonly secretKey: Uint8Array;
  readonly key: PublicKey;
  readonly address: Address;
  readonly coins: Entry[];
}

/** Share of each kind of payment; what is left pays one person out of one coin. */
const MIXTURE = { merge: 0.12, fan: 0.05, note: 0.25, vote: 0.3, toSelf: 0.02 } as const;
/** One in so many files is hostile. */
const HOSTILE_EVERY = 97;
/** Payments per person in the long run. */
const PAYMENTS_PER_PERSON = 20;
const NOTES = ['rent', 'thanks!', 'für den Kaffee ☕', 'order 4711', 'see you on Sunday — bring the other half, please', 'x'.repeat(180)];
const SUPPLY = 9_000_000_000_000_000n;
const WALLET_NONCE = 1_000_000_000_000_000;

/** Builds `count` acceptable transactions, the genesis included, and the hostile ones that go with them. */
export function makeEconomy(count: number, sign: Sign, seed = 1): Economy {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const parameters = { name: 'Economy', hrp: 'ttx', burnPerByte: 1000, workReward: 100_000, maxGain: 0 };
  const people: Person[] = [];
  const byAddress = new Map<Address, Person>();
  const files: Uint8Array[] = [];
  const recent: TxId[] = [];
  let time = 1_750_000_000_000;
  let conflicted = 0;
  let rejected = 0;

  function create(name: string | number): Person {
    const secretKey = sha256(new TextEncoder().encode(`economy ${seed} ${name}`));
    const key = publicKeyOf(secretKey);
    return { secretKey, key, address: addressOf(key, parameters.hrp), coins: [] };
  }

  function arrive(): Person {
    const person = create(people.length);
    people.push(person);
    byAddress.set(person.address, person);
    return person;
  }

  const make = (draft: Draft, { secretKey }: Person): TransactionFile =>
    decodeTransaction(encodeTransaction(sign(draft, WALLET_NONCE + below(8_000_000_000_000_000), secretKey)));

  const founder = arrive();
  /** Never owns a coin, so whatever it spends is somebody else's. */
  const thief = create('thief');
  const { key, address } = founder;
  const modules = { network: parameters };
  const genesis = make({ time, to: address, tokens: amount(SUPPLY), key, prev: null, ref: [], modules }, founder);
  const network = networkOf(genesis);
  const ledger = new Ledger(network);

  function take(file: TransactionFile): void {
    const decision = decide(file, 'valid', ledger);
    if (decision.kind !== 'accepted') throw new Error(`the economy made a transaction that is ${decision.kind}`);
    ledger.apply(file.txid, decision);
    files.push(file.bytes);
    recent.push(file.txid);
    const owners = new Set([decision.entry.to, decision.entry.sender]);
    for (const owner of owners) if (coinAmount(decision.entry, owner) > 0n) byAddress.get(owner)?.coins.push(decision.entry);
  }

  const locatorsOf = (coins: readonly Entry[]): Locator[] => coins.map((coin) => locator(coin.infohash, coin.txid)).sort();

  function draftOf(from: Person, coins: readonly Entry[], to: Address, tokens: bigint): Draft {
    time += below(30_000);
    const prev = locatorsOf(coins);
    const spent = new Set<TxId>(coins.map(({ txid }) => txid));
    const votes = random() < MIXTURE.vote ? recent.slice(-1 - below(3)).filter((txid) => !spent.has(txid)) : [];
    const note = random() < MIXTURE.note ? { modules: { comment: NOTES[below(NOTES.length)] ?? '' } } : {};
    return { time, to, tokens: amount(tokens), key: from.key, prev, ref: votes.sort(), ...note };
  }

  /** A file made from a good one that must not be accepted, each kind in turn. */
  function addHostile(draft: Draft, from: Person, turn: number): void {
    const text = (file: TransactionFile) => new TextDecoder().decode(file.bytes);
    const raw = (changed: string) => new TextEncoder().encode(changed);
    const good = make(draft, from);
    switch (turn % 5) {
      case 0: // The file as it was signed, with one digit of the signature changed.
        files.push(raw(text(good).replace(/"signature":"(.)/, (_, digit) => `"signature":"${digit === '0' ? '1' : '0'}`)));
        break;
      case 1: // Another amount than the one that was signed.
        files.push(raw(text(good).replace(/"tokens":\d+/, '"tokens":1')));
        break;
      case 2:
        files.push(make({ ...draft, tokens: amount(SUPPLY) }, from).bytes);
        break;
      case 3: // Somebody else's coins.
        files.push(make({ ...draft, key: thief.key, to: from.address }, thief).bytes);
        break;
      default:
        files.push(raw(text(good).replace('{', '{ ')));
    }
    rejected++;
  }

  function pay(from: Person, coins: readonly Entry[], to: Address): void {
    const total = coins.reduce((sum, coin) => sum + coinAmount(coin, from.address), 0n);
    // Most of a large coin stays, or a few would own everything in the end.
    const tokens = (total * BigInt(1 + below(60))) / 100n;
    const draft = draftOf(from, coins, to, tokens);
    take(make(draft, from));
    if (files.length % HOSTILE_EVERY !== 0) return;
    const turn = Math.floor(files.length / HOSTILE_EVERY);
    if (turn % 2 === 0) return addHostile({ ...draft, time: draft.time + 1 }, from, turn / 2);
    // The same coins once more: a double spend.
    files.push(make({ ...draft, time: draft.time + 1 }, from).bytes);
    conflicted++;
  }

  /** Large enough to pay for itself and some that follow. */
  const isUsable = (owner: Address) => (coin: Entry) => coinAmount(coin, owner) > 20_000_000n;

  take(genesis);
  while (ledger.size < count) {
    const isYoung = people.length < 4 + ledger.size / PAYMENTS_PER_PERSON;
    // Newcomers are paid by the founder or by anybody who is there.
    const to = isYoung ? arrive() : (people[below(people.length)] ?? founder);
    const chosen = random() < 0.1 ? founder : (people[below(people.length)] ?? founder);
    const from = chosen.coins.some(isUsable(chosen.address)) ? chosen : founder;
    const kind = random();
    if (kind < MIXTURE.fan) {
      // One after the other out of the change.
      for (let n = 2 + below(6); n > 0 && ledger.size < count; n--) {
        const coin = from.coins.findLast(isUsable(from.address));
        if (coin === undefined) break;
        from.coins.splice(from.coins.indexOf(coin), 1);
        pay(from, [coin], (people[below(people.length)] ?? to).address);
      }
      continue;
    }
    const usable = from.coins.findIndex(isUsable(from.address));
    const few = Math.min(from.coins.length, random() < 0.1 ? 32 : 2 + below(4));
    const spent = kind > 1 - MIXTURE.merge ? from.coins.splice(0, few) : from.coins.splice(usable, 1);
    const sum = spent.reduce((total, coin) => total + coinAmount(coin, from.address), 0n);
    // A merge of small change alone does not pay for its bytes.
    if (sum < 20_000_000n) from.coins.push(...spent);
    else pay(from, spent, kind < MIXTURE.fan + MIXTURE.toSelf ? from.address : to.address);
  }
  return { network, files, accepted: ledger.size, conflicted, rejected, supply: ledger.supply };
}
