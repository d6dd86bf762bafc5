/**
 * What a light node asks others about its money, because it has not seen everything itself. Each of a few full peers is asked about every
 * coin that the payment went through: another spender than the one that is here is a conflict, which goes the way of all conflicts. And each
 * is asked to prove that the payment's own coin is unspent in the state that it told; a claim without a proof counts for nothing.
 * docs/light.md
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Witnesses } from '../../api/node.ts';
import { addressPayload } from '../../core/address.ts';
import {
  type Address,
  type Amount,
  type CoinId,
  coinId,
  coinOf,
  type Hash,
  hashFromBytes,
  type TxId,
  txidFromBytes,
} from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { MAX_PREFIXES } from '../../core/limit.ts';
import { verifyProof } from '../../core/merkle-tree.ts';
import type { CoinSpender, Hello, Message, Nodes, StateSummary, TreeNode } from '../../core/message.ts';
import { coinKey } from '../../core/state-summary.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import { RecentSet } from '../peers/recent-set.ts';
import type { Topic } from '../peers/topic.ts';

/** Peers asked about the way of one payment: answers carry files, so all of it from one peer costs some three times what the history did. */
const MAX_WITNESSES = 3;
/** A peer whose state is without the payment for so long is asked about it too, whoever else was: it may follow another use of the money. */
const LACKS_MS = 6_000;
/** Coins remembered of which a peer knows no other use. */
const MAX_CLEARED = 20_000;
/** Coins asked of one peer at a time. */
const ASKED_AT_ONCE = 128;
/** Payments that are asked about; those that are spent go first. */
export const MAX_SUBJECTS = 64;
/** Nodes on the way to one key that are asked for at once: enough for 16^7 lists of coins, in one round trip. */
const PATH = 8;
const ANSWER_TIMEOUT_MS = 15_000;
/** A peer that could not tell is asked again after this long, for it may have been behind. */
const ASK_AGAIN_MS = 30_000;
const MAX_ATTEMPTS = 3;
/** Before a proof that failed, or a state that is not kept any more, is asked for again; twice as long each time. */
const FIRST_REST_MS = 2_500;
const LONGEST_REST_MS = 60_000;
/** Within this every state that has changed has been told: who says "unspent" and cannot show it later did not tell the truth. */
const TOLD_WITHIN_MS = 20_000;
/** How often it is looked who may be asked on. */
const TICK_MS = 1_000;

/** Points of 100 that a misdeed costs. */
const PENALTY = { silent: 10, falseProof: 50, claimed: 20 } as const;

/** A coin of this wallet. */
export interface OwnCoin {
  readonly txid: TxId;
  readonly owner: Address;
  readonly amount: Amount;
}

/** One peer, asked about one payment. */
interface Inquiry {
  /** Coins on the way and who spends each here, nearest first. */
  readonly way: Iterator<readonly [CoinId, TxId | undefined]>;
  /** Asked and not answered. */
  readonly asked: Map<CoinId, TxId | undefined>;
  askedAtMs: number;
  /** All that was answered is as it is here. */
  isClear: boolean;
  isDone: boolean;
  hasBegun: boolean;
  /** It showed another use. */
  isDisputed: boolean;
  readonly attempt: number;
}

/** A payment to this wallet whose money others are asked about. */
interface Subject {
  readonly coin: OwnCoin;
  /** It was before anybody was asked, in an earlier run. */
  readonly isConfirmed: boolean;
  readonly inquiries: Map<string, Inquiry>;
  /** Peers that proved that the coin is unspent. */
  readonly unspent: Set<string>;
  /** Peers whose states were without it, and since when. */
  readonly lacking: Map<string, number>;
  /** Peers that say so, and since when. */
  readonly claims: Map<string, number>;
}

interface PeerRecord {
  readonly peer: Peer;
  isLight: boolean;
  summary: StateSummary;
  /** Coins of which it knows no other use: ways have much in common. */
  readonly cleared: RecentSet<CoinId>;
  proving: { readonly root: Hash; readonly coins: readonly OwnCoin[]; readonly askedAtMs: number } | undefined;
  notBeforeMs: number;
  restMs: number;
}

