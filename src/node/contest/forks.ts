/**
 * Forks that stay: where connected peers follow what lost here. Says where the two part and what stands behind each side, and goes over when this
 * node's owner says so. docs/consensus.md, Forks that stay.
 */
import type { FollowPreview, ForkDetail, ForkNews, ForkPayment, ForkSide } from '../../api/fork.ts';
import type { Balance, Relation } from '../../api/node.ts';
import type { Switch } from '../../core/contest-switch.ts';
import type { Entry } from '../../core/entry.ts';
import { TtxError } from '../../core/error.ts';
import { type Address, amount, type CoinId, type TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Switching } from './switching.ts';

/** Descendants of a side that are counted. */
const MAX_DESCENDANTS = 4_096;
/** The same where only the wallet's are looked for. */
const MAX_OWN = 256;
/** Ancestors of a payment among which a fork is looked for. */
const MAX_ANCESTORS = 256;
/** Forks told of at a time. */
const MAX_NEWS = 16;

interface ForksOptions {
  readonly ledger: Ledger;
  readonly switching: Switching;
  readonly owner: () => Address;
  readonly balance: () => Balance;
  /** A line of the wallet's history. */
  readonly describe: (entry: Entry) => ForkPayment;
  /** Ids of connected peers. */
  readonly peers: () => readonly string[];
  /** How this node stands to a peer. */
  readonly relationTo: (peerId: string) => Relation | undefined;
  readonly holdersOf: (txid: TxId) => ReadonlySet<string>;
  readonly seenAtMs: (txid: TxId) => number;
}

type SidesOfPeers = ReadonlyMap<string, { readonly theirs: ReadonlySet<TxId>; readonly ours: ReadonlySet<TxId> }>;
/** Conflicted transactions by what they build on. */
type Children = ReadonlyMap<TxId, readonly Entry[]>;

/** The forks of one network. */
export class Forks {
  readonly #options: ForksOptions;
  /** Where lost lines begin, of all that lies on one that was walked, as of so many changes. */
  readonly #roots = new Map<TxId, TxId>();
  #rootsAsOf = 0;

  constructor(options: ForksOptions) {
    this.#options = options;
  }

