import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { makeGenesis, makePayment, type Person, person } from '../node/testkit/people.ts';
import { switchTo } from './contest-switch.ts';
import { decide } from './decide.ts';
import { coinsOf, type Entry } from './entry.ts';
import { amount, type TxId } from './id.ts';
import { Ledger } from './ledger.ts';
import type { TransactionFile } from './transaction.ts';

const people = ['alice', 'bob', 'carol'].map(person) as [Person, Person, Person];
const [alice, bob, carol] = people;
const { file: genesis, network } = makeGenesis(alice);
const UNIT = 1_000_000_000n;
const level = () => 0n;

function ledgerOf(...files: readonly TransactionFile[]): Ledger {
  const ledger = new Ledger(network);
  for (const file of [genesis, ...files]) ledger.apply(file.txid, decide(file, 'valid', ledger));
  return ledger;
}

/** As a node does it: on a ledger laid over, then taken over. */
function go(ledger: Ledger, rival: TxId, weightOf: (txid: TxId) => bigint = level) {
  const draft = new Ledger(ledger.network, ledger);
  const change = switchTo(draft, rival, weightOf);
  expect(heldBy([ledger, draft])).toBe(draft.supply);
  checkRivals(draft, [ledger, draft]);
  ledger.absorb(draft);
  checkRivals(ledger, [ledger]);
  return change;
}

/** Rivals by coin are those that a search of all that is conflicted finds. */
function checkRivals(ledger: Ledger, known: readonly Ledger[]): void {
  const conflicted = [...ledger.conflicts().keys()].map((txid) => ledger.find(txid) as Entry);
  for (const entry of known.flatMap((one) => [...one.entries()])) {
    const spend = (parent: TxId) => conflicted.filter(({ sender, prev }) => sender === entry.sender && prev.includes(parent));
    for (const parent of entry.prev) expect(ledger.rivalsOf(parent, entry.sender)).toBe(spend(parent).length);
    const live = entry.prev.flatMap(spend).filter(({ prev }) => prev.every((parent) => ledger.isAccepted(parent)));
    expect(new Set(ledger.liveRivals(entry))).toEqual(new Set(live));
  }
}

const acceptedIn = (ledger: Ledger) => ledger.accepted().map(({ txid }) => txid);

/** Sum of the unspent coins as the top ledger sees them. */
function heldBy(ledgers: readonly Ledger[]): bigint {
  const top = ledgers.at(-1) as Ledger;
  const entries = new Map(ledgers.flatMap((ledger) => [...ledger.entries()].map((entry) => [entry.txid, entry] as const)));
  const coins = [...entries.values()].filter(({ txid }) => top.isAccepted(txid)).flatMap((entry) => top.unspentCoins(entry));
  return coins.reduce((sum, coin) => sum + coin.amount, 0n);
}

/** What is written down of it brings it back. */
function expectRestorable(ledger: Ledger): void {
  const restored = new Ledger(ledger.network);
  for (const entry of ledger.entries()) restored.restore(entry, ledger.findWinners(entry.txid) ?? []);
  expect(restored.summary()).toEqual(ledger.summary());
  expect(restored.conflicts()).toEqual(ledger.conflicts());
}

const toBob = makePayment(alice, [genesis], bob.address, 5n * UNIT);
const toCarol = makePayment(alice, [genesis], carol.address, 6n * UNIT);
const spentByBob = makePayment(bob, [toBob], carol.address, UNIT);
const changeOfBob = makePayment(bob, [spentByBob], alice.address, UNIT);
const spentByCarol = makePayment(carol, [toCarol], bob.address, UNIT);

test('the rivals of a payment are found without a look at all that is conflicted, which costs nothing to write', () => {
  const ledger = ledgerOf(toBob, toCarol);
  const looked = vi.spyOn(ledger, 'conflicts');
  const [entry] = ledger.accepted(1);
  expect(entry && ledger.liveRivals(entry).map(({ txid }) => txid)).toEqual([toCarol.txid]);
  expect(looked).not.toHaveBeenCalled();
});