interface WitnessOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Whether this node has to ask: a full one knows what it would be told. */
  readonly isLight: () => boolean;
  /** Sends the question to these peers alone. */
  readonly ask: (coins: readonly CoinId[], peers: ReadonlySet<string>) => void;
  /** A peer proved that it accepted a transaction. */
  readonly proved: (peer: Peer, txid: TxId) => void;
  /** A peer showed another spender of a coin on the way. */
  readonly disputed: (peer: Peer, file: Uint8Array) => void;
  readonly changed: () => void;
}

/** What peers say of this wallet's money. */
export class Witness implements Topic {
  readonly #options: WitnessOptions;
  readonly #peers = new Map<string, PeerRecord>();
  readonly #subjects = new Map<TxId, Subject>();
  #isTicking = false;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** From now on peers are asked to prove this coin and, unless it was confirmed here before, about the way to it. */
  watch(coin: OwnCoin, isConfirmed: boolean): void {
    if (!this.#options.isLight() || this.#subjects.has(coin.txid)) return;
    this.#subjects.set(coin.txid, { coin, isConfirmed, inquiries: new Map(), unspent: new Set(), lacking: new Map(), claims: new Map() });
    if (this.#subjects.size > MAX_SUBJECTS) {
      const spent = [...this.#subjects.values()].find((subject) => !this.#isUnspent(subject.coin));
      const [oldest] = this.#subjects.keys();
      this.#subjects.delete(spent?.coin.txid ?? oldest ?? coin.txid);
    }
    this.#look();
  }

  /** What was said of a payment's money; undefined if nobody was asked. */
  of(txid: TxId | undefined): Witnesses | undefined {
    const subject = txid === undefined ? undefined : this.#subjects.get(txid);
    if (subject === undefined || !this.#options.isLight()) return undefined;
    const inquiries = [...subject.inquiries.values()];
    if (inquiries.length === 0) return undefined;
    const count = (isCounted: (inquiry: Inquiry) => boolean) => inquiries.filter(isCounted).length;
    return {
      asked: inquiries.length,
      clear: count(({ isDone, isClear, isDisputed }) => isDone && isClear && !isDisputed),
      disputed: count(({ isDisputed }) => isDisputed),
      unspent: [...subject.inquiries.keys()].filter((id) => subject.unspent.has(id)).length,
    };
  }

  /** Forgets everything: the node is full from now on. */
  stop(): void {
    this.#subjects.clear();
  }

  joined(peer: Peer, { mode, summary }: Hello): void {
    const isLight = mode === 'light';
    this.#peers.set(peer.id, {
      peer,
      isLight,
      summary,
      cleared: new RecentSet(MAX_CLEARED),
      proving: undefined,
      notBeforeMs: 0,
      restMs: FIRST_REST_MS,
    });
    this.#look();
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
    // Who left without having answered is asked again, or another in its place.
    for (const { inquiries } of this.#subjects.values()) if (inquiries.get(peer.id)?.isDone === false) inquiries.delete(peer.id);
    this.#look();
  }

  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (record === undefined) return;
    if (message.t === 'hello') record.isLight = message.mode === 'light';
    if (message.t === 'hello' || message.t === 'state') {
      record.summary = message.summary;
      this.#look();
    }
    if (message.t === 'spender') for (const answer of message.spenders) this.#answered(record, answer);
    if (message.t === 'spender') this.#look();
    if (message.t === 'nodes' && message.tree === 'coins') this.#shown(record, message);
  }

  /** Asks on wherever nothing is awaited. */
  #look(): void {
    if (this.#subjects.size === 0) return;
    const nowMs = this.#options.clock.nowMs();
    for (const record of this.#peers.values()) {
      if (record.isLight) continue;
      this.#askProof(record, nowMs);
      this.#inquire(record, nowMs);
    }
    if (this.#isTicking || this.#peers.size === 0) return;
    this.#isTicking = true;
    this.#options.clock.after(TICK_MS, () => {
      this.#isTicking = false;
      this.#look();
    });
  }

  // The way of the money

