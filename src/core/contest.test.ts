import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advance,
  contestedStage,
  freshStage,
  isBeaten,
  isConfirmed,
  leads,
  leansToRival,
  type Side,
  type Stage,
  type Standoff,
} from './contest.ts';
import type { TxId } from './id.ts';
import { CONFIRM_MS, CONTEST_LEAD_MS, SETTLE_MS } from './limit.ts';
import vectors from './vectors/contest.json' with { type: 'json' };

const stages: Record<string, Stage> = {
  contested: contestedStage(0),
  settled: { kind: 'settled', sinceMs: 0, contested: false },
};

describe('vectors', () => {
  test.each(vectors.verdicts.map((v) => [v.description, v] as const))('%s', (_, vector) => {
    const [smaller, greater] = ['1', '2'] as TxId[] as [TxId, TxId];
    const { reporting, heaviest, ageMs, marginMs, isLate } = vector;
    const [ours, rival] = vector.smaller === 'ours' ? [smaller, greater] : [greater, smaller];
    const standoff: Standoff = {
      ours: { txid: ours, weight: BigInt(vector.ours), holders: vector.ourHolders, settled: vector.ourSettled },
      rival: { txid: rival, weight: BigInt(vector.rival), holders: vector.rivalHolders, settled: vector.rivalSettled },
      reporting,
      heaviest: BigInt(heaviest),
      ageMs,
      marginMs,
      isLate,
    };
    expect(isBeaten(stages[vector.stage] as Stage, standoff)).toBe(vector.beaten);
  });
});

const side = fc
  .record({ txid: fc.constantFrom('1' as TxId, '2' as TxId), weight: fc.bigInt(1n, 1_000n), holders: fc.nat(12), settled: fc.nat(12) })
  .map((one) => ({ ...one, settled: Math.min(one.settled, one.holders) }));
const standoffs: fc.Arbitrary<Standoff> = fc
  .record({
    ours: side,
    rival: side,
    silent: fc.nat(3),
    ageMs: fc.nat(60_000),
    marginMs: fc.integer({ min: -20_000, max: 20_000 }),
    isLate: fc.boolean(),
  })
  .filter(({ ours, rival }) => ours.txid !== rival.txid)
  .map(({ silent, ...rest }) => ({ ...rest, reporting: rest.ours.holders + rest.rival.holders + silent }));
const turned = (standoff: Standoff): Standoff => ({
  ...standoff,
  ours: standoff.rival,
  rival: standoff.ours,
  marginMs: -standoff.marginMs,
});

describe('a contest', () => {
  test('leans to exactly one side, seen from either', () => {
    fc.assert(fc.property(standoffs, (standoff) => leansToRival(standoff) !== leansToRival(turned(standoff))));
  });

  test('never leans in a circle, however many sides there are', () => {
    const weights = fc.array(fc.bigInt(1n, 100n), { minLength: 3, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.nat(12_000), (all, ageMs) => {
        const heaviest = all.reduce((most, weight) => (weight > most ? weight : most));
        const sides = all.map((weight, i) => ({ txid: `${i}` as TxId, weight, holders: 1 }));
        const against = (ours: Side, rival: Side) => ({ ours, rival, heaviest, reporting: 8, ageMs, marginMs: 0 });
        const isBest = (one: Side) => sides.every((other) => other === one || leansToRival(against(other, one)));
        expect(sides.filter(isBest)).toHaveLength(1);
      }),
    );
  });

  test('who has just gone over does not go back while nothing changes', () => {
    fc.assert(
      fc.property(standoffs, (standoff) => {
        const over = isBeaten(contestedStage(0), standoff);
        expect(over && isBeaten(contestedStage(0), turned(standoff))).toBe(false);
      }),
    );
  });

  test('who leads is not beaten, except by nearly nothing but its leaning', () => {
    fc.assert(
      fc.property(standoffs, (standoff) => {
        if (leads(standoff) && !leansToRival(standoff) && !standoff.isLate) expect(isBeaten(contestedStage(0), standoff)).toBe(false);
      }),
    );
  });

  test('more peers on our side never make us leave', () => {
    fc.assert(
      fc.property(standoffs, fc.nat(5), (standoff, more) => {
        const { ours, reporting } = standoff;
        const stronger = { ...standoff, ours: { ...ours, holders: ours.holders + more }, reporting: reporting + more };
        if (standoff.reporting > 0 && isBeaten(contestedStage(0), stronger)) expect(isBeaten(contestedStage(0), standoff)).toBe(true);
      }),
    );
  });
});

describe('a stage', () => {
  const quiet = { isContested: false, isLeading: true, parentsSettled: true };

  test('settles after 10 s without a rival, once its parents have', () => {
    const fresh = freshStage(1_000);
    expect(advance(fresh, quiet, 1_000 + SETTLE_MS - 1)).toBe(fresh);
    expect(advance(fresh, { ...quiet, parentsSettled: false }, 1_000 + SETTLE_MS)).toBe(fresh);
    expect(advance(fresh, quiet, 1_000 + SETTLE_MS)).toEqual({ kind: 'settled', sinceMs: 1_000 + SETTLE_MS, contested: false });
  });

  test('is contested from the first rival on, and settles when it has led for 10 s without a break', () => {
    const contested = advance(freshStage(0), { ...quiet, isContested: true, isLeading: false }, 5_000);
    expect(contested).toEqual(contestedStage(5_000));
    const leading = advance(contested, { ...quiet, isContested: true }, 6_000);
    expect(leading).toMatchObject({ kind: 'contested', leadSinceMs: 6_000 });
    const behind = advance(leading, { ...quiet, isContested: true, isLeading: false }, 7_000);
    expect(behind).toMatchObject({ kind: 'contested', leadSinceMs: undefined });
    const again = advance(behind, { ...quiet, isContested: true }, 8_000);
    expect(advance(again, { ...quiet, isContested: true }, 8_000 + CONTEST_LEAD_MS - 1)).toBe(again);
    expect(advance(again, { ...quiet, isContested: true }, 8_000 + CONTEST_LEAD_MS)).toMatchObject({ kind: 'settled', contested: true });
  });

  test('a rival that comes after settling changes nothing', () => {
    const settled = stages.settled as Stage;
    expect(advance(settled, { ...quiet, isContested: true, isLeading: false }, 60_000)).toBe(settled);
  });

  test('is confirmed 5 s after settling, if most peers hold it; if it was contested, nearly all', () => {
    const settled: Stage = { kind: 'settled', sinceMs: 0, contested: false };
    expect(isConfirmed(settled, 3, 5, CONFIRM_MS - 1)).toBe(false);
    expect(isConfirmed(settled, 3, 5, CONFIRM_MS)).toBe(true);
    expect(isConfirmed(settled, 2, 4, CONFIRM_MS)).toBe(false);
    expect(isConfirmed(settled, 0, 0, CONFIRM_MS)).toBe(false);
    expect(isConfirmed({ ...settled, contested: true }, 9, 10, CONFIRM_MS)).toBe(false);
    expect(isConfirmed({ ...settled, contested: true }, 10, 10, CONFIRM_MS)).toBe(true);
    expect(isConfirmed(freshStage(0), 5, 5, 60_000)).toBe(false);
  });
});
