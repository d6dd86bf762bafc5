import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TtxError } from './error.ts';
import { decodeJson } from './json.ts';

const utf8 = new TextEncoder();

function codeOf(text: string): string {
  try {
    return JSON.stringify(decodeJson(utf8.encode(text)));
  } catch (error) {
    return error instanceof TtxError ? error.code : String(error);
  }
}

/** Whole numbers, and keys of every kind: those that look like numbers come first in an object, whatever its text. */
const key = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.constantFrom('10', '9', '0', '__proto__', 'toJSON', '\u{1f600}', '\uffff', 'a', 'b'),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

test('text is taken if, and only if, it is what the library writes', () => {
  const text = fc.oneof(
    json.map((value) => canonicalize(value) ?? ''),
    json.map((value) => JSON.stringify(value)),
    json.map((value) => JSON.stringify(value, undefined, 1)),
    json.map((value) => JSON.stringify(value).replaceAll('b', '\\u0062')),
  );
  fc.assert(
    fc.property(text, (written) => {
      const value = JSON.parse(written);
      expect(codeOf(written)).toBe(canonicalize(value) === written ? JSON.stringify(value) : 'canonical');
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ['{"10":1,"9":2}', '{"9":2,"10":1}'],
  ['{"9":2,"10":1}', 'canonical'],
  ['{"b":1,"a":2}', 'canonical'],
  ['{"a":1,"a":1}', 'canonical'],
  ['-0', 'canonical'],
  ['1.0', 'canonical'],
  ['1e3', 'canonical'],
  [' 1', 'canonical'],
  ['"\\/"', 'canonical'],
  ['"\\ud800"', 'encoding'],
  ['{"\\ud800":1.5}', 'encoding'],
  ['1.5', 'schema'],
])('%s is read as %s', (text, expected) => {
  expect(codeOf(text)).toBe(expected);
});
