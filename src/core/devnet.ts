/**
 * The development network: where a first visit is, so that a newcomer can pay somebody within a minute. Its coins are worth nothing,
 * because everybody holds the keys: they follow from published text.
 *
 * Test coins come from a tree of transactions that every node derives by itself. An inner transaction pays half of a coin to the key
 * of one branch and keeps half for the other; which leaf is whose follows from the address. Equal inputs give equal bytes, so two
 * newcomers who walk the same branch make the same transactions and never conflict. Whoever wants to spoil it can: the keys are public.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { addressOf } from './address.ts';
import { burnOf, workEffect } from './cost.ts';
import { decide, type Network, networkOf } from './decide.ts';
import { devnetGenesis } from './devnet-genesis.ts';
import { coinAmount, type Entry } from './entry.ts';
import { TtxError } from './error.ts';
import { type Address, amount, type Locator, locator } from './id.ts';
import { Ledger } from './ledger.ts';
import { MIN_WALLET_NONCE } from './limit.ts';
import { publicKeyOf, signDraft } from './signature.ts';
import { type Draft, decodeTransaction, encodeTransaction, fileLength } from './transaction.ts';

/** Levels of the tree: 2^24 leaves, so that of ten thousand newcomers hardly two share one. */
const DEPTH = 24;
/** Leaves an address may try, when somebody else's address leads to the same one. */
export const MAX_LEAVES = 4;
/** Claimed time of every transaction of the tree, Unix milliseconds. */
const TIME = 1_795_000_000_000;

const utf8 = new TextEncoder();

/** The development network. */
export const devnet = (): Network => networkOf(decodeTransaction(devnetGenesis()));

/** Published secret key of a branch: the bits from the root to where it turned last. */
export const branchKey = (path: string): Uint8Array => sha256(utf8.encode(`ttx devnet ${path.replace(/0+$/, '')}`));

/** Bits from the root to the leaf of `address`; `attempt` 0 … 3 chooses among its leaves. */
function leafPath(address: Address, attempt: number): string {
  const hash = sha256(utf8.encode(`ttx devnet leaf ${attempt} ${address}`));
  return Array.from(hash, (byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(0, DEPTH);
}

/** Signs the one transaction that spends the coin of `path` in `parent`; `share` says how much of what is left after all costs is paid. */
function spend(parent: Entry, path: string, hrp: string, to: Address, share: (left: bigint) => bigint, network: Network) {
  const secretKey = branchKey(path);
  const key = publicKeyOf(secretKey);
  const coin = coinAmount(parent, addressOf(key, hrp));
  const draftWith = (tokens: bigint): Draft => ({
    time: TIME,
    to,
    tokens: amount(tokens),
    key,
    prev: [locator(parent.infohash, parent.txid)],
    ref: [],
  });
  // Without work the charge can be as high as the burn; what it does not take stays with the branch.
  const burn = burnOf(fileLength(draftWith(coin)), network.parameters);
  const { charge } = workEffect(0, parent.trail, burn, network.parameters);
  const left = coin - burn - charge;
  if (left <= 0n) throw new TtxError('not-enough');
  return decodeTransaction(encodeTransaction(signDraft(draftWith(share(left)), MIN_WALLET_NONCE, secretKey)));
}

/**
 * The transactions that bring test coins to `address`, the tree's root first; those that are known already are left out, so an empty
 * list means that they were claimed before.
 * @param attempt 0 … {@link MAX_LEAVES} − 1
 * @param ledger of the development network
 * @returns files, each of which needs the one before
 * @throws {TtxError} `leaf-taken` when somebody has spent a coin on the way otherwise; the next attempt may lead elsewhere
 */
export function claimTestCoins(address: Address, attempt: number, ledger: Ledger): readonly Uint8Array[] {
  const { network } = ledger;
  const { hrp } = network.parameters;
  const draft = new Ledger(network, ledger);
  const files: Uint8Array[] = [];
  const path = leafPath(address, attempt);
  let parent = draft.find(network.id);
  for (let depth = 0; depth <= DEPTH; depth++) {
    if (parent === undefined) throw new TtxError('bug', { what: 'devnet without genesis' });
    const here = path.slice(0, depth);
    const isLeaf = depth === DEPTH;
    const to = isLeaf ? address : addressOf(publicKeyOf(branchKey(`${here}1`)), hrp);
    const file = spend(parent, here, hrp, to, (left) => (isLeaf ? left : left / 2n), network);
    const known = draft.find(file.txid);
    if (known === undefined) {
      const decision = decide(file, 'valid', draft);
      if (decision.kind !== 'accepted') throw new TtxError('leaf-taken', { depth });
      draft.apply(file.txid, decision);
      files.push(file.bytes);
    } else if (draft.findWinners(file.txid) !== undefined) throw new TtxError('leaf-taken', { depth });
    parent = draft.find(file.txid);
  }
  return files;
}

/** Locator of the development network's genesis. */
export function devnetLocator(): Locator {
  const { infohash, id } = devnet();
  return locator(infohash, id);
}
