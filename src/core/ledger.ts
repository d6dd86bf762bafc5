/**
 * The ledger: every checked transaction and who spent which coin, in memory. A ledger laid over another one holds only what a
 * batch adds, so that the batch can be written to disk before anybody sees it; then the lower one absorbs it.
 */
import type { Decision, LedgerView, Network } from './decide.ts';
import { type Coin, coinsOf, type Entry } from './entry.ts';
import { NOBLE } from './hashes.ts';
import { type Address, type Amount, amount, type CoinId, coinId, type TxId } from './id.ts';
import { hashSome } from './merkle-tree.ts';
import type { StateSummary } from './message.ts';
import { describeState, EMPTY_STATE, type State, StateChanges, type StateCounts, type StateTrees } from './state-summary.ts';

/** Rejected txids remembered; forgetting one only costs a second check. */
const MAX_REJECTED = 10_000;

/** Who spent the coin that `owner` has in a transaction, and the same of its other coin: there are two at most, so no id names them. */
interface Spending {
  readonly owner: Address;
  /** Undefined: the coin is unspent again. */
  readonly spender: TxId | undefined;
  readonly other: Spending | undefined;
}

/** What has been decided, in order of decision. */
export class Ledger implements LedgerView {
  readonly network: Network;
  readonly #below: Ledger | undefined;
  readonly #entries = new Map<TxId, Entry>();
  /** Of conflicted transactions; empty, over another ledger, for one that was conflicted and is accepted. */
  readonly #winners = new Map<TxId, readonly TxId[]>();
  #conflicted = 0;
  #conflictChanges = 0;
  /** By the transaction that made the coin. */
  readonly #spendings = new Map<TxId, Spending>();
  /** Conflicted transactions that spend a coin; false, over another ledger, for one that is none any more. */
  readonly #rivals = new Map<CoinId, Map<TxId, boolean>>();
  /** The smallest txid of those that ever were. */
  readonly #leastRivals = new Map<CoinId, TxId>();
  readonly #rejected = new Set<TxId>();
  /** In order of acceptance. */
  #accepted: Entry[] = [];
  /** Accepted below and not here. */
  readonly #retracted = new Set<TxId>();
  /** Restored, and not among the changes that follow: opening does not wait for that. A retraction must find none. */
  readonly #unnoted: Entry[] = [];
  #supply = 0n;
  #work = 0n;
  /** As of the changes that follow. A ledger laid over another one leaves it empty: it starts from the other's. */
  #trees: StateTrees = EMPTY_STATE;
  #changes = new StateChanges();
  /** The same of a ledger laid over another one, as it came: most is never asked for here, and noted below when that absorbs it. */
  readonly #changesAbove: ((changes: StateChanges) => void)[] = [];
  /** The moment whose state {@link prepareState} computes: what came before it and is not in the trees yet. Before {@link #changes}. */
  #moment: { readonly changes: StateChanges; readonly counts: StateCounts } | undefined;

  /** @param below the ledger that this one is laid over, not to be changed meanwhile */
  constructor(network: Network, below?: Ledger) {
    this.network = network;
    this.#below = below;
  }

  /** Accepted transactions, those below included. */
  get size(): number {
    return this.#accepted.length - this.#retracted.size + (this.#below?.size ?? 0);
  }

