import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REJECT_CODES } from '../../core/error.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';
import type { Examined } from './examine.ts';
import { packBatch, packFindings, unpackBatch, unpackFindings } from './file-batch.ts';

const alice = person('alice');
const { file: genesis } = makeGenesis(alice);
const files = [genesis, ...Array.from({ length: 5 }, (_, i) => makePayment(alice, [genesis], alice.address, BigInt(i), i))];

test('files survive the way to another thread', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 600 })), (batch) => {
      expect(unpackBatch(packBatch(batch))).toEqual(batch);
    }),
  );
});

test('what was found out survives the way back, and a file is then what decoding made of it', () => {
  const rejected = fc.record({ code: fc.constantFrom(...REJECT_CODES) });
  const checked = fc.record({
    file: fc.constantFrom(...files),
    verdict: fc.constantFrom('valid' as const, 'key' as const, 'signature' as const),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(rejected, checked)), (findings: Examined[]) => {
      const batch = findings.map((found) => ('file' in found ? found.file.bytes : Uint8Array.of(1, 2, 3)));
      expect(unpackFindings(packFindings(findings), batch)).toEqual(findings);
    }),
  );
});

test('an answer that is too short for its batch is refused', () => {
  const findings = files.slice(0, 2).map((file) => ({ file, verdict: 'valid' as const }));
  const batch = files.map(({ bytes }) => bytes);
  expect(() => unpackFindings(packFindings(findings).slice(0, 12), batch)).toThrow(RangeError);
});