  /** One payment after the other, so that a peer is asked no more than it can answer. */
  #inquire(record: PeerRecord, nowMs: number): void {
    const { peer } = record;
    for (const subject of this.#subjects.values()) {
      const { inquiries, unspent, isConfirmed, lacking } = subject;
      if (isConfirmed) continue;
      const before = inquiries.get(peer.id);
      const lacksLong = nowMs - (lacking.get(peer.id) ?? nowMs) >= LACKS_MS;
      if (before === undefined ? inquiries.size < MAX_WITNESSES || lacksLong : mayBeAskedAgain(before, nowMs)) {
        const attempt = (before?.attempt ?? 0) + 1;
        const state = { isClear: true, isDone: false, hasBegun: false, isDisputed: false, attempt, askedAtMs: nowMs };
        inquiries.set(peer.id, { way: this.#way(subject.coin), asked: new Map(), ...state });
      }
      const inquiry = inquiries.get(peer.id);
      if (inquiry === undefined || inquiry.isDone) continue;
      this.#askOn(record, inquiry, unspent.has(peer.id), nowMs);
      if (!inquiry.isDone) return;
    }
  }

  /** The coin itself, which nobody should have spent, and every coin that was spent on the way to it. */
  *#way({ txid, owner }: OwnCoin): Generator<readonly [CoinId, TxId | undefined]> {
    yield [coinId(txid, owner), undefined];
    for (const entry of this.#options.ledger.cone(txid)) for (const parent of entry.prev) yield [coinId(parent, entry.sender), entry.txid];
  }

  /** @param hasProved it showed the coin in its state: so it accepted all that the coin rests on, and the nearest part of the way is enough */
  #askOn({ peer, cleared }: PeerRecord, inquiry: Inquiry, hasProved: boolean, nowMs: number): void {
    const { asked, way } = inquiry;
    if (asked.size > 0) {
      if (nowMs - inquiry.askedAtMs < ANSWER_TIMEOUT_MS) return;
      // It was asked and said nothing: it knows of no other use as little as of this one.
      inquiry.isClear = false;
      inquiry.isDone = true;
      peer.penalize(PENALTY.silent, 'did not answer a question about coins');
      return this.#options.changed();
    }
    while (asked.size < ASKED_AT_ONCE && !(hasProved && inquiry.hasBegun)) {
      const next = way.next();
      if (next.done === true) break;
      const [coin, spender] = next.value;
      if (!cleared.has(coin)) asked.set(coin, spender);
    }
    inquiry.askedAtMs = nowMs;
    inquiry.hasBegun = true;
    if (asked.size > 0) return this.#options.ask([...asked.keys()], new Set([peer.id]));
    inquiry.isDone = true;
    this.#options.changed();
  }

