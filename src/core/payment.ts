/**
 * Planning a payment: which coins, in how many transactions, at what cost. Pure, so that the cost is known exactly before
 * anything is signed; the only unknown is luck: the work may turn out better than the level asked for.
 */
import { type Attachment, attachmentModule } from './attachment.ts';
import { burnOf, chooseBranch, type Trail, workEffect } from './cost.ts';
import { TtxError } from './error.ts';
import { type Address, type Amount, amount, isLocator, type Locator, type PublicKey, type TxId, txidOf } from './id.ts';

import { MAX_FILE_BYTES, MAX_INTEGER, MAX_PREV } from './limit.ts';
import type { NetworkParameters } from './network.ts';
import { type Draft, fileLength, type Modules } from './transaction.ts';

/** Bytes that one more coin adds to a file: a quoted locator and a comma. */
const BYTES_PER_COIN = 108;
/** Luck shown as "at best": this many bits more than asked for come once in 64 payments. */
const LUCKY_BITS = 6;
/** Stands for a transaction that is not made yet; as long as a real locator. */
const PLACEHOLDER = `${'0'.repeat(40)}:${'0'.repeat(64)}` as Locator;

/** A coin the wallet may spend. */
export interface SpendableCoin {
  readonly locator: Locator;
  readonly amount: Amount;
  /** Trail of the transaction that made it. */
  readonly trail: Trail;
}

/** What is to be paid, by whom, and how. */
export interface PaymentOrder {
  readonly key: PublicKey;
  readonly sender: Address;
  readonly to: Address;
  readonly amount: Amount | 'all';
  readonly note: string | undefined;
  /** Files that the payment names; the burn rises with their descriptions, not with their contents. */
  readonly attachments?: readonly Attachment[];
  /** Transactions that the payment vouches for, ascending, none of them one whose coin it may spend. */
  readonly ref?: readonly TxId[];
  readonly time: number;
  /** Leading zero bits the work will reach at least. */
  readonly workBits: number;
  readonly parameters: NetworkParameters;
}

/** One transaction of a plan: spends coins of the wallet and results of earlier steps. */
export interface PlannedStep {
  /** With the locators of the coins; those of `after` are added by {@link draftOfStep}. */
  readonly draft: Draft;
  /** Indexes of earlier steps whose result is spent as well. */
  readonly after: readonly number[];
}

export interface PaymentPlan {
  /** The last step pays; the ones before merge coins into one. */
  readonly steps: readonly PlannedStep[];
  readonly amount: Amount;
  /** Exact, all steps together. */
  readonly burn: Amount;
  /** Sum over the steps, negative costs: at the level asked for, and with luck. */
  readonly workEffect: { readonly least: bigint; readonly best: bigint };
  /** What the last step leaves to the sender at the level asked for. */
  readonly change: Amount;
  readonly coins: number;
  /** Coins left alone because spending each costs more than it holds. */
  readonly dustCoins: number;
}

type Input =
  | { readonly kind: 'coin'; readonly coin: SpendableCoin; readonly amount: bigint; readonly trail: Trail }
  | { readonly kind: 'step'; readonly step: number; readonly amount: bigint; readonly trail: Trail };

/** Burn that one more coin costs: a coin that holds no more is dust. */
export const dustLimit = (parameters: NetworkParameters): Amount => burnOf(BYTES_PER_COIN, parameters);

const sum = (inputs: readonly { readonly amount: bigint }[]): bigint => inputs.reduce((total, input) => total + input.amount, 0n);

function draftFor(order: PaymentOrder, inputs: readonly Input[], to: Address, tokens: Amount): Draft {
  const prev = inputs.flatMap((input) => (input.kind === 'coin' ? [input.coin.locator] : [])).sort();
  return { time: order.time, to, tokens, key: order.key, prev, ref: [] };
}

/** The paying transaction, with what it says beside the money. */
function payingDraft(order: PaymentOrder, inputs: readonly Input[], tokens: Amount): Draft {
  const { note, attachments = [] } = order;
  const modules: Modules = {
    ...(attachments.length === 0 ? {} : { attachment: attachmentModule(attachments) }),
    ...(note === undefined || note === '' ? {} : { comment: note }),
  };
  const draft = { ...draftFor(order, inputs, order.to, tokens), ref: order.ref ?? [] };
  return Object.keys(modules).length === 0 ? draft : { ...draft, modules };
}

