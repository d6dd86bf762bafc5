/** Work votes of this node and of its peers, for as long as there is a contest about them. docs/protocol.md, Conflicts. */
import type { TxId } from '../../core/id.ts';
import { MAX_VOTES } from '../../core/limit.ts';
import type { Message, Vote } from '../../core/message.ts';
import { addVote, type Ballot, ballotWeight, voteBits, voteCore } from '../../core/vote.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import type { Topic } from '../peers/topic.ts';

/** Votes of one peer that are looked at in a second: each costs a hash. What comes beyond is dropped and comes again. */
const MAX_VOTES_PER_SECOND = 512;
/** Share of the time that goes into votes. */
export const VOTE_SHARE = 0.1;
/** Votes are gathered for this long and passed on together: a contest in a large network brings hundreds, each to every node. */
const GATHER_MS = 500;
/** Ballots kept; each at most {@link MAX_VOTES} votes. */
const MAX_BALLOTS = 1_024;
/** How often it is looked which of them are worth least. */
const RANK_MS = 250;

/** Finds work for a vote: the best nonce over `core` that `effortMs` of hashing gives, or undefined. */
export type VoteSearch = (core: Uint8Array, effortMs: number) => Promise<number | undefined>;

/** Leading zero bits of a vote: {@link voteBits}, or the luck that a simulation draws. */
export type VoteBits = (core: Uint8Array, nonce: number) => number;

interface VotingOptions {
  readonly genesis: TxId;
  readonly clock: Clock;
  /** Absent: this node never votes. */
  readonly search: VoteSearch | undefined;
  /** Absent: votes are hashed. */
  readonly bitsOf: VoteBits | undefined;
  /** Whether a transaction is one side of a contest. */
  readonly isSide: (txid: TxId) => boolean;
  /** Sides of the contests that are not over. */
  readonly openSides: () => ReadonlySet<TxId>;
}

interface PeerRecord {
  readonly peer: Peer;
  second: number;
  votes: number;
}

/** Votes for one transaction. */
interface Box {
  readonly core: Uint8Array;
  ballot: Ballot;
  weight: bigint;
}

/** What ballots were worth a moment ago, heaviest first; those of contests that are over nothing. */
interface Ranking {
  readonly atMs: number;
  readonly open: ReadonlySet<TxId>;
  readonly ballots: { readonly txid: TxId; readonly worth: bigint }[];
}

/** Counts, passes on and casts votes. */
export class Voting implements Topic {
  readonly #options: VotingOptions;
  readonly #boxes = new Map<TxId, Box>();
  readonly #peers = new Map<string, PeerRecord>();
  #ranking: Ranking = { atMs: Number.NEGATIVE_INFINITY, open: new Set(), ballots: [] };
  #isSearching = false;
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  /** Votes that made a ballot heavier and are not passed on yet. */
  #news: Vote[] = [];
  /** Counts up, so that each time another peer is told all votes. */
  #turn = 0;

  constructor(options: VotingOptions) {
    this.#options = options;
  }

  joined(peer: Peer): void {
    this.#peers.set(peer.id, { peer, second: 0, votes: 0 });
  }

  left(peer: Peer): void {
    this.#peers.delete(peer.id);
  }

