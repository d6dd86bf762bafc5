import { describe, expect, it } from 'vitest';
import type { QuoteWarning } from '../../api/node.ts';
import type { PaymentOrder } from '../../client/node-client.ts';
import type { ErrorCode } from '../../core/error.ts';
import { waysToSend } from './ways-to-send.ts';

const orderOf = (isUrgent: boolean, ...warnings: QuoteWarning[]) =>
  ({ request: { isUrgent }, agreed: { warnings } }) as unknown as PaymentOrder;
const failedWith = (code: ErrorCode) => ({ kind: 'failed', request: orderOf(false), error: { code, detail: {} } }) as const;

describe('an order', () => {
  it('is simply sent where all of the money is confirmed', () => {
    expect(waysToSend(orderOf(false, 'dust-change'), { kind: 'idle' })).toBe('plain');
    expect(waysToSend(orderOf(false), failedWith('storage-full'))).toBe('plain');
  });

  it('of unconfirmed money leaves the choice, also after either way was chosen and stopped', () => {
    for (const isUrgent of [false, true]) {
      const order = orderOf(isUrgent, 'unconfirmed-coins');
      expect(waysToSend(order, { kind: 'idle' })).toBe('either');
      expect(waysToSend(order, failedWith('cancelled'))).toBe('either');
    }
  });

  it('that ended unclearly is tried again as it was', () => {
    expect(waysToSend(orderOf(false, 'unconfirmed-coins'), failedWith('storage-full'))).toBe('once-confirmed');
    expect(waysToSend(orderOf(true, 'unconfirmed-coins'), failedWith('bug'))).toBe('now');
  });
});
