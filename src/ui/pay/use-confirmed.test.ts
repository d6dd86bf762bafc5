import { describe, expect, it } from 'vitest';
import type { Quote, QuoteWarning } from '../../api/node.ts';
import { isNoWorse } from './use-confirmed.ts';

const quoteOf = (change: Partial<Record<keyof Quote, unknown>> = {}, ...warnings: QuoteWarning[]) =>
  ({ network: 'n', wallet: 'w', amount: 5n, burn: 3n, workEffect: { least: -2n, best: 1n }, warnings, ...change }) as unknown as Quote;

describe('a later quote', () => {
  it('takes the place of the one that was agreed to where it costs no more and warns of nothing new', () => {
    expect(isNoWorse(quoteOf(), quoteOf({}, 'unconfirmed-coins'))).toBe(true);
    expect(isNoWorse(quoteOf({ burn: 2n, workEffect: { least: -1n, best: 1n } }), quoteOf())).toBe(true);
  });

  it('is shown first where it is of something else, costs more or warns of something new', () => {
    const changes = [
      { network: 'o' },
      { wallet: 'v' },
      { amount: 6n },
      { amount: 4n },
      { burn: 4n },
      { workEffect: { least: -3n, best: 1n } },
    ];
    for (const change of changes) expect(isNoWorse(quoteOf(change), quoteOf())).toBe(false);
    expect(isNoWorse(quoteOf({}, 'disputed-coins'), quoteOf({}, 'unconfirmed-coins'))).toBe(false);
  });
});
