import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, networkOf } from './decide.ts';
import type { Coin } from './entry.ts';
import { amount, infohashFromBytes, locator, type PublicKey, type TxId, txidFromBytes, txidOf } from './id.ts';
import {
  acceptedOf,
  addressAt,
  arrive,
  checkSupply,
  foundNetwork,
  grant,
  hash,
  keys,
  makeWorld,
  people,
  rules,
  shuffle,
  TOKENS,
  UNSIGNED,
  unspent,
  wishes,
} from './ledger.contract.ts';
import { Ledger } from './ledger.ts';
import { countOf, leavesOf } from './merkle-tree.ts';
import { coinKey } from './state-summary.ts';
import type { TransactionFile } from './transaction.ts';

describe('without conflicts', () => {
  test('any order of arrival gives the same transactions, coins and supply', () => {
    fc.assert(
      fc.property(rules, wishes, keys, fc.boolean(), (parameters, list, turn, layered) => {
        const genesis = foundNetwork(parameters);
        const files = makeWorld(genesis, list, false);
        const inOrder = arrive(genesis, files, false);
        const shuffled = arrive(genesis, shuffle(files, turn), layered);
        const backwards = arrive(genesis, [...files].reverse(), !layered);
        for (const other of [shuffled, backwards]) {
          expect(acceptedOf(other)).toEqual(acceptedOf(inOrder));
          expect(unspent([other.ledger])).toEqual(unspent([inOrder.ledger]));
          expect(other.ledger.summary()).toEqual(inOrder.ledger.summary());
          // The same entry, not just the same verdict: costs and trails do not depend on the order either.
          for (const [txid, decision] of inOrder.decisions) {
            const found = other.decisions.get(txid);
            expect(found?.kind).toBe(decision.kind);
            if (decision.kind === 'accepted') expect(found).toEqual(decision);
          }
        }
      }),
    );
  });
});

describe('with double spends', () => {
  test('supply equals the unspent coins at every step, and no coin is spent twice', () => {
    fc.assert(
      fc.property(rules, wishes, keys, fc.boolean(), (parameters, list, turn, layered) => {
        const genesis = foundNetwork(parameters);
        const { ledger, decisions } = arrive(genesis, shuffle(makeWorld(genesis, list, true), turn), layered);
        const spent = [...ledger.accepted()].flatMap((entry) => entry.prev.map((parent) => `${parent}/${entry.sender}`));
        expect(new Set(spent).size).toBe(spent.length);
        for (const [txid, decision] of decisions) {
          if (decision.kind !== 'conflicted') continue;
          expect(ledger.isAccepted(txid)).toBe(false);
          expect(decision.winners.length).toBeGreaterThan(0);
          expect(decision.winners.every((winner) => ledger.isAccepted(winner))).toBe(true);
        }
      }),
    );
  });

  test('a conflicted transaction changes no coin', () => {
    fc.assert(
      fc.property(rules, wishes, (parameters, list) => {
        const genesis = foundNetwork(parameters);
        const ledger = new Ledger(networkOf(genesis));
        for (const file of makeWorld(genesis, list, true)) {
          const before = unspent([ledger]);
          const decision = decide(file, 'valid', ledger);
          ledger.apply(file.txid, decision);
          if (decision.kind !== 'accepted') expect(unspent([ledger])).toEqual(before);
        }
      }),
    );
  });

  test('costs do not depend on who wins', () => {
    fc.assert(
      fc.property(rules, wishes, keys, (parameters, list, turn) => {
        const genesis = foundNetwork(parameters);
        const files = makeWorld(genesis, list, true);
        const one = arrive(genesis, files, false).decisions;
        const other = arrive(genesis, shuffle(files, turn), true).decisions;
        for (const [txid, decision] of one) {
          const found = other.get(txid);
          if ('entry' in decision) expect(found !== undefined && 'entry' in found && found.entry).toEqual(decision.entry);
          else expect(found?.kind).toBe('rejected');
        }
      }),
    );
  });
});

