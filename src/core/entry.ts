/** An entry: what the ledger keeps of a checked transaction, and the coins it makes. The file itself stays on disk. */
import type { Trail } from './cost.ts';
import { type Address, type Amount, amount, type CoinId, coinId, type Infohash, type TxId } from './id.ts';

/** A transaction whose history, coins and amounts have been checked. */
export interface Entry {
  readonly txid: TxId;
  readonly infohash: Infohash;
  /** Spent transactions, sorted; empty for the genesis. */
  readonly prev: readonly TxId[];
  readonly sender: Address;
  readonly to: Address;
  /** Paid to `to`. */
  readonly tokens: Amount;
  /** Left to the sender. May exceed 2^53. */
  readonly change: Amount;
  readonly burn: Amount;
  readonly reward: Amount;
  readonly charge: Amount;
  readonly trail: Trail;
  readonly sizeBytes: number;
}

/** An amount that one owner may spend, whole, by listing `txid` in `prev`. */
export interface Coin {
  readonly id: CoinId;
  readonly txid: TxId;
  readonly owner: Address;
  readonly amount: Amount;
}

/** CONSENSUS. What `owner` gets out of a transaction: payment, change, or both in one coin; 0 means that there is no coin. */
export function coinAmount(entry: Entry, owner: Address): Amount {
  const paid = entry.to === owner ? entry.tokens : 0n;
  const left = entry.sender === owner ? entry.change : 0n;
  return amount(paid + left);
}

/** The one or two coins of a transaction, or none. */
export function coinsOf(entry: Entry): readonly Coin[] {
  const owners = entry.to === entry.sender ? [entry.to] : [entry.to, entry.sender];
  return owners
    .map((owner) => ({ id: coinId(entry.txid, owner), txid: entry.txid, owner, amount: coinAmount(entry, owner) }))
    .filter((coin) => coin.amount > 0n);
}