  receive(peer: Peer, message: Message): void {
    const record = this.#peers.get(peer.id);
    if (message.t !== 'vote' || record === undefined) return;
    const second = Math.floor(this.#options.clock.nowMs() / 1_000);
    if (record.second !== second) [record.second, record.votes] = [second, 0];
    record.votes += message.votes.length;
    if (record.votes > MAX_VOTES_PER_SECOND) return;
    for (const vote of message.votes) this.#take(vote);
  }

  /** A vote that changes what a side weighs is passed on, once: of those that only replace an equal one there is no end, and they cost nothing. */
  #take(vote: Vote): void {
    if (!this.#count(vote)) return;
    this.#news.push(vote);
    if (this.#news.length === 1) this.#options.clock.after(GATHER_MS, () => this.#passOn());
  }

  /** One message for all, for those too who brought some of it: it is written once. */
  #passOn(): void {
    const votes = this.#news;
    this.#news = [];
    const peers = [...this.#peers.values()].map(({ peer }) => peer);
    for (let from = 0; from < votes.length; from += MAX_VOTES) {
      const message: Message = { t: 'vote', votes: votes.slice(from, from + MAX_VOTES) };
      for (const peer of peers) peer.send(message);
    }
  }

  /** Σ of the votes for a transaction. */
  weightOf(txid: TxId): bigint {
    return this.#boxes.get(txid)?.weight ?? 0n;
  }

  /** Tells a peer all votes for these transactions. */
  tell(peer: Peer, txids: readonly TxId[]): void {
    for (const txid of txids) {
      const votes = (this.#boxes.get(txid)?.ballot ?? []).map(({ nonce }) => ({ txid, nonce }));
      if (votes.length > 0) peer.send({ t: 'vote', votes });
    }
  }

  /** Whether it hashes for a side, or rests after having done so: however many contests there are, they get {@link VOTE_SHARE} of the time. */
  get isBusy(): boolean {
    return this.#isSearching || this.#options.clock.nowMs() < this.#restsUntilMs;
  }

  /** Hashes for a transaction and tells everybody; not while it is busy. */
  async cast(txid: TxId, effortMs: number): Promise<void> {
    const { search, genesis, clock } = this.#options;
    if (search === undefined || this.isBusy) return;
    this.#isSearching = true;
    const startedMs = clock.nowMs();
    try {
      const nonce = await search(voteCore(genesis, txid), effortMs);
      if (nonce === undefined || !this.#options.isSide(txid)) return;
      this.#take({ txid, nonce });
      // All of them, to one peer after the other: who missed some has them now.
      const peers = [...this.#peers.values()];
      const next = peers[this.#turn++ % peers.length];
      if (next !== undefined) this.tell(next.peer, [txid]);
    } finally {
      this.#isSearching = false;
      this.#restsUntilMs = clock.nowMs() + (clock.nowMs() - startedMs) * (1 / VOTE_SHARE - 1);
    }
  }

  /** @returns whether it made a side heavier */
  #count({ txid, nonce }: Vote): boolean {
    const { genesis, isSide, bitsOf = voteBits } = this.#options;
    if (!isSide(txid)) return false;
    const box = this.#boxes.get(txid) ?? { core: voteCore(genesis, txid), ballot: [], weight: 0n };
    if (box.ballot.some((vote) => vote.nonce === nonce)) return false;
    const ballot = addVote(box.ballot, { nonce, bits: bitsOf(box.core, nonce) });
    const weight = ballotWeight(ballot);
    if (ballot === box.ballot || !this.#makeRoom(txid, weight)) return false;
    const isHeavier = weight > box.weight;
    [box.ballot, box.weight] = [ballot, weight];
    this.#boxes.set(txid, box);
    return isHeavier;
  }

  /**
   * Whether there is room for a ballot. For one of an open contest one that was worth less a moment ago is given up: mostly it is too light to come back, so no votes go
   * around for ever, and whoever would fill all places has to work for each.
   */
  #makeRoom(txid: TxId, weight: bigint): boolean {
    if (this.#boxes.has(txid) || this.#boxes.size < MAX_BALLOTS) return true;
    const { open, ballots } = this.#rank();
    const least = ballots.at(-1);
    if (least === undefined || weight <= least.worth || !open.has(txid)) return false;
    ballots.pop();
    return this.#boxes.delete(least.txid);
  }

  #rank(): Ranking {
    const atMs = this.#options.clock.nowMs();
    if (atMs - this.#ranking.atMs < RANK_MS) return this.#ranking;
    const open = this.#options.openSides();
    const ballots = [...this.#boxes].map(([txid, { weight }]) => ({ txid, worth: open.has(txid) ? weight : 0n }));
    ballots.sort((a, b) => (a.worth < b.worth ? 1 : a.worth > b.worth ? -1 : 0));
    this.#ranking = { atMs, open, ballots };
    return this.#ranking;
  }
}