describe('long chains', () => {
  const LENGTH = 100_000;
  const parameters = { burnPerByte: 0, workReward: 0, maxGain: 0 };
  const bytes = new Uint8Array(400);

  /** Decoding is not what is tested here: ids are counters. */
  function link(i: number, parent: { txid: TxId; infohash: TransactionFile['infohash'] }): TransactionFile {
    const id = new Uint8Array(32);
    new DataView(id.buffer).setUint32(0, i + 1);
    const transaction = {
      time: i,
      to: addressAt(0),
      tokens: amount(1),
      key: people[0] as PublicKey,
      prev: [locator(parent.infohash, parent.txid)],
      ref: [],
      nonce: 0,
      signature: UNSIGNED,
    };
    return {
      bytes,
      txid: txidFromBytes(id),
      infohash: infohashFromBytes(id.slice(0, 20)),
      transaction,
      hrp: 'ttx',
      sender: addressAt(0),
      workBits: 0,
    };
  }

  test('100,000 transactions are decided one by one, in batches, without recursion', { timeout: 60_000 }, () => {
    const genesis = foundNetwork(parameters);
    const ledger = new Ledger(networkOf(genesis));
    ledger.apply(genesis.txid, decide(genesis, 'valid', ledger));
    let parent = genesis;
    for (let i = 0; i < LENGTH; ) {
      const batch = new Ledger(ledger.network, ledger);
      for (const end = i + 1000; i < end; i++) {
        const file = link(i, parent);
        const decision = decide(file, 'valid', batch);
        if (decision.kind !== 'accepted') throw new Error(`${i}: ${decision.kind}`);
        batch.apply(file.txid, decision);
        parent = file;
      }
      ledger.absorb(batch);
    }
    expect(ledger.size).toBe(LENGTH + 1);
    checkSupply([ledger]);
    expect(countOf(ledger.trees().transactions)).toBe(LENGTH + 1);
    expect([...leavesOf(ledger.trees().coins)]).toEqual([{ key: coinKey(parent.txid, addressAt(0)), amount: BigInt(TOKENS) }]);
    expect(ledger.accepted(LENGTH, 5).map(({ txid }) => txid)).toEqual([parent.txid]);
    expect(unspent([ledger])).toEqual(new Map([[`${parent.txid}/${addressAt(0)}`, BigInt(TOKENS)]]));
    // A rival at the root: one decision, however much stands on the winner.
    const rival = { ...link(LENGTH, genesis), transaction: { ...link(0, genesis).transaction, time: -1 } };
    expect(decide(rival, 'valid', ledger)).toMatchObject({ kind: 'conflicted', winners: [link(0, genesis).txid] });
  });
});

describe('memory', () => {
  test('a forgotten rejection is only decided again', () => {
    const genesis = foundNetwork({ burnPerByte: 0, workReward: 0, maxGain: 0 });
    const ledger = new Ledger(networkOf(genesis));
    const first = txidFromBytes(hash('first'));
    ledger.apply(first, { kind: 'rejected', code: 'no-coin' });
    expect(ledger.isRejected(first)).toBe(true);
    for (let i = 0; i < 10_000; i++) ledger.apply(txidFromBytes(hash(`rejected ${i}`)), { kind: 'rejected', code: 'no-coin' });
    expect(ledger.isRejected(first)).toBe(false);
    expect(ledger.isRejected(txidFromBytes(hash('rejected 9999')))).toBe(true);
  });

  test('a pending transaction leaves no trace', () => {
    const genesis = foundNetwork({ burnPerByte: 0, workReward: 0, maxGain: 0 });
    const ledger = new Ledger(networkOf(genesis));
    const file = grant(
      { payer: 0, payee: 1, picks: [0], percent: 1, nonce: 0 },
      [{ id: 'x' as Coin['id'], txid: genesis.txid, owner: addressAt(0), amount: amount(5), file: genesis }],
      1,
    );
    const decision = file === undefined ? undefined : decide(file, 'valid', ledger);
    expect(decision).toEqual({ kind: 'pending', missing: file?.transaction.prev });
    if (file !== undefined && decision !== undefined) ledger.apply(file.txid, decision);
    expect([ledger.size, [...ledger.entries()].length, file && ledger.find(file.txid)]).toEqual([0, 0, undefined]);
    expect(
      txidOf(decision?.kind === 'pending' && decision.missing[0] ? decision.missing[0] : locator(genesis.infohash, genesis.txid)),
    ).toBe(genesis.txid);
  });
});
