import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '../core/error.ts';
import { describeError, errorFacts } from './error-text.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('sentences for errors', () => {
  it.each(CODES)('has a title and advice for %s', (code) => {
    const { title, text } = describeError({ code, detail: {} });
    expect(title).toMatch(/^\p{Lu}.*[^.]$/u);
    expect(text).toMatch(/^\p{Lu}.*\.$/u);
  });

  it.each(CODES)('spares people the jargon in %s', (code) => {
    const { title, text } = describeError({ code, detail: {} });
    expect(`${title} ${text}`).not.toMatch(/txid|infohash|bencod|JSON|UTF|ed25519|undefined|null/);
  });

  it('says how much is missing', () => {
    expect(describeError({ code: 'not-enough', detail: { missing: 2_500_000n } }).text).toContain('2.5 TTX short');
  });

  it('gives facts for a report only where there is a bug', () => {
    expect(errorFacts({ code: 'bug', detail: { message: 'boom' } })).toBe('message: boom');
    expect(errorFacts({ code: 'timeout', detail: { message: 'boom' } })).toBeUndefined();
  });
});
