import { expect, test } from 'vitest';
import type { Standing } from '../../api/node.ts';
import { decide } from '../../core/decide.ts';
import type { TxId } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';
import { firmness } from './firmness.ts';

const [alice, bob, carol] = [person('alice'), person('bob'), person('carol')];
const { file: genesis, network } = makeGenesis(alice);
const toBob = makePayment(alice, [genesis], bob.address, 500_000_000n);
const change = makePayment(bob, [toBob], carol.address, 1_000_000n);
const later = makePayment(bob, [change], carol.address, 1_000_000n);

function firm(stages: ReadonlyMap<TxId, Standing['stage']>) {
  const ledger = new Ledger(network);
  for (const file of [genesis, toBob, change, later]) ledger.apply(file.txid, decide(file, 'valid', ledger));
  const isFirm = firmness(bob.address, ledger, (txid) => stages.get(txid) ?? 'confirmed');
  return [toBob, change, later].map(({ txid }) => isFirm(txid));
}

const stages = (stage: Standing['stage'], ...files: TransactionFile[]) => new Map(files.map(({ txid }) => [txid, stage]));

test('change of what another has just paid is as little firm as the payment, however often it changes hands', () => {
  expect(firm(stages('fresh', toBob, change, later))).toEqual([false, false, false]);
  expect(firm(stages('settled', toBob, change, later))).toEqual([false, false, false]);
});

test('change of what is confirmed is firm at once', () => {
  expect(firm(stages('fresh', change, later))).toEqual([true, true, true]);
  expect(firm(stages('fresh', later))).toEqual([true, true, true]);
});

test('too long a line of what is not confirmed is not firm, wherever it begins', () => {
  const ledger = new Ledger(network);
  const line = [toBob];
  for (let time = 10; time < 310; time++) line.push(makePayment(bob, line.slice(-1), carol.address, 1n, time));
  for (const file of [genesis, ...line]) ledger.apply(file.txid, decide(file, 'valid', ledger));
  const isFirm = firmness(bob.address, ledger, () => 'fresh');
  expect([line[200], line[300]].map((file) => isFirm((file ?? toBob).txid))).toEqual([false, false]);
});
