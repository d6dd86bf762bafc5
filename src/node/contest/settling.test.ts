import { expect, test } from 'vitest';
import type { Entry } from '../../core/entry.ts';
import type { TxId } from '../../core/id.ts';
import { bareEntry } from '../testkit/people.ts';
import { alice } from '../testkit/world.ts';
import { Settling } from './settling.ts';

const entry = (n: number): Entry => bareEntry(alice.address, n.toString(16).padStart(64, '0') as TxId, []);

test('who holds a payment is counted only when it has been settled for long enough, for thousands may wait', () => {
  const settling = new Settling();
  for (let n = 0; n < 1_000; n++) settling.settle(entry(n), 1_000, false);
  let counted = 0;
  const step = (nowMs: number) =>
    settling.step(
      nowMs,
      0,
      () => true,
      () => {
        counted++;
        return { holders: 2, peers: 3 };
      },
    ).confirmed.length;
  expect([step(2_000), step(5_900), counted]).toEqual([0, 0, 0]);
  expect([step(6_000), counted, settling.isIdle]).toEqual([1_000, 1_000, true]);
});
