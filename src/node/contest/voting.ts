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
/** Ballots kept; each at most {@link MAX_VOTES} votes. */
const MAX_BALLOTS = 1_024;

/** Finds work for a vote: the best nonce over `core` that `effortMs` of hashing gives, or undefined. */
export type VoteSearch = (core: Uint8Array, effortMs: number) => Promise<number | undefined>;

interface VotingOptions {
  readonly genesis: TxId;
  readonly clock: Clock;
  /** Absent: this node never votes. */
  readonly search: VoteSearch | undefined;
  /** Whether a transaction is one side of a contest. */
  readonly isSide: (txid: TxId) => boolean;
}

interface PeerRecord {
  readonly peer: Peer;
  second: number;
  votes: number;
}

/** Counts, passes on and casts votes. */
export class Voting implements Topic {
  readonly #options: VotingOptions;
  readonly #ballots = new Map<TxId, Ballot>();
  readonly #peers = new Map<string, PeerRecord>();
  #isSearching = false;

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
    const news = message.votes.filter((vote) => this.#count(vote));
    if (news.length === 0) return;
    for (const other of this.#peers.values()) if (other.peer !== peer) other.peer.send({ t: 'vote', votes: news });
  }

  /** Σ of the votes for a transaction. */
  weightOf(txid: TxId): bigint {
    return ballotWeight(this.#ballots.get(txid) ?? []);
  }

  /** Tells a peer all votes for these transactions. */
  tell(peer: Peer, txids: readonly TxId[]): void {
    for (const txid of txids) {
      const votes = (this.#ballots.get(txid) ?? []).map(({ nonce }) => ({ txid, nonce })).slice(0, MAX_VOTES);
      if (votes.length > 0) peer.send({ t: 'vote', votes });
    }
  }

  /** Tells every peer. */
  tellAll(txids: readonly TxId[]): void {
    for (const { peer } of this.#peers.values()) this.tell(peer, txids);
  }

  /** Hashes for a transaction and tells everybody; not while it hashes for another. */
  async cast(txid: TxId, effortMs: number): Promise<void> {
    const { search, genesis } = this.#options;
    if (search === undefined || this.#isSearching) return;
    this.#isSearching = true;
    try {
      const nonce = await search(voteCore(genesis, txid), effortMs);
      if (nonce === undefined || !this.#options.isSide(txid)) return;
      this.#count({ txid, nonce });
      // All of them, not only the new one: who missed some has them now.
      this.tellAll([txid]);
    } finally {
      this.#isSearching = false;
    }
  }

  /** @returns whether it counts for something that it did not count for before */
  #count({ txid, nonce }: Vote): boolean {
    const { genesis, isSide } = this.#options;
    if (!isSide(txid)) return false;
    const ballot = this.#ballots.get(txid) ?? [];
    const counted = addVote(ballot, { nonce, bits: voteBits(voteCore(genesis, txid), nonce) });
    if (counted === ballot) return false;
    this.#ballots.set(txid, counted);
    if (this.#ballots.size > MAX_BALLOTS) {
      const first = [...this.#ballots.keys()].find((known) => !isSide(known)) ?? txid;
      this.#ballots.delete(first);
    }
    return true;
  }
}
