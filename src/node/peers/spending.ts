/** Who spends a coin: answers peers that ask, and asks them. docs/protocol.md, The wire. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { addressPayload } from '../../core/address.ts';
import { coinAmount, coinsOf } from '../../core/entry.ts';
import { type Address, type CoinId, coinOf, type Hash, hashFromBytes } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { MAX_COINS_ASKED, MAX_MESSAGE_BYTES } from '../../core/limit.ts';
import type { CoinName, CoinSpender, Hello, Message } from '../../core/message.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Store } from '../../storage/store.ts';
import type { Clock } from '../../time/clock.ts';
import type { Topic } from './topic.ts';

/** Coins that a peer has asked about and that wait for the disk. What comes beyond is dropped and comes again: a batch with many rivals is no fault of its own. */
const MAX_UNANSWERED = 1_024;
/** Room left in a `spender` for its own keys and lengths. */
const MESSAGE_OVERHEAD = 16_384;
/** Questions remembered of one peer; an answer to anything else is not listened to. */
const MAX_ASKED = 1_024;
const ANSWER_TIMEOUT_MS = 5_000;
/** Peers asked about own coins: one may be wrong, or slow. */
const FEW = 3;
const PENALTY = { unasked: 10 } as const;

/** What a peer said of a coin that it was asked about. */
export type Answer = CoinSpender;

interface PeerRecord {
  readonly peer: Peer;
  /** It knows parts of the history only. */
  isLight: boolean;
  /** What it wants to know, by {@link keyOf}. */
  readonly unanswered: Map<string, CoinName>;
  isAnswering: boolean;
  /** By {@link keyOf}. */
  readonly asked: Map<string, Asked>;
}

/** A question about a coin. */
interface Asked {
  readonly coin: CoinId;
  readonly atMs: number;
  /** Answers that may come: an earlier one may only be late. */
  readonly answers: number;
}

interface SpendingOptions {
  readonly ledger: Ledger;
  readonly store: Store;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Whether this node knows parts of the history only: what is unspent there may be spent. */
  readonly isLight: () => boolean;
  /** Whether a transaction is settled here. */
  readonly isSettled: (spender: Exclude<ReturnType<Ledger['findSpender']>, undefined>) => boolean;
  /** A peer has answered. */
  readonly answered: (peer: Peer, coin: CoinId, answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

const ownerHash = (address: Address): Hash => hashFromBytes(addressPayload(address));

/** Questions about coins, in both directions. */
export class Spending implements Topic {
  readonly #options: SpendingOptions;
  readonly #peers = new Map<string, PeerRecord>();

  constructor(options: SpendingOptions) {
    this.#options = options;
  }

  joined(peer: Peer, { mode }: Hello): void {
    this.#peers.set(peer.id, { peer, isLight: mode === 'light', unanswered: new Map(), isAnswering: false, asked: new Map() });
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
  }

  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (record === undefined) return;
    if (message.t === 'hello') record.isLight = message.mode === 'light';
    else if (message.t === 'spent') this.#questioned(record, message.coins);
    else if (message.t === 'spender') this.#take(record, message.spenders);
  }

  /** Asks a few peers, full ones first, who spends these coins: whoever is asked learns whose they are. */
  askFew(coins: readonly CoinId[]): void {
    const { random } = this.#options;
    const order = [...this.#peers.values()].map(({ peer, isLight }) => ({ id: peer.id, rank: (isLight ? 1 : 0) + random() }));
    const few = order.sort((a, b) => a.rank - b.rank).slice(0, FEW);
    this.ask(coins, new Set(few.map(({ id }) => id)));
  }

  /** Asks every peer, or some, who spends these coins; not again while an answer may be on its way. */
  ask(coins: readonly CoinId[], peers?: ReadonlySet<string>): void {
    const named = [...new Set(coins)].map((coin) => ({ coin, name: nameOf(coin) }));
    const nowMs = this.#options.clock.nowMs();
    for (const record of this.#peers.values()) {
      if (peers?.has(record.peer.id) === false) continue;
      const { asked, peer } = record;
      // Asked twice it would answer twice.
      const isAwaited = (name: CoinName) => nowMs - (asked.get(keyOf(name))?.atMs ?? Number.NEGATIVE_INFINITY) < ANSWER_TIMEOUT_MS;
      const wanted = named.filter(({ name }) => !isAwaited(name));
      for (let from = 0; from < wanted.length; from += MAX_COINS_ASKED) {
        const some = wanted.slice(from, from + MAX_COINS_ASKED);
        if (asked.size + some.length > MAX_ASKED) this.#forgetOld(record);
        for (const { coin, name } of some) {
          const key = keyOf(name);
          const answers = (asked.get(key)?.answers ?? 0) + 1;
          asked.set(key, { coin, atMs: nowMs, answers });
        }
        peer.send({ t: 'spent', coins: some.map(({ name }) => name) });
      }
    }
  }

  #forgetOld(record: PeerRecord): void {
    const oldMs = this.#options.clock.nowMs() - ANSWER_TIMEOUT_MS;
    for (const [key, { atMs }] of record.asked) if (atMs < oldMs) record.asked.delete(key);
  }

  #take({ peer, asked }: PeerRecord, spenders: readonly CoinSpender[]): void {
    for (const answer of spenders) {
      const key = keyOf(answer.coin);
      const question = asked.get(key);
      if (question === undefined) return peer.penalize(PENALTY.unasked, 'answered what was not asked');
      asked.delete(key);
      // It has answered: it may be asked again at once.
      if (question.answers > 1) asked.set(key, { ...question, atMs: Number.NEGATIVE_INFINITY, answers: question.answers - 1 });
      this.#options.answered(peer, question.coin, answer);
    }
  }