/** Most inputs of the paying transaction: what it says takes room from them. @throws {TtxError} `size` where none is left */
function mostInputs(order: PaymentOrder): number {
  const least = lengthWith(payingDraft(order, [], amount(order.amount === 'all' ? MAX_INTEGER : order.amount)), 1);
  if (least > MAX_FILE_BYTES) throw new TtxError('size', { what: 'attachments', sizeBytes: least });
  return Math.min(MAX_PREV, 1 + Math.floor((MAX_FILE_BYTES - least) / BYTES_PER_COIN));
}

/** Exact length of the file of `draft` with `count` inputs in all. */
function lengthWith(draft: Draft, count: number): number {
  return fileLength({ ...draft, prev: [PLACEHOLDER] }) + (count - 1) * BYTES_PER_COIN;
}

/** Work effect of one step. A result of an earlier step may have a luckier trail than planned, so there the charge is taken at its cap. */
function effectOf(inputs: readonly Input[], bits: number, burn: Amount, parameters: NetworkParameters): bigint {
  if (inputs.some((input) => input.kind === 'step')) return workEffect(0, [256], burn, parameters).charge * -1n;
  const trails = inputs.map((input, i) => ({ txid: String(i) as TxId, trail: input.trail }));
  const { reward, charge } = workEffect(bits, chooseBranch(trails).trail, burn, parameters);
  return reward - charge;
}

interface Cost {
  readonly burn: Amount;
  readonly least: bigint;
  readonly best: bigint;
  /** What the inputs hold after burn and work at the level asked for. */
  readonly left: bigint;
}

function costOf(order: PaymentOrder, inputs: readonly Input[], draft: Draft): Cost {
  const burn = burnOf(lengthWith(draft, inputs.length), order.parameters);
  const least = effectOf(inputs, order.workBits, burn, order.parameters);
  const best = effectOf(inputs, order.workBits + LUCKY_BITS, burn, order.parameters);
  return { burn, least, best, left: sum(inputs) - burn + least };
}

/**
 * The paying transaction. "All" is what is left after a burn that depends on how many digits "all" has: the greatest number of digits that
 * can be paid decides, and where the next digit costs more than is left over, 9…9 is the most.
 */
function planLast(order: PaymentOrder, inputs: readonly Input[]): { draft: Draft; cost: Cost } {
  const draftWith = (tokens: bigint) => payingDraft(order, inputs, amount(tokens));
  const costWith = (tokens: bigint) => costOf(order, inputs, draftWith(tokens));
  if (order.amount !== 'all') return { draft: draftWith(order.amount), cost: costWith(order.amount) };
  const most = min(sum(inputs) + BigInt(order.parameters.maxGain), BigInt(MAX_INTEGER));
  for (let digits = String(most).length; digits > 0; digits--) {
    const least = 10n ** BigInt(digits - 1);
    const cost = costWith(least);
    const tokens = min(min(cost.left, least * 10n - 1n), BigInt(MAX_INTEGER));
    if (tokens >= least) return { draft: draftWith(tokens), cost };
  }
  return { draft: draftWith(0n), cost: costWith(0n) };
}