describe('going over to a rival', () => {
  test('withdraws the loser and what builds on it, and accepts the rival and what builds on that', () => {
    const ledger = ledgerOf(toBob, spentByBob, changeOfBob, toCarol, spentByCarol);
    const change = go(ledger, toCarol.txid);
    expect(change?.withdrawn.map(({ txid }) => txid)).toEqual([toBob.txid, spentByBob.txid, changeOfBob.txid]);
    expect(change?.accepted.map(({ txid }) => txid)).toEqual([toCarol.txid, spentByCarol.txid]);
    expect(acceptedIn(ledger)).toEqual([genesis.txid, toCarol.txid, spentByCarol.txid]);
    expect(ledger.findWinners(changeOfBob.txid)).toEqual([toCarol.txid]);
    expect(ledger.summary()).toEqual(ledgerOf(toCarol, spentByCarol).summary());
    expectRestorable(ledger);
  });

  test('and back again gives what was there before', () => {
    const ledger = ledgerOf(toBob, spentByBob, toCarol, spentByCarol);
    const before = ledger.summary();
    go(ledger, toCarol.txid);
    go(ledger, toBob.txid);
    expect(ledger.summary()).toEqual(before);
    expect(ledger.conflicted).toBe(2);
    expectRestorable(ledger);
  });

  test('brings back what had lost only against the loser, the heaviest first', () => {
    const [one, two] = [makePayment(alice, [genesis], alice.address, 20n * UNIT), makePayment(alice, [genesis], alice.address, 0n, 9)];
    // a spends both coins; b the one, c and d the other.
    const base = [one];
    const split = makePayment(alice, [one], bob.address, 5n * UNIT);
    const coin = makePayment(bob, [split], bob.address, UNIT);
    const a = makePayment(bob, [coin], alice.address, 1n, 3);
    const both = makePayment(alice, [split], carol.address, UNIT, 4);
    expect(two.txid).not.toBe(one.txid);
    const c = makePayment(alice, [split], carol.address, UNIT, 5);
    const d = makePayment(alice, [split], carol.address, UNIT, 6);
    for (const heaviest of [c, d]) {
      const ledger = ledgerOf(...base, split, coin, a, both, c, d);
      const merged = makePayment(alice, [split], bob.address, UNIT, 7);
      ledger.apply(merged.txid, decide(merged, 'valid', ledger));
      go(ledger, merged.txid);
      expect(ledger.isAccepted(merged.txid)).toBe(true);
      // c and d lose against merged now, whoever they lost against before.
      expect(ledger.findWinners(heaviest.txid)).toEqual([merged.txid]);
    }
  });

  test('overlapping inputs: what is freed beside the rival is taken by the heavier of two', () => {
    const coins = [7n, 8n].map((units, i) => makePayment(i === 0 ? alice : alice, [genesis], bob.address, units * UNIT, 2 + i));
    const first = coins[0] as TransactionFile;
    const change = makePayment(alice, [first], bob.address, 3n * UNIT, 30);
    // bob owns a coin in `first` and one in `change`.
    const merge = makePayment(bob, [first, change], carol.address, UNIT);
    const rival = makePayment(bob, [first], carol.address, UNIT, 40);
    const [light, heavy] = [50, 60].map((time) => makePayment(bob, [change], alice.address, UNIT, time)) as [
      TransactionFile,
      TransactionFile,
    ];
    const ledger = ledgerOf(first, change, merge, rival, light, heavy);
    const done = go(ledger, rival.txid, (txid) => (txid === heavy.txid ? 2n : 1n));
    expect(done?.accepted.map(({ txid }) => txid)).toEqual([rival.txid, heavy.txid]);
    expect(ledger.findWinners(light.txid)).toEqual([heavy.txid]);
    expect(ledger.findWinners(merge.txid)).toEqual([rival.txid]);
    expectRestorable(ledger);
  });

  test('changes nothing for what is accepted, unknown, or builds on something conflicted', () => {
    const ledger = ledgerOf(toBob, toCarol, spentByCarol);
    const before = ledger.summary();
    expect(go(ledger, toBob.txid)).toBeUndefined();
    expect(go(ledger, spentByCarol.txid)).toBeUndefined();
    expect(go(ledger, spentByBob.txid)).toBeUndefined();
    expect(ledger.summary()).toEqual(before);
  });

  test('changes nothing for what spends a coin that its own history spent', () => {
    const own = makePayment(alice, [genesis], alice.address, UNIT);
    const twisted = makePayment(alice, [genesis, own], bob.address, UNIT);
    const ledger = ledgerOf(own, twisted);
    expect(ledger.findWinners(twisted.txid)).toEqual([own.txid]);
    expect(go(ledger, twisted.txid)).toBeUndefined();
    expect(acceptedIn(ledger)).toEqual([genesis.txid, own.txid]);
  });

  test('with 20,000 transactions on either side takes no recursion', { timeout: 60_000 }, () => {
    const ledger = ledgerOf(toBob, toCarol);
    const [one, other] = [toBob, toCarol].map((file) => ledger.find(file.txid)) as [Entry, Entry];
    for (const [tag, root] of [one, other].entries()) {
      let parent: Entry = root;
      for (let i = 0; i < 20_000; i++) {
        const txid = `${tag}${i.toString(16).padStart(63, '0')}` as TxId;
        const nothing = amount(0);
        parent = {
          ...parent,
          txid,
          prev: [parent.txid],
          sender: parent.to,
          change: nothing,
          burn: nothing,
          reward: nothing,
          charge: nothing,
        };
        ledger.apply(txid, root === one ? { kind: 'accepted', entry: parent } : { kind: 'conflicted', entry: parent, winners: [one.txid] });
      }
    }
    const draft = new Ledger(ledger.network, ledger);
    const change = switchTo(draft, other.txid, level);
    ledger.absorb(draft);
    expect([change?.withdrawn.length, change?.accepted.length]).toEqual([20_001, 20_001]);
    expect([ledger.size, ledger.conflicted, ledger.findWinners(one.txid)]).toEqual([20_002, 20_001, [other.txid]]);
  });
});

