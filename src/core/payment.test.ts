import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf } from './address.ts';
import type { Attachment } from './attachment.ts';
import { burnOf, chooseBranch, workEffect } from './cost.ts';
import { decide, type Network } from './decide.ts';
import type { Entry } from './entry.ts';
import { isTtxError } from './error.ts';
import {
  type Amount,
  amount,
  infohashFromBytes,
  infohashOf,
  type Locator,
  locator,
  publicKeyFromBytes,
  type Signature,
  txidFromBytes,
  txidOf,
} from './id.ts';
import { Ledger } from './ledger.ts';
import { MAX_INTEGER, MIN_WALLET_NONCE } from './limit.ts';
import type { NetworkParameters } from './network.ts';
import { draftOfStep, dustLimit, type PaymentOrder, type PaymentPlan, planPayment, type SpendableCoin } from './payment.ts';
import { searchWork } from './search.ts';
import { decodeTransaction, encodeTransaction, fileLength, workCore } from './transaction.ts';

const hash = (text: string) => sha256(new TextEncoder().encode(text));
const key = publicKeyFromBytes(hash('payer'));
const payee = addressOf(publicKeyFromBytes(hash('payee')), 'ttx');
const sender = addressOf(key, 'ttx');
const parametersOf = (changes: Partial<NetworkParameters>): NetworkParameters => ({
  name: 'payments',
  hrp: 'ttx',
  burnPerByte: 10,
  workReward: 100,
  maxGain: 0,
  ...changes,
});

interface Wealth {
  readonly units: number;
  readonly trail: readonly number[];
}
const coinsOf = (wealth: readonly Wealth[]): SpendableCoin[] =>
  wealth.map(({ units, trail }, i) => ({
    locator: locator(infohashFromBytes(hash(`infohash ${i}`).slice(0, 20)), txidFromBytes(hash(`coin ${i}`))),
    amount: amount(units),
    trail,
  }));

/** A ledger in which exactly these coins are unspent. */
function ledgerWith(coins: readonly SpendableCoin[], parameters: NetworkParameters): Ledger {
  const network: Network = { id: txidFromBytes(hash('network')), infohash: infohashFromBytes(hash('network').slice(0, 20)), parameters };
  const ledger = new Ledger(network);
  const nothing = amount(0);
  for (const coin of coins) {
    const txid = txidOf(coin.locator);
    const costs = { change: nothing, burn: nothing, reward: nothing, charge: nothing, sizeBytes: 0 };
    const entry: Entry = {
      txid,
      infohash: infohashOf(coin.locator),
      prev: [],
      sender: payee,
      to: sender,
      tokens: coin.amount,
      trail: coin.trail,
      ...costs,
    };
    ledger.apply(txid, { kind: 'accepted', entry });
  }
  return ledger;
}

/** Works on and accepts every step of a plan, as a wallet would. */
function execute(plan: PaymentPlan, order: PaymentOrder, ledger: Ledger, luck: number): Entry[] {
  const entries: Entry[] = [];
  const results: Locator[] = [];
  for (const step of plan.steps) {
    const draft = draftOfStep(step, results);
    const nonce = searchWork(workCore(draft), order.workBits, MIN_WALLET_NONCE + luck, 100_000) ?? 0;
    const file = decodeTransaction(encodeTransaction({ ...draft, nonce, signature: '0'.repeat(128) as Signature }));
    const decision = decide(file, 'valid', ledger);
    if (decision.kind !== 'accepted')
      throw new Error(`${decision.kind}: ${JSON.stringify(decision, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`);
    ledger.apply(file.txid, decision);
    entries.push(decision.entry);
    results.push(locator(file.infohash, file.txid));
  }
  return entries;
}

