/**
 * Going over to a rival, on a ledger laid over the real one, so that it happens as one step or not at all. Nodes that know the same go over to the
 * same. docs/protocol.md, Conflicts.
 */
import { coinsOf, type Entry } from './entry.ts';
import type { TxId } from './id.ts';
import type { Ledger } from './ledger.ts';

/** What became of what was decided before. */
export interface Switch {
  /** Accepted before, conflicted now: the losers and everything that spends what they made; parents before children. */
  readonly withdrawn: readonly Entry[];
  /** Conflicted before, accepted now: the rival, what builds on it, and what had lost only against something withdrawn; parents before children. */
  readonly accepted: readonly Entry[];
  /** What everything whose verdict or winners changed lost against now; nothing for what is accepted. */
  readonly winners: ReadonlyMap<TxId, readonly TxId[]>;
}

/** What an entry loses against as things stand: the spenders of its coins, and what its parents lost against. Ascending. */
function winnersOf({ prev, sender }: Entry, ledger: Ledger): readonly TxId[] {
  const winners = new Set<TxId>();
  for (const parent of prev) {
    for (const winner of ledger.findWinners(parent) ?? []) winners.add(winner);
    const spender = ledger.findSpender(parent, sender);
    if (spender !== undefined) winners.add(spender);
  }
  return [...winners].sort();
}

/** Entries and everything accepted that spends what they made, parents before children. */
function withDescendants(entries: readonly Entry[], ledger: Ledger): Entry[] {
  const spendersOf = (entry: Entry) =>
    new Set(coinsOf(entry).flatMap((coin) => ledger.findSpender(coin.txid, coin.owner) ?? [])) as ReadonlySet<TxId>;
  const found = new Map(entries.map((entry) => [entry.txid, entry]));
  // A Map is walked in the order of insertion, also while it grows.
  for (const entry of found.values()) {
    for (const txid of spendersOf(entry)) {
      const spender = ledger.find(txid);
      if (spender !== undefined) found.set(txid, spender);
    }
  }
  return inOrder([...found.values()], () => 0);
}

/** Parents before children; of those that may come next, the smallest by `compare`. */
function inOrder(entries: readonly Entry[], compare: (a: Entry, b: Entry) => number): Entry[] {
  const here = new Map(entries.map((entry) => [entry.txid, entry]));
  const awaited = new Map(entries.map(({ txid, prev }) => [txid, prev.filter((parent) => here.has(parent)).length]));
  const children = new Map<TxId, Entry[]>();
  for (const entry of entries) {
    for (const parent of entry.prev) {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [entry]);
      else siblings.push(entry);
    }
  }
  const ready = entries.filter(({ txid }) => awaited.get(txid) === 0).sort((a, b) => compare(b, a));
  const ordered: Entry[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    ordered.push(next);
    for (const child of children.get(next.txid) ?? []) {
      const left = (awaited.get(child.txid) ?? 0) - 1;
      awaited.set(child.txid, left);
      if (left > 0) continue;
      // Sorted from the last to the first; by halving, for thousands may wait.
      let low = 0;
      for (let high = ready.length; low < high; ) {
        const middle = (low + high) >> 1;
        if (compare(ready[middle] as Entry, child) > 0) low = middle + 1;
        else high = middle;
      }
      ready.splice(low, 0, child);
    }
  }
  return ordered;
}

/**
 * Goes over to `rival`: what it conflicts with and what builds on that becomes conflicted; then everything that had lost only against something
 * withdrawn is tried again, in order of weight (greater first), then txid.
 * @param ledger laid over the real one
 * @param weightOf weight of a transaction that is tried again
 * @returns undefined, and nothing is changed, unless the rival is conflicted, and all its parents are accepted and stay so
 */
export function switchTo(ledger: Ledger, rival: TxId, weightOf: (txid: TxId) => bigint): Switch | undefined {
  const entry = ledger.find(rival);
  if (entry === undefined || ledger.isAccepted(rival) || !entry.prev.every((parent) => ledger.isAccepted(parent))) return undefined;
  const losers = winnersOf(entry, ledger).flatMap((txid) => ledger.find(txid) ?? []);
  const withdrawn = withDescendants(losers, ledger);
  const gone = new Set(withdrawn.map(({ txid }) => txid));
  // It conflicts with its own history, and so can never be.
  if (entry.prev.some((parent) => gone.has(parent))) return undefined;
  const winners = new Map<TxId, readonly TxId[]>();
  for (const lost of withdrawn.toReversed()) {
    ledger.retract(lost, [rival]);
    winners.set(lost.txid, [rival]);
  }
  const again = [...ledger.conflicts()].flatMap(([txid, named]) =>
    txid !== rival && !gone.has(txid) && named.some((winner) => gone.has(winner)) ? (ledger.find(txid) ?? []) : [],
  );
  const weights = new Map(again.map(({ txid }) => [txid, weightOf(txid)]));
  const compare = (a: Entry, b: Entry): number => {
    const [ofA = 0n, ofB = 0n] = [weights.get(a.txid), weights.get(b.txid)];
    return ofA === ofB ? (a.txid < b.txid ? -1 : 1) : ofA > ofB ? -1 : 1;
  };
  const accepted: Entry[] = [];
  for (const tried of [entry, ...inOrder(again, compare)]) {
    const named = winnersOf(tried, ledger);
    ledger.reconsider(tried, named);
    winners.set(tried.txid, named);
    if (named.length === 0) accepted.push(tried);
  }
  return { withdrawn, accepted, winners };
}
