import { describe, expect, test } from 'vitest';
import { decodeDoubleSpend, isSigned } from './double-spend.ts';
import { decodeEvidence, encodeEvidence } from './evidence.ts';
import vectors from './vectors/double-spend.json' with { type: 'json' };

const bytesOf = (text: string) => new TextEncoder().encode(text);
const evidenceOf = (files: readonly string[]) => bytesOf(JSON.stringify({ kind: 'torrenttx-double-spend', version: 1, files }));

describe('an evidence file', () => {
  test.each(vectors.valid.map((v) => [v.description, v.files] as const))('carries %s', (_, [one = '', other = '']) => {
    const proof = decodeDoubleSpend([bytesOf(one), bytesOf(other)]);
    const read = decodeEvidence(encodeEvidence(proof));
    expect(read).toEqual(proof);
    expect(isSigned(read)).toBe(true);
    expect(decodeEvidence(evidenceOf([one, other]))).toEqual(proof);
  });

  test.each(vectors.invalid.filter(({ error }) => error !== 'signature').map((v) => [v.description, v.files] as const))(
    'of nothing is refused: %s',
    (_, files) => {
      expect(() => decodeEvidence(evidenceOf(files))).toThrow(expect.objectContaining({ code: 'evidence' }));
    },
  );

  test.each(['', 'null', '[]', '{', '{"kind":"torrenttx-double-spend","version":1,"files":[1,2]}', 'x'.repeat(300_000)])(
    'is not garbage: %#',
    (text) => {
      expect(() => decodeEvidence(bytesOf(text))).toThrow(expect.objectContaining({ code: 'evidence' }));
    },
  );

  test('is not bytes that are no text', () => {
    expect(() => decodeEvidence(new Uint8Array([0xff, 0xfe]))).toThrow(expect.objectContaining({ code: 'evidence' }));
  });
});
