/**
 * The state of a node in two trees: the txids it accepted, and the coins that nobody has spent. What is decided is noted at once and put
 * into the trees when somebody asks, many changes together: accepting costs no hashing. docs/protocol.md, State.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { addressPayload } from './address.ts';
import { type Coin, coinsOf, type Entry } from './entry.ts';
import { type Address, type Amount, type CoinId, coinId, coinOf, type Hash, hashFromBytes, idBytes, keyOfTxid, type TxId } from './id.ts';
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
export const describeState = (trees: StateTrees, counts: StateCounts): State => ({
  trees,
  summary: { ...counts, transactionsRoot: rootOf(trees.transactions), coinsRoot: rootOf(trees.coins) },
});

/** Key of a coin: SHA-256(txid 32 bytes ‖ what the owner's address holds, 32 bytes). */
export function coinKey(txid: TxId, owner: Address): Hash {
  const bytes = new Uint8Array(64);
  bytes.set(idBytes(txid));
  bytes.set(addressPayload(owner), 32);
  return hashFromBytes(sha256(bytes));
}

/** Changes of the state that are not in the trees yet. */
export class StateChanges {
  /** Transactions that came (true) or lost a conflict. One that came and went is neither. */
  readonly #transactions = new Map<TxId, boolean>();
  /** Coins that came, with their amounts, or were spent (undefined). A coin that came and went is neither. */
  readonly #coins = new Map<CoinId, Amount | undefined>();

  get size(): number {
    return this.#transactions.size + this.#coins.size;
  }

  /** Notes an accepted transaction. */
  accept(entry: Entry): void {
    turn(this.#transactions, entry.txid, true);
    for (const parent of entry.prev) turn(this.#coins, coinId(parent, entry.sender), undefined);
    for (const coin of coinsOf(entry)) turn(this.#coins, coin.id, coin.amount);
  }

  /** Notes that an accepted transaction, which nothing spends any more, lost a conflict. @param freed what it had spent */
  retract(entry: Entry, freed: readonly Coin[]): void {
    turn(this.#transactions, entry.txid, false);
    for (const coin of freed) turn(this.#coins, coin.id, coin.amount);
    for (const coin of coinsOf(entry)) turn(this.#coins, coin.id, undefined);
  }

  /** Notes a transaction that was accepted long ago, with those of its coins that are unspent now. */
  enter(txid: TxId, unspent: readonly Coin[]): void {
    turn(this.#transactions, txid, true);
    for (const coin of unspent) turn(this.#coins, coin.id, coin.amount);
  }

  /** Notes everything that another one has noted since. */
  absorb(later: StateChanges): void {
    for (const [txid, came] of later.#transactions) turn(this.#transactions, txid, came);
    for (const [coin, amount] of later.#coins) turn(this.#coins, coin, amount);
  }

  /** The trees after these changes. */
  applyTo(trees: StateTrees): StateTrees {
    return put(trees, this.#transactions, this.#coins);
  }

  /** Takes out at most `most` changes and puts them into the trees. */
  moveTo(trees: StateTrees, most: number): StateTrees {
    const txids: [TxId, boolean][] = [];
    for (const change of this.#transactions) {
      if (txids.length >= most) break;
      txids.push(change);
    }
    for (const [txid] of txids) this.#transactions.delete(txid);
    const coins: [CoinId, Amount | undefined][] = [];
    for (const change of this.#coins) {
      if (txids.length + coins.length >= most) break;
      coins.push(change);
    }
    for (const [coin] of coins) this.#coins.delete(coin);
    return put(trees, txids, coins);
  }
}

/** Things come and go in turn, so a second change takes the first one back. */
function turn<K, V>(changes: Map<K, V>, key: K, value: V): void {
  if (!changes.delete(key)) changes.set(key, value);
}

function put(
  { transactions, coins }: StateTrees,
  txids: Iterable<readonly [TxId, boolean]>,
  changes: Iterable<readonly [CoinId, Amount | undefined]>,
): StateTrees {
  const accepted = new Map<Hash, TreeLeaf | undefined>();
  for (const [txid, came] of txids) {
    const key = keyOfTxid(txid);
    accepted.set(key, came ? { key } : undefined);
  }
  const turned = new Map<Hash, TreeLeaf | undefined>();
  for (const [coin, amount] of changes) {
    const { txid, owner } = coinOf(coin);
    const key = coinKey(txid, owner);
    turned.set(key, amount === undefined ? undefined : { key, amount });
  }
  return { transactions: changeTree(transactions, accepted), coins: changeTree(coins, turned) };
}