/** What these coins leave after burn and work, for a payment of `tokens` in one transaction. */
function left(order: PaymentOrder, coins: readonly SpendableCoin[], tokens: bigint): bigint {
  const modules = order.note === undefined || order.note === '' ? {} : { modules: { comment: order.note } };
  const prev = coins.map((coin) => coin.locator).sort();
  const size = fileLength({ time: order.time, to: order.to, tokens: amount(tokens), key, prev, ref: [], ...modules });
  const burn = burnOf(size, order.parameters);
  const branch = chooseBranch(coins.map((coin) => ({ txid: txidOf(coin.locator), trail: coin.trail })));
  const { reward, charge } = workEffect(order.workBits, branch.trail, burn, order.parameters);
  return coins.reduce((total, coin) => total + coin.amount, 0n) + reward - burn - charge;
}

/** Every choice of at least one coin. */
const subsets = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: 2 ** items.length - 1 }, (_, chosen) => items.filter((__, i) => ((chosen + 1) >> i) & 1));

/** Whether an amount of another number of digits, or one more unit, could be paid with the same coins. */
function couldPayMore(order: PaymentOrder, coins: readonly SpendableCoin[], tokens: bigint): boolean {
  for (let digits = String(tokens).length; digits <= 16; digits++) {
    const lowest = 10n ** BigInt(digits - 1);
    const more = tokens + 1n > lowest ? tokens + 1n : lowest;
    if (more < lowest * 10n && more <= BigInt(MAX_INTEGER) && left(order, coins, more) >= more) return true;
  }
  return false;
}

const trail = fc.array(fc.nat(12), { minLength: 1, maxLength: 5 });
const units = fc.oneof(fc.nat(3_000), fc.nat(40_000), fc.nat(2_000_000), fc.maxSafeNat());
const wealth = (maxLength: number) => fc.array(fc.record({ units: units.map((n) => Math.max(1, n)), trail }), { minLength: 1, maxLength });
const rules = fc
  .record({
    burnPerByte: fc.constantFrom(0, 1, 10, 1000),
    workReward: fc.constantFrom(0, 1, 100, 100_000),
    maxGain: fc.constantFrom(0, 0, 5000),
  })
  .map(parametersOf);
const orderOf = (parameters: NetworkParameters, wanted: Amount | 'all', changes: Partial<PaymentOrder> = {}): PaymentOrder => ({
  key,
  sender,
  to: payee,
  amount: wanted,
  note: undefined,
  time: 1_700_000_000_000,
  workBits: 0,
  parameters,
  ...changes,
});
const order = fc
  .record({
    parameters: rules,
    wanted: fc.oneof(
      fc.constant('all' as const),
      units.map((n) => amount(n)),
    ),
    to: fc.constantFrom(payee, payee, sender),
    note: fc.constantFrom(undefined, '', 'Thanks', '"\n✓"'),
    workBits: fc.nat(4),
  })
  .map(({ parameters, wanted, ...changes }) => orderOf(parameters, wanted, changes));

/** The plan, or undefined when there is not enough. */
function tryPlan(wanted: PaymentOrder, coins: readonly SpendableCoin[]): PaymentPlan | undefined {
  try {
    return planPayment(wanted, coins);
  } catch (error) {
    expect(isTtxError(error, 'not-enough')).toBe(true);
    return undefined;
  }
}

function checkExecution(wanted: PaymentOrder, coins: readonly SpendableCoin[], plan: PaymentPlan, luck: number): void {
  const ledger = ledgerWith(coins, wanted.parameters);
  const entries = execute(plan, wanted, ledger, luck);
  const last = entries.at(-1);
  const sum = (of: (entry: Entry) => bigint) => entries.reduce((total, entry) => total + of(entry), 0n);
  expect(sum((entry) => entry.burn)).toBe(plan.burn);
  expect(sum((entry) => entry.reward - entry.charge) >= plan.workEffect.least).toBe(true);
  expect(last?.tokens).toBe(plan.amount);
  expect(last?.to).toBe(wanted.to);
  expect(last !== undefined && last.change >= plan.change).toBe(true);
  if (wanted.amount !== 'all') expect(plan.amount).toBe(wanted.amount);
}