  #questioned(record: PeerRecord, coins: readonly CoinName[]): void {
    for (const coin of coins) if (record.unanswered.size < MAX_UNANSWERED) record.unanswered.set(keyOf(coin), coin);
    if (!record.isAnswering) void this.#answer(record);
  }

  async #answer(record: PeerRecord): Promise<void> {
    const { peer, unanswered } = record;
    record.isAnswering = true;
    while (unanswered.size > 0 && this.#peers.get(peer.id) === record) {
      const some = [...unanswered].slice(0, MAX_COINS_ASKED);
      for (const [key] of some) unanswered.delete(key);
      await this.#sendSpenders(
        peer,
        some.map(([, coin]) => coin),
      ).catch(this.#options.failed);
    }
    record.isAnswering = false;
  }

  async #sendSpenders(peer: Peer, coins: readonly CoinName[]): Promise<void> {
    const { ledger, store, isSettled, isLight } = this.#options;
    const found = coins.map((coin) => ({ coin, spender: this.#spenderOf(coin) }));
    const files = await store.loadFiles(found.flatMap(({ spender }) => (typeof spender === 'string' ? [spender] : [])));
    let spenders: CoinSpender[] = [];
    let sizeBytes = MESSAGE_OVERHEAD;
    for (const { coin, spender } of found) {
      const file = typeof spender === 'string' ? files.get(spender) : undefined;
      // A light node may have dropped the file: then it cannot show what it says, and says nothing.
      if (typeof spender === 'string' && file === undefined) spenders.push({ kind: 'unknown', coin });
      else if (typeof spender === 'string' && file !== undefined) {
        if (sizeBytes + file.length > MAX_MESSAGE_BYTES) {
          peer.send({ t: 'spender', spenders });
          await peer.drained();
          [spenders, sizeBytes] = [[], MESSAGE_OVERHEAD];
        }
        sizeBytes += file.length;
        spenders.push({ kind: 'spent', coin, file, settled: ledger.isAccepted(spender) && isSettled(spender) });
      } else spenders.push({ kind: spender === undefined || isLight() ? 'unknown' : 'unspent', coin });
    }
    peer.send({ t: 'spender', spenders });
    // The next question waits until this answer has left: a small one makes a megabyte.
    await peer.drained();
  }

  /** `false`: the coin is there and unspent. */
  #spenderOf({ txid, owner }: CoinName) {
    const { ledger } = this.#options;
    const entry = ledger.find(txid);
    if (entry === undefined || !ledger.isAccepted(txid)) return undefined;
    const address = coinsOf(entry).find((coin) => bytesToHex(addressPayload(coin.owner)) === owner)?.owner;
    if (address === undefined || coinAmount(entry, address) === 0n) return undefined;
    return ledger.findSpender(txid, address) ?? false;
  }
}

function nameOf(coin: CoinId): CoinName {
  const { txid, owner } = coinOf(coin);
  return { txid, owner: ownerHash(owner) };
}

const keyOf = ({ txid, owner }: CoinName): string => `${txid}/${owner}`;
