/**
 * CONSENSUS. The decision on a transaction: accepted, pending, conflicted or rejected. Pure and synchronous: the signature's
 * verdict and everything known come in as arguments. The order of checks is the protocol's, so that nothing unsigned or
 * unpayable can ever count as a conflict. docs/protocol.md, Validity.
 */
import { burnOf, chooseBranch, extendTrail, workEffect } from './cost.ts';
import type { SignatureVerdict } from './ed25519.ts';
import { coinAmount, type Entry } from './entry.ts';
import { type RejectCode, TtxError } from './error.ts';
import { type Address, amount, type Infohash, type Locator, type TxId, txidOf } from './id.ts';
import { checkParameters, type NetworkParameters } from './network.ts';
import type { TransactionFile } from './transaction.ts';

/** A network as the rules see it. */
export interface Network {
  readonly id: TxId;
  readonly infohash: Infohash;
  readonly parameters: NetworkParameters;
}

/** What the decision may ask about the transactions known here. */
export interface LedgerView {
  readonly network: Network;
  /** An accepted or conflicted transaction. */
  find(txid: TxId): Entry | undefined;
  /** The transactions that a conflicted one lost against; undefined for an accepted or unknown one. */
  findWinners(txid: TxId): readonly TxId[] | undefined;
  /** Whether it is known to be invalid for good. Forgetting is harmless: it would be checked again. */
  isRejected(txid: TxId): boolean;
  /** The accepted transaction that spends `owner`'s coin in `txid`. */
  findSpender(txid: TxId, owner: Address): TxId | undefined;
}

export type Decision =
  | { readonly kind: 'accepted'; readonly entry: Entry }
  /** Names the ancestors that must come first. */
  | { readonly kind: 'pending'; readonly missing: readonly Locator[] }
  /** Valid, but a coin was spent before, by `winners`; or it builds on one that lost against them. Never final. */
  | { readonly kind: 'conflicted'; readonly entry: Entry; readonly winners: readonly TxId[] }
  | { readonly kind: 'rejected'; readonly code: RejectCode };

const rejected = (code: RejectCode): Decision => ({ kind: 'rejected', code });

/** The network that a genesis file founds. @throws {TtxError} `schema` when it is not a genesis */
export function networkOf({ txid, infohash, transaction }: TransactionFile): Network {
  if (transaction.prev !== null) throw new TtxError('schema', { what: 'prev' });
  return { id: txid, infohash, parameters: checkParameters(transaction.modules?.network) };
}

/** The genesis has no history: its one coin is its tokens. */
function decideGenesis(file: TransactionFile): Decision {
  const { to, tokens } = file.transaction;
  const nothing = amount(0);
  const { txid, infohash, bytes, sender, workBits } = file;
  return {
    kind: 'accepted',
    entry: {
      txid,
      infohash,
      prev: [],
      sender,
      to,
      tokens,
      change: nothing,
      burn: nothing,
      reward: nothing,
      charge: nothing,
      trail: [workBits],
      sizeBytes: bytes.length,
    },
  };
}

/** Decides on a decoded file that is not known yet. */
export function decide(file: TransactionFile, verdict: SignatureVerdict, view: LedgerView): Decision {
  const { transaction, txid, infohash, sender, workBits } = file;
  const { parameters, id } = view.network;
  if (file.hrp !== parameters.hrp) return rejected('wrong-network');
  if (verdict !== 'valid') return rejected(verdict);
  if (transaction.prev === null) return txid === id ? decideGenesis(file) : rejected('wrong-network');

  // Rejections are final, so they may come before a parent that is still missing.
  const locators = transaction.prev;
  const txids = locators.map(txidOf);
  if (txids.some((parent) => view.isRejected(parent))) return rejected('parent-rejected');
  const known = txids.map((parent) => view.find(parent));
  if (known.some((parent, i) => parent !== undefined && locators[i]?.startsWith(parent.infohash) !== true)) return rejected('locator');
  const parents = known.filter((parent) => parent !== undefined);
  if (parents.length < locators.length) return { kind: 'pending', missing: locators.filter((_, i) => known[i] === undefined) };

  const coins = parents.map((parent) => coinAmount(parent, sender));
  if (coins.some((coin) => coin === 0n)) return rejected('no-coin');

  const burn = burnOf(file.bytes.length, parameters);
  const branch = chooseBranch(parents);
  const { reward, charge } = workEffect(workBits, branch.trail, burn, parameters);
  const change = coins.reduce((total, coin) => total + coin, 0n) + reward - transaction.tokens - burn - charge;
  if (change < 0n) return rejected('insufficient');

  const entry: Entry = {
    txid,
    infohash,
    prev: parents.map((parent) => parent.txid),
    // The text that the parent has, so that memory has it once.
    sender: branch.to === sender ? branch.to : branch.sender,
    to: transaction.to,
    tokens: transaction.tokens,
    change: amount(change),
    burn,
    reward,
    charge,
    trail: extendTrail(branch.trail, workBits),
    sizeBytes: file.bytes.length,
  };
  const winners: TxId[] = [];
  for (const parent of entry.prev) {
    winners.push(...(view.findWinners(parent) ?? []));
    const spender = view.findSpender(parent, sender);
    if (spender !== undefined) winners.push(spender);
  }
  return winners.length === 0 ? { kind: 'accepted', entry } : { kind: 'conflicted', entry, winners: [...new Set(winners)].sort() };
}
