import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, networkOf } from './decide.ts';
import type { Address, TxId } from './id.ts';
import { arrive, checkSupply, checkTrees, foundNetwork, makeWorld, rules, TOKENS, unspent, wishes } from './ledger.contract.ts';
import { Ledger } from './ledger.ts';
import { countOf, rootOf } from './merkle-tree.ts';
import { coinKey, type State } from './state-summary.ts';
import vectors from './vectors/tree.json' with { type: 'json' };

describe('the state', () => {
  test.each(vectors.coins.map((v) => [v.name, v] as const))('names the coin of %s', (_, { txid, address, key }) => {
    expect(coinKey(txid as TxId, address as Address)).toBe(key);
  });

  test('sums the work', () => {
    const genesis = foundNetwork({ burnPerByte: 0, workReward: 0, maxGain: 0 });
    const { ledger } = arrive(genesis, [genesis], true);
    const bits = ledger.find(genesis.txid)?.trail.at(-1) ?? -1;
    expect(ledger.summary()).toMatchObject({ transactions: 1, work: 2n ** BigInt(bits), supply: BigInt(TOKENS) });
  });

  test('of an earlier moment stays what it was', () => {
    const genesis = foundNetwork({ burnPerByte: 0, workReward: 0, maxGain: 0 });
    const ledger = new Ledger(networkOf(genesis));
    const before = ledger.trees();
    ledger.apply(genesis.txid, decide(genesis, 'valid', ledger));
    expect([countOf(before.transactions), countOf(ledger.trees().transactions)]).toEqual([0, 1]);
  });
});

describe('computed in parts', () => {
  test('it is the state of the moment when it was begun, whatever comes meanwhile', () => {
    fc.assert(
      fc.property(rules, wishes, fc.integer({ min: 1, max: 9 }), fc.boolean(), (parameters, list, most, layered) => {
        const genesis = foundNetwork(parameters);
        const ledger = new Ledger(networkOf(genesis));
        const told: State[] = [];
        const exact = new Map([[0, ledger.summary()]]);
        for (const file of [genesis, ...makeWorld(genesis, list, true)]) {
          const above = layered ? new Ledger(ledger.network, ledger) : ledger;
          if (above.find(file.txid) === undefined) above.apply(file.txid, decide(file, 'valid', above));
          if (layered) ledger.absorb(above);
          told.push(...[ledger.prepareState(most)].filter((state) => state !== undefined));
          // Of another ledger, because asking this one would do all of the work.
          const other = new Ledger(ledger.network);
          for (const entry of ledger.entries()) other.restore(entry, ledger.findWinners(entry.txid) ?? []);
          exact.set(ledger.size, other.summary());
        }
        for (let turns = 0; turns < 10_000 && told.at(-1)?.summary.transactions !== ledger.size; turns++)
          told.push(...[ledger.prepareState(most)].filter((state) => state !== undefined));
        for (const { summary, trees } of told) {
          expect(summary).toEqual(exact.get(summary.transactions));
          expect([rootOf(trees.transactions), rootOf(trees.coins)]).toEqual([summary.transactionsRoot, summary.coinsRoot]);
        }
        expect(told.at(-1)?.summary).toEqual(ledger.summary());
      }),
    );
  });
});

describe('restored', () => {
  test('at any point, it goes on to the same decisions, coins and state, whenever its trees are prepared', () => {
    fc.assert(
      fc.property(rules, wishes, fc.nat(40), fc.array(fc.nat(5)), fc.boolean(), (parameters, list, cut, pauses, layered) => {
        const genesis = foundNetwork(parameters);
        const files = makeWorld(genesis, list, true);
        const whole = arrive(genesis, files, false).ledger;
        const before = arrive(genesis, files.slice(0, cut), false).ledger;
        const again = new Ledger(networkOf(genesis));
        for (const entry of before.entries()) again.restore(entry, before.findWinners(entry.txid) ?? []);
        expect(unspent([again])).toEqual(unspent([before]));
        for (const [i, file] of files.slice(cut).entries()) {
          again.prepareState(pauses[i] ?? 0);
          const above = layered ? new Ledger(again.network, again) : again;
          if (above.find(file.txid) === undefined) above.apply(file.txid, decide(file, 'valid', above));
          if (!layered) continue;
          if (i % 3 === 0) above.trees();
          again.absorb(above);
        }
        expect(again.summary()).toEqual(whole.summary());
        expect([...again.entries()].map(({ txid }) => [txid, again.findWinners(txid)])).toEqual(
          [...whole.entries()].map(({ txid }) => [txid, whole.findWinners(txid)]),
        );
        checkSupply([again]);
        checkTrees([again]);
      }),
    );
  });
});
