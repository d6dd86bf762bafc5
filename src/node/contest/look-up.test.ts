import { expect, test } from 'vitest';
import { type CoinId, coinId } from '../../core/id.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { addressAt, makeHistory } from '../testkit/history.ts';
import { LookUp } from './look-up.ts';

const [one, other, third] = makeHistory(3).map(({ txid }) => coinId(txid, addressAt('founder'))) as [CoinId, CoinId, CoinId];

function open() {
  const clock = new VirtualClock();
  const asked: CoinId[] = [];
  const lookUp = new LookUp({ clock, hasPeers: () => true, ask: (coins) => asked.push(...coins), changed: () => undefined });
  return { clock, lookUp, asked };
}

test('the person is warned where one of several coins is unanswered, until that one is answered, too', async () => {
  const { clock, lookUp } = open();
  lookUp.start([one, other]);
  lookUp.answered(one);
  lookUp.answered(one);
  await clock.advance(3_000);
  expect(lookUp.isUnanswered).toBe(true);
  lookUp.answered(other);
  expect(lookUp.isUnanswered).toBe(false);
});

test('a coin that was asked about a moment ago is not asked about again, and its answer counts', async () => {
  const { clock, lookUp, asked } = open();
  lookUp.start([one, other]);
  lookUp.answered(one);
  lookUp.start([other, third]);
  lookUp.start([one, other, third]);
  lookUp.answered(third);
  await clock.advance(3_000);
  expect(asked).toEqual([one, other, third]);
  expect(lookUp.isUnanswered).toBe(true);
  lookUp.answered(other);
  expect(lookUp.isUnanswered).toBe(false);
});