describe('plans', () => {
  test('every plan is accepted, burns what it says and leaves at least what it says', () => {
    fc.assert(
      fc.property(order, wealth(12), fc.nat(1000), (wanted, list, luck) => {
        const coins = coinsOf(list);
        const plan = tryPlan(wanted, coins);
        if (plan !== undefined) checkExecution(wanted, coins, plan, luck);
      }),
      { numRuns: 300 },
    );
  });

  test('"not enough" is said only when no choice of coins would do', () => {
    fc.assert(
      fc.property(order, wealth(5), fc.nat(4000), (wanted, list, spare) => {
        const coins = coinsOf(list);
        // An amount just around what there is, where the answer is hard.
        const total = coins.reduce((sum, coin) => sum + coin.amount, 0n);
        const near = total > BigInt(spare) && total - BigInt(spare) <= BigInt(MAX_INTEGER) ? amount(total - BigInt(spare)) : wanted.amount;
        for (const asked of [wanted, { ...wanted, amount: near }]) {
          if (tryPlan(asked, coins) !== undefined) continue;
          const least = asked.amount === 'all' ? 1n : asked.amount;
          expect(subsets(coins).some((choice) => left(asked, choice, least) >= least)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('"all" leaves the least that is possible', () => {
    fc.assert(
      fc.property(order, wealth(8), (wanted, list) => {
        const coins = coinsOf(list);
        const all: PaymentOrder = { ...wanted, amount: 'all' };
        const plan = tryPlan(all, coins);
        fc.pre(plan !== undefined && plan.steps.length === 1);
        const spent = coins.filter((coin) => plan?.steps[0]?.draft.prev?.includes(coin.locator));
        expect(couldPayMore(all, spent, plan?.amount ?? 0n)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('more than 32 coins are merged first', () => {
    const count = fc.integer({ min: 33, max: 120 });
    fc.assert(
      fc.property(
        rules,
        count,
        fc.integer({ min: 200_000, max: 9_000_000 }),
        trail,
        fc.nat(2),
        fc.nat(1000),
        (parameters, n, each, path, workBits, luck) => {
          const coins = coinsOf(Array.from({ length: n }, (_, i) => ({ units: each + i, trail: path })));
          const wanted = orderOf(parameters, 'all', { workBits });
          const plan = planPayment(wanted, coins);
          expect(plan.steps.length).toBeGreaterThan(1);
          expect(plan.coins).toBe(n);
          checkExecution(wanted, coins, plan, luck);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('coins that barely exceed dust do not keep "all" from paying the others', () => {
    const parameters = parametersOf({ burnPerByte: 1000, workReward: 0 });
    const coins = coinsOf(Array.from({ length: 40 }, (_, i) => ({ units: i === 0 ? 900_000_000 : 110_000 + i, trail: [0] })));
    const wanted = orderOf(parameters, 'all');
    const plan = planPayment(wanted, coins);
    expect(plan.amount > 890_000_000n).toBe(true);
    checkExecution(wanted, coins, plan, 0);
  });

  test('a coin that costs more than it holds is left alone', () => {
    const parameters = parametersOf({ burnPerByte: 1000, workReward: 0 });
    const dust = Number(dustLimit(parameters));
    const plan = planPayment(
      orderOf(parameters, 'all'),
      coinsOf([
        { units: 9_000_000, trail: [0] },
        { units: dust, trail: [0] },
        { units: dust + 1, trail: [0] },
      ]),
    );
    expect([plan.coins, plan.dustCoins]).toEqual([2, 1]);
  });

  test('"all" is 9…9 where the next digit costs more than is left', () => {
    const parameters = parametersOf({ burnPerByte: 1000, workReward: 0 });
    const wanted = orderOf(parameters, 'all');
    const [probe] = coinsOf([{ units: 9_000_000, trail: [0] }]);
    const burn = probe === undefined ? 0n : probe.amount - left(wanted, [probe], 100_000n);
    const coins = coinsOf([{ units: Number(burn) + 1_000_500, trail: [0] }]);
    const plan = planPayment(wanted, coins);
    expect([plan.amount, plan.change]).toEqual([999_999n, 501n]);
    checkExecution(wanted, coins, plan, 0);
  });

  test('a coin with a heavy history does not keep lighter ones from paying', () => {
    const parameters = parametersOf({ burnPerByte: 1000, workReward: 1_000_000 });
    const coins = coinsOf([
      { units: 2_000_000, trail: [0] },
      { units: 700_000, trail: [20] },
      { units: 650_000, trail: [0] },
    ]);
    const wanted = orderOf(parameters, amount(2_060_000));
    const plan = planPayment(wanted, coins);
    expect(plan.coins).toBe(2);
    checkExecution(wanted, coins, plan, 0);
  });

  test('dust pays where work pays for the burn', () => {
    const parameters = parametersOf({ burnPerByte: 1000, workReward: 1_000_000 });
    const coins = coinsOf(Array.from({ length: 20 }, () => ({ units: 50_000, trail: [0] })));
    const wanted = orderOf(parameters, amount(600_000), { workBits: 4 });
    checkExecution(wanted, coins, planPayment(wanted, coins), 0);
  });

  test('no coins are not enough', () => {
    expect(tryPlan(orderOf(parametersOf({}), 'all'), [])).toBeUndefined();
  });
});

describe('attached files', () => {
  const attached = (length: number, count = 1): Attachment[] =>
    Array.from({ length: count }, (_, i) => ({
      infohash: infohashFromBytes(hash(`file ${i}`).slice(0, 20)),
      sha256: 'a'.repeat(64),
      name: 'é'.repeat(length),
      size: 16_777_216,
      type: 'image/png',
    }));
  const orderWith = (attachments: readonly Attachment[]): PaymentOrder => ({
    key,
    sender,
    to: payee,
    amount: amount(1_000),
    note: 'with files',
    attachments,
    time: 3,
    workBits: 0,
    parameters: parametersOf({}),
  });
  const rich = coinsOf([{ units: 100_000_000, trail: [0] }]);

  test('stand in the paying transaction, and cost the bytes of their descriptions', () => {
    const files = attached(10);
    const plan = planPayment(orderWith(files), rich);
    const draft = plan.steps[0]?.draft;
    expect(draft?.modules).toEqual({ attachment: { files }, comment: 'with files' });
    expect(plan.burn).toBe(burnOf(fileLength(draftOfStep(plan.steps[0] as never, [])), parametersOf({})));
    expect(plan.burn).toBeGreaterThan(planPayment(orderWith([]), rich).burn);
  });

  test('take room from coins, which are merged first', () => {
    const coins = coinsOf(Array.from({ length: 32 }, () => ({ units: 1_000_000, trail: [0] })));
    const all: PaymentOrder = { ...orderWith(attached(128, 40)), amount: 'all' };
    expect(planPayment({ ...all, attachments: [] }, coins).steps).toHaveLength(1);
    const plan = planPayment({ ...all, note: 'n'.repeat(1_000), attachments: attached(128, 28) }, coins);
    expect(plan.steps.length).toBeGreaterThan(1);
    for (const step of plan.steps) {
      expect(
        fileLength(
          draftOfStep(
            step,
            plan.steps.map((_, i) => coins[i]?.locator as Locator),
          ),
        ),
      ).toBeLessThanOrEqual(16_384);
    }
  });

  test('that do not fit a transaction are refused', () => {
    expect(() => planPayment(orderWith(attached(128, 40)), rich)).toThrowError(expect.objectContaining({ code: 'size' }));
  });
});
