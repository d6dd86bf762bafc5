/**
 * The state of a node in two trees: the txids it accepted, and the coins that nobody has spent. What is decided is noted at once and put
 * into the trees when somebody asks, many changes together: accepting costs no hashing. docs/protocol.md, State.
 */
import { addressPayload } from './address.ts';
import { type Coin, coinsOf, type Entry } from './entry.ts';
import { type Hashes, NOBLE } from './hashes.ts';
import { type Address, type Amount, type Hash, hashFromBytes, idBytes, keyOfTxid, type TxId } from './id.ts';
import { changeTree, EMPTY_TREE, rootOf, type Tree } from './merkle-tree.ts';
import type { StateSummary, TreeLeaf } from './message.ts';

/** The two trees at one moment. */
export interface StateTrees {
  /** Accepted txids. */
  readonly transactions: Tree;
  /** Unspent coins by {@link coinKey}, with their amounts. */
  readonly coins: Tree;
}

export const EMPTY_STATE: StateTrees = { transactions: EMPTY_TREE, coins: EMPTY_TREE };

/** All that is said of one moment. */
export interface State {
  readonly trees: StateTrees;
  readonly summary: StateSummary;
}

/** What the trees do not say of themselves. */
export type StateCounts = Omit<StateSummary, 'transactionsRoot' | 'coinsRoot'>;

/** Costs the hashes of the trees, where they are not computed yet. */
export const describeState = (trees: StateTrees, counts: StateCounts, hashes = NOBLE): State => ({
  trees,
  summary: { ...counts, transactionsRoot: rootOf(trees.transactions, hashes), coinsRoot: rootOf(trees.coins, hashes) },
});

/** Key of a coin: SHA-256(txid 32 bytes ‖ what the owner's address holds, 32 bytes). */
export const coinKey = (txid: TxId, owner: Address, { sha256 } = NOBLE): Hash =>
  hashFromBytes(sha256(idBytes(txid), addressPayload(owner)));

/** A coin that came, with its amount, or was spent (undefined), and the same of the other coin of its transaction: there are two at most. */
interface CoinChange {
  readonly owner: Address;
  readonly amount: Amount | undefined;
  readonly other: CoinChange | undefined;
}

/** Changes of the state that are not in the trees yet. Things come and go in turn, so a second change takes the first one back. */
export class StateChanges {
  /** Transactions that came (true) or lost a conflict. One that came and went is neither. */
  readonly #transactions = new Map<TxId, boolean>();
  /** By the transaction that made the coin. A coin that came and went is neither. */
  readonly #coins = new Map<TxId, CoinChange>();
  #coinCount = 0;

  get size(): number {
    return this.#transactions.size + this.#coinCount;
  }

  /** Notes an accepted transaction. */
  accept(entry: Entry): void {
    this.#turn(entry.txid, true);
    for (const parent of entry.prev) this.#turnCoin(parent, entry.sender, undefined);
    for (const { owner, amount } of coinsOf(entry)) this.#turnCoin(entry.txid, owner, amount);
  }

  /** Notes that an accepted transaction, which nothing spends any more, lost a conflict. @param freed what it had spent */
  retract(entry: Entry, freed: readonly Coin[]): void {
    this.#turn(entry.txid, false);
    for (const { txid, owner, amount } of freed) this.#turnCoin(txid, owner, amount);
    for (const { owner } of coinsOf(entry)) this.#turnCoin(entry.txid, owner, undefined);
  }

  /** Notes a transaction that was accepted long ago, with those of its coins that are unspent now. */
  enter(txid: TxId, unspent: readonly Coin[]): void {
    this.#turn(txid, true);
    for (const { owner, amount } of unspent) this.#turnCoin(txid, owner, amount);
  }

  #turn(txid: TxId, came: boolean): void {
    if (!this.#transactions.delete(txid)) this.#transactions.set(txid, came);
  }

  #turnCoin(txid: TxId, owner: Address, amount: Amount | undefined): void {
    const first = this.#coins.get(txid);
    const isNoted = first?.owner === owner || first?.other?.owner === owner;
    const rest = first?.owner === owner ? first.other : isNoted && first !== undefined ? { ...first, other: undefined } : first;
    this.#coinCount += isNoted ? -1 : 1;
    const after = isNoted ? rest : { owner, amount, other: rest };
    if (after === undefined) this.#coins.delete(txid);
    else this.#coins.set(txid, after);
  }

  /** The trees after these changes. */
  applyTo(trees: StateTrees): StateTrees {
    return put(trees, this.#transactions, this.#coins, NOBLE);
  }

  /** Takes out `most` changes, or one more, and puts them into the trees. */
  moveTo(trees: StateTrees, most: number, hashes = NOBLE): StateTrees {
    const txids: [TxId, boolean][] = [];
    for (const change of this.#transactions) {
      if (txids.length >= most) break;
      txids.push(change);
    }
    for (const [txid] of txids) this.#transactions.delete(txid);
    const coins: [TxId, CoinChange][] = [];
    let left = most - txids.length;
    for (const change of this.#coins) {
      if (left <= 0) break;
      coins.push(change);
      left -= change[1].other === undefined ? 1 : 2;
    }
    for (const [txid, { other }] of coins) {
      this.#coins.delete(txid);
      this.#coinCount -= other === undefined ? 1 : 2;
    }
    return put(trees, txids, coins, hashes);
  }
}

function put(
  { transactions, coins }: StateTrees,
  txids: Iterable<readonly [TxId, boolean]>,
  changes: Iterable<readonly [TxId, CoinChange]>,
  hashes: Hashes,
): StateTrees {
  const accepted = new Map<Hash, TreeLeaf | undefined>();
  for (const [txid, came] of txids) {
    const key = keyOfTxid(txid);
    accepted.set(key, came ? { key } : undefined);
  }
  const turned = new Map<Hash, TreeLeaf | undefined>();
  for (const [txid, first] of changes)
    for (let change: CoinChange | undefined = first; change !== undefined; change = change.other) {
      const { owner, amount } = change;
      const key = coinKey(txid, owner, hashes);
      turned.set(key, amount === undefined ? undefined : { key, amount });
    }
  return { transactions: changeTree(transactions, accepted), coins: changeTree(coins, turned) };
}
