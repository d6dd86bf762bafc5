import { describe, expect, it } from 'vitest';
import type { Quote } from '../../api/node.ts';
import { amount } from '../../core/id.ts';
import { totalRange, workText } from './quote.tsx';

describe('the cost of a payment', () => {
  it('names the effect of the work as a signed range', () => {
    expect(workText({ least: -100_000n, best: 400_000n })).toBe('\u22120.1 to +0.4\u00a0TTX');
    expect(workText({ least: 0n, best: 400_000n })).toBe('0 to +0.4\u00a0TTX');
    expect(workText({ least: 0n, best: 0n })).toBe('0\u00a0TTX');
  });

  it('totals what leaves the wallet, with and without luck', () => {
    const quote = { amount: amount(10), burn: amount(5), workEffect: { least: -2n, best: 3n } } as Quote;
    expect(totalRange(quote)).toEqual({ most: 17n, least: 12n });
  });
});