  #answered({ peer, cleared }: PeerRecord, answer: CoinSpender): void {
    const { clock, disputed, changed } = this.#options;
    for (const subject of this.#subjects.values()) {
      const inquiry = subject.inquiries.get(peer.id);
      const coin = inquiry === undefined ? undefined : findNamed(inquiry.asked.keys(), answer);
      if (inquiry === undefined || coin === undefined) continue;
      const expected = inquiry.asked.get(coin);
      inquiry.asked.delete(coin);
      if (answer.kind === 'spent' && txidFromBytes(sha256(answer.file)) !== expected) {
        // Who may spend the payment's own coin is its owner, on another device.
        if (expected !== undefined) inquiry.isDisputed = true;
        disputed(peer, answer.file);
        changed();
      } else if (expected !== undefined) {
        if (answer.kind === 'unknown') inquiry.isClear = false;
        else cleared.add(coin);
      } else if (answer.kind === 'unspent' && !subject.claims.has(peer.id)) {
        // It may not have heard of the payment yet; that it has, and that the coin is unspent, it has to prove.
        subject.claims.set(peer.id, clock.nowMs());
      }
    }
  }

  // Proofs

  #askProof(record: PeerRecord, nowMs: number): void {
    const { peer, proving, summary } = record;
    if (proving !== undefined) {
      if (nowMs - proving.askedAtMs < ANSWER_TIMEOUT_MS) return;
      record.proving = undefined;
      this.#rest(record);
      return peer.penalize(PENALTY.silent, 'did not answer a node');
    }
    if (nowMs < record.notBeforeMs) return;
    const coins = [...this.#subjects.values()]
      .filter(({ coin, unspent }) => !unspent.has(peer.id) && this.#isUnspent(coin))
      .map(({ coin }) => coin)
      .slice(0, MAX_PREFIXES / PATH);
    if (coins.length === 0) return;
    record.proving = { root: summary.coinsRoot, coins, askedAtMs: nowMs };
    peer.send({ t: 'node', tree: 'coins', root: summary.coinsRoot, prefixes: coins.flatMap((coin) => pathTo(keyOf(coin))) });
  }

  #isUnspent({ txid, owner }: OwnCoin): boolean {
    const { ledger } = this.#options;
    return ledger.isAccepted(txid) && ledger.findSpender(txid, owner) === undefined;
  }

  #shown(record: PeerRecord, { root, nodes }: Nodes): void {
    const { proving } = record;
    // An answer that comes late, or to nothing, is no use and no harm.
    if (proving === undefined || proving.root !== root) return;
    record.proving = undefined;
    // Not kept any more: a newer state has been told, or soon is.
    if (nodes.length === 0) return this.#unshown(record, proving.coins);
    if (nodes.length !== proving.coins.length * PATH) return this.#lied(record);
    const failed: OwnCoin[] = [];
    for (const [i, coin] of proving.coins.entries()) {
      const key = keyOf(coin);
      const verdict = verifyProof(root, key, proofIn(nodes.slice(i * PATH, (i + 1) * PATH), key));
      if (verdict.kind === 'invalid') return this.#lied(record);
      if (verdict.kind === 'included' && verdict.leaf.amount === coin.amount) this.#prove(record, coin);
      else failed.push(coin);
    }
    if (failed.length > 0) return this.#unshown(record, failed);
    record.restMs = FIRST_REST_MS;
    this.#look();
  }

  #prove({ peer }: PeerRecord, coin: OwnCoin): void {
    const { proved, changed } = this.#options;
    const subject = this.#subjects.get(coin.txid);
    subject?.unspent.add(peer.id);
    subject?.lacking.delete(peer.id);
    proved(peer, coin.txid);
    changed();
  }

  #lied(record: PeerRecord): void {
    record.notBeforeMs = this.#options.clock.nowMs() + LONGEST_REST_MS;
    record.peer.penalize(PENALTY.falseProof, 'its proof does not hash to the root it claimed');
  }

  /** Perhaps its state is behind; who claims what it has not shown for long pays for it, and the claim counts no more. */
  #unshown(record: PeerRecord, coins: readonly OwnCoin[]): void {
    const nowMs = this.#options.clock.nowMs();
    const { peer } = record;
    this.#rest(record);
    for (const { txid } of coins) {
      const subject = this.#subjects.get(txid);
      if (subject !== undefined && !subject.lacking.has(peer.id)) subject.lacking.set(peer.id, nowMs);
      const claimedMs = subject?.claims.get(peer.id);
      if (subject === undefined || claimedMs === undefined || nowMs - claimedMs < TOLD_WITHIN_MS) continue;
      subject.claims.set(peer.id, nowMs);
      const inquiry = subject.inquiries.get(peer.id);
      if (inquiry !== undefined) inquiry.isClear = false;
      peer.penalize(PENALTY.claimed, 'claims a coin to be unspent and does not show it');
      this.#options.changed();
    }
  }

  #rest(record: PeerRecord): void {
    record.notBeforeMs = this.#options.clock.nowMs() + record.restMs;
    record.restMs = Math.min(2 * record.restMs, LONGEST_REST_MS);
  }
}

const mayBeAskedAgain = ({ isDone, isClear, isDisputed, attempt, askedAtMs }: Inquiry, nowMs: number): boolean =>
  isDone && !isClear && !isDisputed && attempt < MAX_ATTEMPTS && nowMs - askedAtMs >= ASK_AGAIN_MS;

const keyOf = ({ txid, owner }: OwnCoin): Hash => coinKey(txid, owner);
const pathTo = (key: Hash): readonly string[] => Array.from({ length: PATH }, (_, depth) => key.slice(0, depth));

/** The nodes down to the one where the path to `key` ends: what was asked for below it says nothing new. */
function proofIn(path: readonly TreeNode[], key: Hash): readonly TreeNode[] {
  const end = path.findIndex((node, depth) => node.kind !== 'inner' || node.children[Number.parseInt(key.charAt(depth), 16)] === undefined);
  return end < 0 ? path : path.slice(0, end + 1);
}

function findNamed(coins: Iterable<CoinId>, { coin: { txid, owner } }: CoinSpender): CoinId | undefined {
  for (const coin of coins) {
    const named = coinOf(coin);
    if (named.txid === txid && hashFromBytes(addressPayload(named.owner)) === owner) return coin;
  }
  return undefined;
}
