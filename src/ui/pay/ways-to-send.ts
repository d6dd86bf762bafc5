/** How an order may be sent. */
import type { IntentState } from '../../client/intent.ts';
import type { PaymentOrder } from '../../client/node-client.ts';

/** `either`: money that is not confirmed may be waited for, or spent now. The others are the only way. */
export type WaysToSend = 'plain' | 'once-confirmed' | 'now' | 'either';

/** @param payment the attempt before this one */
export function waysToSend({ agreed, request }: PaymentOrder, payment: IntentState<PaymentOrder, unknown>): WaysToSend {
  if (!agreed.warnings.includes('unconfirmed-coins')) return 'plain';
  // An attempt that ended unclearly is tried again as it was, under the same id.
  if (payment.kind !== 'failed' || payment.error.code === 'cancelled') return 'either';
  return request.isUrgent === true ? 'now' : 'once-confirmed';
}