/** Plans with exactly these coins, or says what is missing. */
function planWith(order: PaymentOrder, coins: readonly SpendableCoin[], dustCoins: number): PaymentPlan | { readonly missing: bigint } {
  const pool: Input[] = coins.map((coin) => ({ kind: 'coin', coin, amount: coin.amount, trail: coin.trail }));
  const steps: PlannedStep[] = [];
  const costs: Cost[] = [];
  const add = (inputs: readonly Input[], draft: Draft, cost: Cost) => {
    steps.push({ draft, after: inputs.flatMap((input) => (input.kind === 'step' ? [input.step] : [])) });
    costs.push(cost);
  };
  const most = mostInputs(order);
  while (pool.length > most) {
    const inputs = pool.splice(-MAX_PREV);
    const draft = draftFor(order, inputs, order.sender, amount(0));
    const cost = costOf(order, inputs, draft);
    if (cost.left <= 0n) return { missing: 1n - cost.left };
    add(inputs, draft, cost);
    pool.unshift({ kind: 'step', step: steps.length - 1, amount: cost.left, trail: [order.workBits] });
  }
  const { draft, cost } = planLast(order, pool);
  const change = cost.left - draft.tokens;
  if (change < 0n) return { missing: -change };
  if (order.amount === 'all' && draft.tokens === 0n) return { missing: 1n - cost.left };
  add(pool, draft, cost);
  return {
    steps,
    amount: draft.tokens,
    burn: amount(costs.reduce((total, step) => total + step.burn, 0n)),
    workEffect: {
      least: costs.reduce((total, step) => total + step.least, 0n),
      best: costs.reduce((total, step) => total + step.best, 0n),
    },
    change: amount(change),
    coins: coins.length,
    dustCoins,
  };
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const mean = (trail: Trail): number => trail.reduce((total, bits) => total + bits, 0) / trail.length;

/**
 * The last resort, complete for payments in one transaction: costs depend on how many coins are spent and on the greatest mean trail
 * among them, so for each such trail the largest coins up to it are the best there is. Dust may help where work pays for the burn.
 */
function planAtAnyCost(order: PaymentOrder, sorted: readonly SpendableCoin[], dustCoins: number): PaymentPlan | undefined {
  const wanted = order.amount === 'all' ? 0n : order.amount - BigInt(order.parameters.maxGain);
  for (const heaviest of new Set(sorted.map((coin) => mean(coin.trail)))) {
    const lighter = sorted.filter((coin) => mean(coin.trail) <= heaviest).slice(0, MAX_PREV);
    let held = 0n;
    for (const [i, coin] of lighter.entries()) {
      held += coin.amount;
      if (held < wanted) continue;
      const plan = planWith(order, lighter.slice(0, i + 1), Math.min(dustCoins, sorted.length - i - 1));
      if ('steps' in plan) return plan;
    }
  }
  return undefined;
}

/**
 * Chooses coins and plans the transactions that pay an order. The smallest single coin that suffices, else the largest coins
 * first: few coins make a small file, and the burn is per byte. "All" leaves out coins only where merging them costs more than they hold.
 * @throws {TtxError} `not-enough` with `missing` and `total` in base units; `size` when the descriptions of attachments do not fit the file
 */
export function planPayment(order: PaymentOrder, coins: readonly SpendableCoin[]): PaymentPlan {
  const limit = dustLimit(order.parameters);
  const sorted = [...coins].sort((a, b) => (a.amount === b.amount ? (a.locator < b.locator ? -1 : 1) : a.amount > b.amount ? -1 : 1));
  const worth = sorted.filter((coin) => coin.amount > limit);
  // Where all coins are dust, one of them may still carry a payment on a network with cheap bytes.
  const usable = worth.length > 0 ? worth : sorted.slice(0, 1);
  const dustCoins = coins.length - usable.length;
  const total = sum(coins);
  if (usable.length === 0) throw new TtxError('not-enough', { missing: order.amount === 'all' ? 1n : order.amount, total });

  const { amount: wanted } = order;
  if (wanted !== 'all') {
    for (const coin of [...usable].reverse()) {
      if (coin.amount < wanted) continue;
      const plan = planWith(order, [coin], dustCoins);
      if ('steps' in plan) return plan;
    }
  }
  const counts = usable.map((_, i) => (wanted === 'all' ? usable.length - i : i + 1));
  let missing: bigint | undefined;
  for (const count of counts) {
    const chosen = usable.slice(0, count);
    if (wanted !== 'all' && count < usable.length && sum(chosen) < wanted) continue;
    const plan = planWith(order, chosen, dustCoins);
    if ('steps' in plan) return plan;
    missing = missing === undefined || plan.missing < missing ? plan.missing : missing;
  }
  const plan = planAtAnyCost(order, sorted, dustCoins);
  if (plan !== undefined) return plan;
  throw new TtxError('not-enough', { missing: missing ?? 1n, total });
}

/** The draft of a step, once the locators of earlier steps are known. */
export function draftOfStep(step: PlannedStep, results: readonly Locator[]): Draft {
  const earlier = step.after.map((index) => results[index]).filter(isLocator);
  if (earlier.length !== step.after.length) throw new TtxError('bug', { what: 'step before its inputs' });
  const prev = [...(step.draft.prev ?? []), ...earlier].sort();
  if (new Set(prev.map(txidOf)).size !== prev.length) throw new TtxError('bug', { what: 'coin twice' });
  return { ...step.draft, prev };
}
