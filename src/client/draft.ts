/** A payment being written. It lives outside the screens, so that going back and forth loses nothing. */
import { effect, signal } from '@preact/signals';
import type { NodeState, UnsentPayment } from '../api/node.ts';
import { formatAmount } from '../core/amount.ts';
import type { Attachment } from '../core/attachment.ts';
import type { NodeClient, PaymentOrder } from './node-client.ts';

/** A file of this device that goes with the payment. */
export interface DraftFile {
  readonly attachment: Attachment;
  readonly file: File;
}

/** What has been typed so far, as typed. */
export interface PaymentDraft {
  readonly to: string;
  readonly amount: string;
  /** Whether everything is to be sent; `amount` is ignored then. */
  readonly all: boolean;
  readonly note: string;
  readonly files?: readonly DraftFile[];
  /** Query of the link that filled it, so that the same link does not undo what was edited since. */
  readonly source?: string;
}

/** An empty draft. */
export const EMPTY_DRAFT: PaymentDraft = { to: '', amount: '', all: false, note: '' };

/** What was to be sent, to be looked at again. Its files are gone with the page that read them. */
export function draftOfUnsent({ to, amount, isAll, note }: UnsentPayment): PaymentDraft {
  return { to, amount: isAll ? '' : formatAmount(amount, 'plain'), all: isAll, note: note ?? '' };
}

/** The payment being written. */
export const draft = signal<PaymentDraft>(EMPTY_DRAFT);

/** Files that are being read and will be of the draft: until then its cost is not known. */
export const filesUnderWay = signal(0);

/** The payment with its quote, ready to be agreed to. */
export const order = signal<PaymentOrder | undefined>(undefined);

/**
 * Begins the payment `one`, and makes it the order that is tried again if it ends unclearly. While one runs, a second click replaces nothing:
 * only the same order is tried again under its job's id, and any other could be paid twice.
 */
export function agree(payment: NodeClient['payment'], one: PaymentOrder): void {
  if (payment.state.peek().kind === 'running') return;
  order.value = one;
  payment.begin(one);
}

/** Whether the network and the wallet that `one` was quoted for are the open ones. */
export function isOrderFor(one: PaymentOrder, state: NodeState): boolean {
  return one.agreed.network === state.network?.id && one.agreed.wallet === state.wallet.id;
}

/**
 * Drops the order as soon as another network or wallet is open, be it from another tab: nobody agrees to a payment that is not the one
 * on the screen. Returns how to stop.
 */
export function keepOrderCurrent(client: Pick<NodeClient, 'state'>): () => void {
  return effect(() => {
    const state = client.state.value;
    const current = order.value;
    if (current === undefined || state.kind !== 'ready' || isOrderFor(current, state.value)) return;
    // A tab that takes the node over opens the same network again.
    const isReopening = state.value.isOpening && state.value.network === undefined && state.value.wallet.id === current.agreed.wallet;
    if (!isReopening) order.value = undefined;
  });
}