  /** Genesis + rewards − burns − charges; always the sum of all unspent coins. */
  get supply(): Amount {
    return amount(this.#supply + (this.#below?.supply ?? 0n));
  }

  /** Sum of 2^(work bits) over the accepted transactions. */
  get work(): bigint {
    return this.#work + (this.#below?.work ?? 0n);
  }

  /** The accepted transactions and the unspent coins as trees; they stay what they are when the ledger goes on. */
  trees(): StateTrees {
    if (this.#below !== undefined) {
      const changes = new StateChanges();
      for (const change of this.#changesAbove) change(changes);
      return changes.applyTo(this.#below.trees());
    }
    this.#noteRestored(Number.POSITIVE_INFINITY);
    for (const changes of [this.#moment?.changes, this.#changes])
      if (changes !== undefined && changes.size > 0) this.#trees = changes.moveTo(this.#trees, Number.POSITIVE_INFINITY);
    this.#moment = undefined;
    return this.#trees;
  }

  /**
   * Does a part of what the state costs: `most` changes or hashes, at about 10 µs each. The state is that of the moment when it was
   * begun, so that it gets done however much comes meanwhile. @returns it, once it is whole; the next call begins a new one
   */
  prepareState(most: number, hashes = NOBLE): State | undefined {
    let left = most - this.#noteRestored(most);
    if (this.#unnoted.length > 0) return undefined;
    if (this.#moment === undefined) {
      this.#moment = { changes: this.#changes, counts: this.#counts };
      this.#changes = new StateChanges();
    }
    const { changes, counts } = this.#moment;
    const before = changes.size;
    if (before > 0 && left > 0) this.#trees = changes.moveTo(this.#trees, left, hashes);
    left -= before - changes.size;
    for (const tree of [this.#trees.transactions, this.#trees.coins]) if (left > 0) left -= hashSome(tree, left, hashes);
    if (left <= 0) return undefined;
    this.#moment = undefined;
    return describeState(this.#trees, counts, hashes);
  }

  get #counts(): StateCounts {
    const { size, work, supply } = this;
    return { transactions: size, work, supply };
  }

  /** What is held, in a few numbers: equal for all who accepted the same transactions, in whatever order. Costs all at once that {@link prepareState} does in parts. */
  summary(): StateSummary {
    return describeState(this.trees(), this.#counts).summary;
  }

  find(txid: TxId): Entry | undefined {
    return this.#entries.get(txid) ?? this.#below?.find(txid);
  }

  findWinners(txid: TxId): readonly TxId[] | undefined {
    const winners = (this.#winners.size > 0 ? this.#winners.get(txid) : undefined) ?? this.#below?.findWinners(txid);
    return winners?.length === 0 ? undefined : winners;
  }

  isRejected(txid: TxId): boolean {
    // Nearly always there are none, and looking one up costs as much as the rest of the question.
    return (this.#rejected.size > 0 && this.#rejected.has(txid)) || (this.#below?.isRejected(txid) ?? false);
  }

  findSpender(txid: TxId, owner: Address): TxId | undefined {
    for (let spending = this.#spendings.get(txid); spending !== undefined; spending = spending.other)
      if (spending.owner === owner) return spending.spender;
    return this.#below?.findSpender(txid, owner);
  }

  /** How many conflicted transactions known here spend `owner`'s coin in `txid`. */
  rivalsOf(txid: TxId, owner: Address): number {
    return this.#rivalsFor(coinId(txid, owner)).length;
  }

  #rivalsFor(coin: CoinId): readonly TxId[] {
    const own = this.#rivals.get(coin);
    const below = this.#below === undefined ? [] : this.#below.#rivalsFor(coin);
    if (own === undefined) return below;
    return [...below.filter((txid) => !own.has(txid)), ...[...own].flatMap(([txid, isRival]) => (isRival ? [txid] : []))];
  }

  /** The smallest txid among the rivals for `owner`'s coin in `txid`, of those too that have won since. */
  leastRivalOf(txid: TxId, owner: Address): TxId | undefined {
    const own = this.#leastRivals.get(coinId(txid, owner));
    const below = this.#below?.leastRivalOf(txid, owner);
    return own === undefined || (below !== undefined && below < own) ? below : own;
  }

  /** Conflicted transactions that spend a coin that `entry` spends, and nothing that is not accepted: they may win yet. */
  liveRivals({ prev, sender }: Entry): readonly Entry[] {
    const rivals = new Set(prev.flatMap((parent) => this.#rivalsFor(coinId(parent, sender))));
    const isLive = (rival: Entry) => rival.prev.every((parent) => this.isAccepted(parent));
    return [...rivals].flatMap((txid) => this.find(txid) ?? []).filter(isLive);
  }

  /** Conflicted transactions, those below included. */
  get conflicted(): number {
    return this.#conflicted + (this.#below?.conflicted ?? 0);
  }

  /** How often what is conflicted has changed, here and below: while it stays the same, so does all that follows from conflicts. */
  get conflictChanges(): number {
    return this.#conflictChanges + (this.#below?.conflictChanges ?? 0);
  }

  /** Conflicted transactions, those below included, with what each lost against. */
  conflicts(): ReadonlyMap<TxId, readonly TxId[]> {
    const all = new Map([...(this.#below?.conflicts() ?? []), ...this.#winners]);
    for (const [txid, winners] of this.#winners) if (winners.length === 0) all.delete(txid);
    return all;
  }

  /** Whether `txid` was accepted and has not lost a conflict. */
  isAccepted(txid: TxId): boolean {
    return this.find(txid) !== undefined && this.findWinners(txid) === undefined;
  }

  /** Remembers a decision; pending ones leave no trace here. */
  apply(txid: TxId, decision: Decision): void {
    if (decision.kind === 'accepted') this.#accept(decision.entry);
    else if (decision.kind === 'conflicted') {
      this.#entries.set(txid, decision.entry);
      this.#lose(decision.entry, decision.winners);
    } else if (decision.kind === 'rejected') this.#reject(txid);
  }

  /** Takes back what was decided before the app was closed, in the same order, before anything else is applied. `winners`: none, if accepted. */
  restore(entry: Entry, winners: readonly TxId[]): void {
    if (winners.length > 0) return this.apply(entry.txid, { kind: 'conflicted', entry, winners });
    this.#enter(entry);
    this.#unnoted.push(entry);
  }

  /** What was spent since is left out: that it was spent is noted already. @returns how many were noted */
  #noteRestored(most: number): number {
    const entries = this.#unnoted.splice(0, most);
    for (const entry of entries) this.#changes.enter(entry.txid, this.unspentCoins(entry));
    return entries.length;
  }

  #lose({ txid, prev, sender }: Entry, winners: readonly TxId[]): void {
    this.#winners.set(txid, winners);
    this.#conflictChanges++;
    this.#conflicted++;
    for (const parent of prev) {
      this.#turnRival(coinId(parent, sender), txid, true);
      this.#noteRival(coinId(parent, sender), txid);
    }
  }

  /** An accepted transaction loses against `winners`; the coins that it spent are unspent. Nothing may spend its own coins any more. */
  retract(entry: Entry, winners: readonly TxId[]): void {
    const { txid, prev, sender } = entry;
    const freed = prev.flatMap((parent) =>
      coinsOf(this.find(parent) ?? entry).filter((coin) => coin.txid === parent && coin.owner === sender),
    );
    for (const parent of prev) this.#spend(parent, sender, undefined);
    const position = this.#accepted.indexOf(entry);
    if (position < 0) this.#retracted.add(txid);
    else this.#accepted.splice(position, 1);
    this.#supply -= entry.reward - entry.burn - entry.charge;
    this.#work -= 1n << BigInt(entry.trail.at(-1) ?? 0);
    this.#note((changes) => changes.retract(entry, freed));
    this.#lose(entry, winners);
  }

  /** What a conflicted transaction lost against has changed. Without `winners` it is accepted; its coins must be there and unspent. */
  reconsider(entry: Entry, winners: readonly TxId[]): void {
    const { txid, prev, sender } = entry;
    this.#winners.set(txid, winners);
    this.#conflictChanges++;
    if (winners.length > 0) return;
    this.#conflicted--;
    for (const parent of prev) this.#turnRival(coinId(parent, sender), txid, false);
    this.#accept(entry);
  }

  #accept(entry: Entry): void {
    this.#enter(entry);
    this.#note((changes) => changes.accept(entry));
  }

  #note(change: (changes: StateChanges) => void): void {
    if (this.#below === undefined) change(this.#changes);
    else this.#changesAbove.push(change);
  }

  #enter(entry: Entry): void {
    this.#entries.set(entry.txid, entry);
    for (const parent of entry.prev) this.#spend(parent, entry.sender, entry.txid);
    this.#accepted.push(entry);
    this.#supply += entry.prev.length === 0 ? entry.tokens : entry.reward - entry.burn - entry.charge;
    this.#work += 1n << BigInt(entry.trail.at(-1) ?? 0);
  }

  #spend(txid: TxId, owner: Address, spender: TxId | undefined): void {
    let other = this.#spendings.get(txid);
    if (other?.owner === owner) other = other.other;
    else if (other?.other?.owner === owner) other = { ...other, other: undefined };
    this.#spendings.set(txid, { owner, spender, other });
  }

  #turnRival(coin: CoinId, txid: TxId, isRival: boolean): void {
    const rivals = this.#rivals.get(coin) ?? new Map<TxId, boolean>();
    if (isRival || this.#below !== undefined) rivals.set(txid, isRival);
    else rivals.delete(txid);
    if (rivals.size > 0) this.#rivals.set(coin, rivals);
    else this.#rivals.delete(coin);
  }

  #noteRival(coin: CoinId, txid: TxId): void {
    const least = this.#leastRivals.get(coin);
    if (least === undefined || txid < least) this.#leastRivals.set(coin, txid);
  }

  #reject(txid: TxId): void {
    this.#rejected.add(txid);
    if (this.#rejected.size <= MAX_REJECTED) return;
    for (const oldest of this.#rejected) {
      this.#rejected.delete(oldest);
      return;
    }
  }

  /** Takes over everything of a ledger that was laid over this one. */
  absorb(above: Ledger): void {
    for (const [txid, entry] of above.#entries) this.#entries.set(txid, entry);
    for (const [txid, winners] of above.#winners) {
      if (winners.length === 0) this.#winners.delete(txid);
      else this.#winners.set(txid, winners);
    }
    this.#conflictChanges += above.#conflictChanges;
    this.#conflicted += above.#conflicted;
    if (above.#retracted.size > 0) {
      // What was restored must be noted before anything of it goes.
      this.#noteRestored(Number.POSITIVE_INFINITY);
      this.#accepted = this.#accepted.filter(({ txid }) => !above.#retracted.has(txid));
    }
    for (const [txid, last] of above.#spendings)
      for (let one: Spending | undefined = last; one !== undefined; one = one.other) this.#spend(txid, one.owner, one.spender);
    for (const [coin, rivals] of above.#rivals) for (const [txid, isRival] of rivals) this.#turnRival(coin, txid, isRival);
    for (const [coin, txid] of above.#leastRivals) this.#noteRival(coin, txid);
    for (const txid of above.#rejected) this.#reject(txid);
    for (const entry of above.#accepted) this.#accepted.push(entry);
    this.#supply += above.#supply;
    this.#work += above.#work;
    for (const change of above.#changesAbove) this.#note(change);
  }

  /** Accepted entries of this ledger in the order in which they were accepted, from the position `from` on, at most `most`. */
  accepted(from = 0, most = Number.POSITIVE_INFINITY): readonly Entry[] {
    return this.#accepted.slice(from, from + most);
  }

  /**
   * The cone of a transaction: itself and its ancestors along `prev`, nearest first. Walked, not
   * recursed, so that no history is too deep; stop reading when it is enough.
   */
  *cone(txid: TxId): Generator<Entry> {
    const seen = new Set<TxId>([txid]);
    // A Set is walked in the order of insertion, also while it grows.
    for (const next of seen) {
      const entry = this.find(next);
      if (entry === undefined) continue;
      yield entry;
      for (const parent of entry.prev) seen.add(parent);
    }
  }

  /** Accepted and conflicted entries of this ledger in the order in which they were decided. */
  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** The coins of `entry` that nobody has spent. */
  unspentCoins(entry: Entry): readonly Coin[] {
    return coinsOf(entry).filter((coin) => this.findSpender(coin.txid, coin.owner) === undefined);
  }
}
