/** A payment being written. It lives outside the screens, so that going back and forth loses nothing. */
import { signal } from '@preact/signals';
import type { PaymentOrder } from './node-client.ts';

/** What has been typed so far, as typed. */
export interface PaymentDraft {
  readonly to: string;
  readonly amount: string;
  /** Whether everything is to be sent; `amount` is ignored then. */
  readonly all: boolean;
  readonly note: string;
  /** Query of the link that filled it, so that the same link does not undo what was edited since. */
  readonly source?: string;
}

/** An empty draft. */
export const EMPTY_DRAFT: PaymentDraft = { to: '', amount: '', all: false, note: '' };

/** The payment being written. */
export const draft = signal<PaymentDraft>(EMPTY_DRAFT);

/** The payment with its quote, ready to be agreed to. */
export const order = signal<PaymentOrder | undefined>(undefined);
