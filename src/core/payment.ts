/**
 * Planning a payment: which coins, in how many transactions, at what cost. Pure, so that the cost is known exactly before
 * anything is signed; the only unknown is luck: the work may turn out better than the level asked for.
 */
import { burnOf, chooseBranch, type Trail, workEffect } from './cost.ts';
import { TtxError } from './error.ts';
import { type Address, type Amount, amount, isLocator, type Locator, type PublicKey, type TxId, txidOf } from './id.ts';
import { MAX_INTEGER, MAX_PREV } from './limit.ts';
import type { NetworkParameters } from './network.ts';
import { type Draft, fileLength } from './transaction.ts';

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

function draftFor(order: PaymentOrder, inputs: readonly Input[], to: Address, tokens: Amount, note: string | undefined): Draft {
  const prev = inputs.flatMap((input) => (input.kind === 'coin' ? [input.coin.locator] : [])).sort();
  const modules = note === undefined || note === '' ? {} : { modules: { comment: note } };
  return { time: order.time, to, tokens, key: order.key, prev, ref: [], ...modules };
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

/** The paying transaction. "All" is what is left after a burn that depends on how many digits "all" has: guess, then use the guess. */
function planLast(order: PaymentOrder, inputs: readonly Input[]): { draft: Draft; cost: Cost } {
  const draftWith = (tokens: bigint) => draftFor(order, inputs, order.to, amount(tokens), order.note);
  if (order.amount !== 'all') {
    const draft = draftWith(order.amount);
    return { draft, cost: costOf(order, inputs, draft) };
  }
  const clamp = (units: bigint) => min(units < 0n ? 0n : units, BigInt(MAX_INTEGER));
  const guess = clamp(costOf(order, inputs, draftWith(clamp(sum(inputs)))).left);
  const cost = costOf(order, inputs, draftWith(guess));
  const all = clamp(cost.left);
  return { draft: draftWith(String(all).length === String(guess).length ? all : guess), cost };
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
  while (pool.length > MAX_PREV) {
    const inputs = pool.splice(-MAX_PREV);
    const draft = draftFor(order, inputs, order.sender, amount(0), undefined);
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

/**
 * Chooses coins and plans the transactions that pay an order. The smallest single coin that suffices, else the largest coins
 * first: few coins make a small file, and the burn is per byte.
 * @throws {TtxError} `not-enough` with `missing` and `total` in base units
 */
export function planPayment(order: PaymentOrder, coins: readonly SpendableCoin[]): PaymentPlan {
  const limit = dustLimit(order.parameters);
  const worth = coins
    .filter((coin) => coin.amount > limit)
    .sort((a, b) => (a.amount === b.amount ? (a.locator < b.locator ? -1 : 1) : a.amount > b.amount ? -1 : 1));
  // Where all coins are dust, one of them may still carry a payment on a network with cheap bytes.
  const usable = worth.length > 0 ? worth : [...coins].sort((a, b) => (a.amount > b.amount ? -1 : 1)).slice(0, 1);
  const dustCoins = coins.length - usable.length;
  const total = sum(coins);
  if (usable.length === 0) throw new TtxError('not-enough', { missing: order.amount === 'all' ? 1n : order.amount, total });

  if (order.amount !== 'all') {
    const wanted = order.amount;
    for (const coin of [...usable].reverse()) {
      if (coin.amount < wanted) continue;
      const plan = planWith(order, [coin], dustCoins);
      if ('steps' in plan) return plan;
    }
  }
  let missing = 0n;
  let held = 0n;
  for (let count = 1; count <= usable.length; count++) {
    held += usable[count - 1]?.amount ?? 0n;
    const all = count === usable.length;
    if (order.amount === 'all' ? !all : held < order.amount && !all) continue;
    const plan = planWith(order, usable.slice(0, count), dustCoins);
    if ('steps' in plan) return plan;
    missing = plan.missing;
  }
  throw new TtxError('not-enough', { missing, total });
}

/** The draft of a step, once the locators of earlier steps are known. */
export function draftOfStep(step: PlannedStep, results: readonly Locator[]): Draft {
  const earlier = step.after.map((index) => results[index]).filter(isLocator);
  if (earlier.length !== step.after.length) throw new TtxError('bug', { what: 'step before its inputs' });
  const prev = [...(step.draft.prev ?? []), ...earlier].sort();
  if (new Set(prev.map(txidOf)).size !== prev.length) throw new TtxError('bug', { what: 'coin twice' });
  return { ...step.draft, prev };
}