  /** Forks that connected peers are on the other side of, those with most followers first. */
  news(): readonly ForkNews[] {
    const found = new Map<TxId, { ours: readonly TxId[]; followers: number }>();
    const peers = this.#sidesOfPeers();
    if (peers.size === 0) return [];
    const lost = this.#lostChildren();
    for (const sides of peers.values()) {
      for (const theirs of sides.theirs) {
        const known = found.get(theirs);
        if (known === undefined) found.set(theirs, { ours: this.#opponents(theirs), followers: 1 });
        else known.followers++;
      }
    }
    return [...found]
      .sort(([, a], [, b]) => b.followers - a.followers)
      .slice(0, MAX_NEWS)
      .map(([theirs, fork]) => ({
        theirs,
        ...fork,
        isOwn: [theirs, ...fork.ours].some((side) => this.#isOwn(side, lost)),
        basis: this.#basisOf(fork.ours),
      }));
  }

  #basisOf(ours: readonly TxId[]): ForkNews['basis'] {
    const { switching } = this.#options;
    if (ours.some((txid) => switching.chosenAtMs(txid) !== undefined)) return 'chosen';
    return ours.every((txid) => switching.isSettled(txid)) ? 'settled' : 'open';
  }

  /** How this node stands to a peer, with forks named by where they begin, not by all that builds on them. */
  relationTo(peerId: string): Relation | undefined {
    const relation = this.#options.relationTo(peerId);
    if (relation?.kind !== 'forked' || relation.forks.length === 0) return relation;
    const roots = new Set(relation.forks.map(({ theirs }) => this.#rootOf(theirs)));
    return { kind: 'forked', forks: [...roots].map((theirs) => ({ theirs, ours: this.#opponents(theirs) })) };
  }

  /** Tells of a transaction how many connected peers see it otherwise than this node, because it is part of a fork or builds on a side of one. */
  counter(): (txid: TxId) => number {
    const { ledger } = this.#options;
    const peers = [...this.#sidesOfPeers().values()];
    if (peers.length === 0) return () => 0;
    return (txid) => {
      if (!ledger.isAccepted(txid)) {
        const root = this.#rootOf(txid);
        return peers.filter(({ theirs }) => theirs.has(root)).length;
      }
      const line: TxId[] = [];
      for (const entry of ledger.cone(txid)) {
        if (line.length === MAX_ANCESTORS) break;
        line.push(entry.txid);
      }
      return peers.filter(({ ours }) => line.some((ancestor) => ours.has(ancestor))).length;
    };
  }

  /**
   * The fork that a transaction is a side of; one that builds on a side is taken for that side.
   * @throws {TtxError} `unknown-transaction`
   */
  load(txid: TxId): ForkDetail {
    const { ledger } = this.#options;
    this.#known(txid);
    const root = this.#rootOf(txid);
    const followed = ledger.isAccepted(root) ? [root] : this.#opponents(root);
    const others = new Set(followed.flatMap((txid) => this.#rivals(txid)));
    const [peers, lost] = [this.#sidesOfPeers(), this.#lostChildren()];
    const sides = [...followed, ...others].map((side) => this.#describe(side, peers, lost));
    return { sides, peers: this.#options.peers().length };
  }

  /** When the owner chose a transaction, or what a conflicted one lost against; undefined if never. */
  decidedAtMs(txid: TxId): number | undefined {
    const { ledger, switching } = this.#options;
    const winners = ledger.findWinners(txid);
    if (winners === undefined) return switching.chosenAtMs(txid);
    const times = winners.flatMap((winner) => (ledger.isAccepted(winner) ? (switching.chosenAtMs(winner) ?? []) : []));
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** When a conflicted transaction was withdrawn after it had counted here; undefined if it never did. */
  withdrawnAtMs(txid: TxId): number | undefined {
    return this.#options.ledger.isAccepted(txid) ? undefined : this.#options.switching.withdrawnAtMs(txid);
  }

  /** What following a side would change for the wallet. @throws {TtxError} `unknown-transaction` */
  preview(txid: TxId): FollowPreview {
    const { ledger, owner, balance, describe, switching } = this.#options;
    const before = balance();
    this.#known(txid);
    const root = this.#rootOf(txid);
    if (ledger.isAccepted(root)) return { before, after: before, withdrawn: [], returned: [], others: 0 };
    const tried = switching.tryOver(root);
    if (tried === undefined) throw new TtxError('unknown-transaction', { txid: root });
    const { draft, change } = tried;
    const isOwn = ({ to, sender }: Entry) => to === owner() || sender === owner();
    const [withdrawn, returned] = [change.withdrawn, change.accepted].map((entries) => entries.filter(isOwn).map(describe));
    const moved = change.withdrawn.length + change.accepted.length;
    return {
      before,
      after: this.#balanceAfter(before, draft, change),
      withdrawn: withdrawn ?? [],
      returned: returned ?? [],
      others: moved - (withdrawn?.length ?? 0) - (returned?.length ?? 0),
    };
  }

  /** Follows a side from now on, whatever others do, until its owner follows another. @throws {TtxError} `unknown-transaction` */
  async follow(txid: TxId): Promise<void> {
    this.#known(txid);
    const root = this.#rootOf(txid);
    await this.#options.switching.follow(root);
    if (!this.#options.ledger.isAccepted(root)) throw new TtxError('unknown-transaction', { txid: root });
  }

  #known(txid: TxId): void {
    if (this.#options.ledger.find(txid) === undefined) throw new TtxError('unknown-transaction', { txid });
  }

  /** Of each peer that is on another side: what it follows, and what counts here instead. */
  #sidesOfPeers(): SidesOfPeers {
    const sides = new Map<string, { theirs: ReadonlySet<TxId>; ours: ReadonlySet<TxId> }>();
    // As a rule; this is asked with every picture.
    if (this.#options.ledger.conflicted === 0) return sides;
    for (const id of this.#options.peers()) {
      const relation = this.#options.relationTo(id);
      if (relation?.kind !== 'forked' || relation.forks.length === 0) continue;
      const theirs = new Set(relation.forks.map((fork) => this.#rootOf(fork.theirs)));
      sides.set(id, { theirs, ours: new Set([...theirs].flatMap((root) => this.#opponents(root))) });
    }
    return sides;
  }

  /** Where a lost line begins: the conflicted transaction all of whose parents are accepted. */
  #rootOf(txid: TxId): TxId {
    const { ledger } = this.#options;
    if (this.#rootsAsOf !== ledger.conflictChanges) this.#roots.clear();
    this.#rootsAsOf = ledger.conflictChanges;
    const passed: TxId[] = [];
    let root = txid;
    for (let lost: TxId | undefined = txid; lost !== undefined; ) {
      root = this.#roots.get(lost) ?? lost;
      passed.push(lost);
      lost = root === lost ? ledger.find(lost)?.prev.find((parent) => ledger.findWinners(parent) !== undefined) : undefined;
    }
    for (const one of passed) this.#roots.set(one, root);
    return root;
  }

  /** Accepted transactions that spend the coins of a conflicted one. */
  #opponents(txid: TxId): readonly TxId[] {
    const { ledger } = this.#options;
    const entry = ledger.find(txid);
    return [...new Set(entry?.prev.flatMap((parent) => ledger.findSpender(parent, entry.sender) ?? []) ?? [])].sort();
  }

  /** Conflicted transactions that spend the coins of an accepted one, and could be followed. */
  #rivals(txid: TxId): readonly TxId[] {
    const { ledger, switching } = this.#options;
    const own = ledger.find(txid);
    const isRival = (rival: Entry | undefined) =>
      rival?.sender === own?.sender && rival?.prev.some((parent) => own?.prev.includes(parent) === true);
    return [...ledger.conflicts().keys()].filter((rival) => isRival(ledger.find(rival)) && switching.tryOver(rival) !== undefined).sort();
  }

  #describe(txid: TxId, peersOfSides: SidesOfPeers, lost: Children): ForkSide {
    const { ledger, holdersOf, seenAtMs, switching } = this.#options;
    const entry = ledger.find(txid);
    if (entry === undefined) throw new TtxError('unknown-transaction', { txid });
    const isFollowed = ledger.isAccepted(txid);
    const peers = [...peersOfSides];
    const elsewhere = peers.filter(([, { ours }]) => ours.has(txid)).map(([id]) => id);
    const there = peers.filter(([, { theirs }]) => theirs.has(txid)).map(([id]) => id);
    const followers = isFollowed ? [...holdersOf(txid)].filter((id) => !elsewhere.includes(id)) : there;
    const line = this.#withDescendants(entry, lost, MAX_DESCENDANTS);
    return {
      txid,
      from: entry.sender,
      to: entry.to,
      amount: entry.tokens,
      seenAtMs: seenAtMs(txid),
      isFollowed,
      followers: followers.length,
      descendants: line.length - 1,
      work: line.reduce((sum, { trail }) => sum + (1n << BigInt(trail.at(-1) ?? 0)), 0n),
      chosenAtMs: switching.chosenAtMs(txid),
    };
  }

  /** An entry and what builds on it, on its side. */
  #withDescendants(entry: Entry, lost: Children, most: number): readonly Entry[] {
    const { ledger } = this.#options;
    const line = new Map([[entry.txid, entry]]);
    // A Map is walked in the order of insertion, also while it grows.
    for (const { txid, sender, to } of line.values()) {
      const spenders = [to, sender].flatMap((owner) => ledger.find(ledger.findSpender(txid, owner) ?? txid) ?? []);
      for (const child of [...spenders, ...(lost.get(txid) ?? [])]) if (line.size <= most) line.set(child.txid, child);
    }
    return [...line.values()];
  }

  #lostChildren(): Children {
    const { ledger } = this.#options;
    const children = new Map<TxId, Entry[]>();
    for (const txid of ledger.conflicts().keys()) {
      const child = ledger.find(txid);
      if (child === undefined) continue;
      for (const parent of child.prev) {
        // What lost to this very transaction does not build on its side.
        if (ledger.isAccepted(parent)) continue;
        const siblings = children.get(parent);
        if (siblings === undefined) children.set(parent, [child]);
        else siblings.push(child);
      }
    }
    return children;
  }

  /** Whether a payment of the wallet hangs on this side. */
  #isOwn(txid: TxId, lost: Children): boolean {
    const entry = this.#options.ledger.find(txid);
    const owner = this.#options.owner();
    const isOwn = ({ to, sender }: Entry) => to === owner || sender === owner;
    return entry !== undefined && this.#withDescendants(entry, lost, MAX_OWN).some(isOwn);
  }

  /** Only coins of what changes, and of what that spends, can change hands. */
  #balanceAfter({ total, coins }: Balance, draft: Ledger, { withdrawn, accepted }: Switch): Balance {
    const { ledger, owner } = this.#options;
    const touched = new Map<TxId, Entry>();
    for (const entry of [...withdrawn, ...accepted]) {
      touched.set(entry.txid, entry);
      for (const parent of entry.prev) {
        const made = ledger.find(parent);
        if (made !== undefined) touched.set(parent, made);
      }
    }
    const held = (seen: Ledger): ReadonlyMap<CoinId, bigint> =>
      new Map(
        [...touched.values()]
          .filter(({ txid }) => seen.isAccepted(txid))
          .flatMap((entry) => seen.unspentCoins(entry))
          .filter((coin) => coin.owner === owner())
          .map((coin) => [coin.id, coin.amount]),
      );
    const sum = (seen: ReadonlyMap<CoinId, bigint>) => [...seen.values()].reduce((all, units) => all + units, 0n);
    const [now, then] = [held(ledger), held(draft)];
    return { total: amount(total + sum(then) - sum(now)), coins: coins + then.size - now.size };
  }
}
