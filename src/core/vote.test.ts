import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTxId } from './id.ts';
import { MAX_VOTES } from './limit.ts';
import vectors from './vectors/vote.json' with { type: 'json' };
import { addVote, type Ballot, ballotWeight, type CountedVote, voteBits, voteCore } from './vote.ts';

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.name, v] as const))('%s', (_, vector) => {
    const core = voteCore(checkTxId(vector.genesis), checkTxId(vector.txid));
    expect(bytesToHex(core)).toBe(vector.core);
    expect(voteBits(core, vector.nonce)).toBe(vector.bits);
  });
});

const vote: fc.Arbitrary<CountedVote> = fc.record({ nonce: fc.nat(500), bits: fc.nat(40) });
/** What a nonce is worth follows from it. */
const votes = fc.array(vote, { maxLength: 300 }).map((some) => some.map(({ nonce }) => ({ nonce, bits: (nonce * 7) % 41 })));
const countAll = (some: readonly CountedVote[]) => some.reduce<Ballot>(addVote, []);

describe('a ballot', () => {
  test('does not depend on the order in which votes come, or how often', () => {
    fc.assert(
      fc.property(votes, fc.infiniteStream(fc.nat()), (some, numbers) => {
        const shuffled = some.map((one) => ({ one, at: numbers.next().value })).sort((a, b) => a.at - b.at);
        expect(countAll([...shuffled.map(({ one }) => one), ...some])).toEqual(countAll(some));
      }),
    );
  });

  test('keeps the heaviest, and is the same ballot when a vote changes nothing', () => {
    const heavy = countAll(Array.from({ length: MAX_VOTES }, (_, nonce) => ({ nonce, bits: 20 })));
    expect(heavy).toHaveLength(MAX_VOTES);
    expect(addVote(heavy, { nonce: 1_000, bits: 19 })).toBe(heavy);
    expect(addVote(heavy, { nonce: 0, bits: 20 })).toBe(heavy);
    expect(ballotWeight(addVote(heavy, { nonce: 1_000, bits: 60 }))).toBe(63n * 2n ** 20n + 2n ** 60n);
  });
});
