import { describe, expect, test } from 'vitest';
import { decodeDoubleSpend, encodeDoubleSpend, isSigned } from './double-spend.ts';
import { TtxError } from './error.ts';
import vectors from './vectors/double-spend.json' with { type: 'json' };

const bytesOf = ([one = '', other = '']: readonly string[]) => [new TextEncoder().encode(one), new TextEncoder().encode(other)] as const;

describe('a double-spend proof', () => {
  test.each(vectors.valid.map((v) => [v.description, v] as const))('%s', (_, { files, key, spentTwice }) => {
    const proof = decodeDoubleSpend(bytesOf(files));
    expect([proof.key, proof.spentTwice]).toEqual([key, spentTwice]);
    expect(isSigned(proof)).toBe(true);
    expect(decodeDoubleSpend(encodeDoubleSpend(proof))).toEqual(proof);
  });

  test('is the same whatever the order of its files', () => {
    const [one, other] = vectors.valid.map(({ files }) => encodeDoubleSpend(decodeDoubleSpend(bytesOf(files))));
    expect(one).toEqual(other);
  });

  test.each(vectors.invalid.map((v) => [v.description, v] as const))('is not: %s', (_, { files, error }) => {
    const read = () => {
      if (!isSigned(decodeDoubleSpend(bytesOf(files)))) throw new TtxError('signature');
    };
    expect(read).toThrow(expect.objectContaining({ code: error }));
  });
});