/** Payments whose coins may be spent already. */
interface Wish {
  readonly payer: number;
  readonly payee: number;
  readonly picks: readonly number[];
}
const wish: fc.Arbitrary<Wish> = fc.record({
  payer: fc.nat(2),
  payee: fc.nat(2),
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
});

function makeWorld(wishes: readonly Wish[]): TransactionFile[] {
  const ledger = ledgerOf();
  const files: TransactionFile[] = [genesis];
  for (const [i, { payer, payee, picks }] of wishes.entries()) {
    const from = people[payer] as Person;
    const own = files.filter((file) => coinsOf(ledger.find(file.txid) ?? (undefined as never)).some((coin) => coin.owner === from.address));
    const chosen = [...new Set(picks.map((pick) => own[pick % own.length]))].filter((file) => file !== undefined);
    if (chosen.length === 0) continue;
    const file = makePayment(from, chosen, (people[payee] as Person).address, 1_000_000n, 100 + i);
    const decision = decide(file, 'valid', ledger);
    if (decision.kind === 'rejected') continue;
    ledger.apply(file.txid, decision);
    files.push(file);
  }
  return files.slice(1);
}

describe('whatever is gone over to', () => {
  test('the supply stays the sum of the unspent coins, winners are accepted, and a restart brings it back', () => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 14, size: 'max' }), fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (wishes, picks) => {
        const ledger = ledgerOf(...makeWorld(wishes));
        for (const pick of picks) {
          const conflicted = [...ledger.conflicts().keys()];
          const rival = conflicted[pick % Math.max(1, conflicted.length)];
          if (rival === undefined) break;
          const change = go(ledger, rival);
          if (change !== undefined) expect(ledger.isAccepted(rival)).toBe(true);
          const spent = ledger.accepted().flatMap((entry) => entry.prev.map((parent) => `${parent}/${entry.sender}`));
          expect(new Set(spent).size).toBe(spent.length);
          expect(heldBy([ledger])).toBe(ledger.supply);
          for (const winners of ledger.conflicts().values()) for (const winner of winners) expect(ledger.isAccepted(winner)).toBe(true);
          expectRestorable(ledger);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('two sides and all that builds on them: whoever came first, the same side gives the same state', () => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 10, size: 'max' }), fc.infiniteStream(fc.nat()), (wishes, numbers) => {
        const world = makeWorld(wishes);
        const reference = ledgerOf(...world);
        const [rival] = reference.conflicts().keys();
        if (rival === undefined) return;
        // Another order of arrival, parents before children.
        const ledger = ledgerOf();
        const left = new Set(world);
        while (left.size > 0) {
          const able = [...left].filter((file) => decide(file, 'valid', ledger).kind !== 'pending');
          const next = able[numbers.next().value % able.length] as TransactionFile;
          ledger.apply(next.txid, decide(next, 'valid', ledger));
          left.delete(next);
        }
        // Each goes over to the same, in the same order, until nothing has to.
        const sides = (one: Ledger) => one.accepted().map(({ txid }) => txid);
        for (const txid of sides(reference)) if (!ledger.isAccepted(txid)) go(ledger, txid);
        expect(ledger.summary()).toEqual(reference.summary());
      }),
      { numRuns: 60 },
    );
  });
});
