import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { burnOf, chooseBranch, extendTrail, workEffect } from './cost.ts';
import { amount, type TxId } from './id.ts';
import type { NetworkParameters } from './network.ts';
import vectors from './vectors/cost.json' with { type: 'json' };

const parameters = (changes: Partial<NetworkParameters>): NetworkParameters => ({
  name: 'cost',
  hrp: 'ttx',
  burnPerByte: 0,
  workReward: 0,
  maxGain: 0,
  ...changes,
});
const trail = fc.array(fc.nat(256), { minLength: 1, maxLength: 5 });

describe('vectors', () => {
  test.each(vectors.trail.map((v) => [v.name, v] as const))('extends a trail: %s', (_, vector) => {
    expect(extendTrail(vector.branch, vector.bits)).toEqual(vector.trail);
  });

  test.each(vectors.branch.map((v) => [v.name, v] as const))('chooses the branch: %s', (_, vector) => {
    const parents = vector.parents.map((parent) => ({ txid: parent.txid as TxId, trail: parent.trail }));
    expect(chooseBranch(parents)).toBe(parents[vector.chosen]);
    expect(chooseBranch([...parents].reverse())).toBe(parents[vector.chosen]);
  });

  test.each(vectors.burn.map((v) => [v.name, v] as const))('burns: %s', (_, { sizeBytes, burnPerByte, burn }) => {
    expect(String(burnOf(sizeBytes, parameters({ burnPerByte })))).toBe(burn);
  });

  test.each(vectors.effect.map((v) => [v.name, v] as const))('rewards and charges: %s', (_, vector) => {
    const { bits, branch, burn, workReward, maxGain, reward, charge } = vector;
    const effect = workEffect(bits, branch, amount(BigInt(burn)), parameters({ workReward, maxGain }));
    expect({ reward: String(effect.reward), charge: String(effect.charge) }).toEqual({ reward, charge });
  });
});

test('work is never worth more than the burn and the gain, nor costs more than the burn, and more of it is never worth less', () => {
  fc.assert(
    fc.property(fc.nat(255), trail, fc.maxSafeNat(), fc.nat(2 ** 30), fc.nat(2 ** 30), (bits, branch, burn, workReward, maxGain) => {
      const rules = parameters({ workReward, maxGain });
      const { reward, charge } = workEffect(bits, branch, amount(burn), rules);
      const more = workEffect(bits + 1, branch, amount(burn), rules);
      expect(reward <= BigInt(burn) + BigInt(maxGain) && charge <= BigInt(burn)).toBe(true);
      expect(reward === 0n || charge === 0n).toBe(true);
      expect(more.reward - more.charge >= reward - charge).toBe(true);
    }),
  );
});

test('the branch does not depend on the order of the parents', () => {
  const parents = fc.uniqueArray(fc.record({ txid: fc.stringMatching(/^[0-9a-f]{8}$/).map((id) => id as TxId), trail }), {
    minLength: 1,
    selector: ({ txid }) => txid,
  });
  fc.assert(
    fc.property(parents, fc.nat(), (list, turn) => {
      const turned = [...list.slice(turn % list.length), ...list.slice(0, turn % list.length)];
      expect(chooseBranch(turned)).toBe(chooseBranch(list));
    }),
  );
});
