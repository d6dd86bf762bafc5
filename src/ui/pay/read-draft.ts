/** What a draft of a payment says, or which of its fields is wrong. Pure. */
import type { PaymentRequest } from '../../api/node.ts';
import type { PaymentDraft } from '../../client/draft.ts';
import { parseAddress } from '../../core/address.ts';
import { formatAmount, parseAmount } from '../../core/amount.ts';
import type { Attachment } from '../../core/attachment.ts';
import { isTtxError } from '../../core/error.ts';
import { MAX_INTEGER, MAX_NOTE_BYTES } from '../../core/limit.ts';
import { type Link, parseLink } from '../../core/link.ts';

/** A field's value or what is wrong with it; `empty` is wrong only once the person wants to go on. */
export type Reading<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'empty' }
  | { readonly kind: 'wrong'; readonly text: string };

/** The readings of all fields. */
export interface DraftReading {
  readonly to: Reading<PaymentRequest['to']>;
  readonly amount: Reading<PaymentRequest['amount']>;
  readonly note: Reading<string | undefined>;
  readonly attachments: readonly Attachment[];
}

function readTo(text: string, hrp: string): DraftReading['to'] {
  if (text.trim() === '') return { kind: 'empty' };
  try {
    const parsed = parseAddress(text);
    if (parsed.hrp === hrp) return { kind: 'ok', value: parsed.address };
    return { kind: 'wrong', text: `This address belongs to another network: addresses here start with ${hrp}1.` };
  } catch (error) {
    if (!isTtxError(error)) throw error;
    return { kind: 'wrong', text: `This is not a complete, correct address. One here starts with ${hrp}1; copy the whole of it.` };
  }
}

/** What is wrong with an amount that is none. */
function amountTrouble(text: string): string {
  if (text.includes(',')) return 'Use a point for decimals, not a comma, such as 12.5.';
  if (/^\s*\d[\d\s]*(\.\d{1,6})?\s*$/.test(text)) return `No payment can be more than ${formatAmount(BigInt(MAX_INTEGER))} TTX.`;
  return 'Write digits, with a point and at most 6 decimals, such as 12.5.';
}

function readAmount(draft: PaymentDraft): DraftReading['amount'] {
  if (draft.all) return { kind: 'ok', value: 'all' };
  if (draft.amount.trim() === '') return { kind: 'empty' };
  try {
    const value = parseAmount(draft.amount);
    return value === 0n ? { kind: 'wrong', text: 'Enter more than 0.' } : { kind: 'ok', value };
  } catch (error) {
    if (!isTtxError(error)) throw error;
    return { kind: 'wrong', text: amountTrouble(draft.amount) };
  }
}

function readNote(text: string): DraftReading['note'] {
  const note = text.trim();
  const bytes = new TextEncoder().encode(note).length;
  if (bytes > MAX_NOTE_BYTES)
    return { kind: 'wrong', text: `The note is ${bytes - MAX_NOTE_BYTES} characters or so too long. Shorten it.` };
  return { kind: 'ok', value: note === '' ? undefined : note };
}

/** Reads a draft for a network whose addresses start with `hrp`. */
export function readDraft(draft: PaymentDraft, hrp: string): DraftReading {
  return {
    to: readTo(draft.to, hrp),
    amount: readAmount(draft),
    note: readNote(draft.note),
    attachments: (draft.files ?? []).map(({ attachment }) => attachment),
  };
}

/** The payment, when every field is right. */
export function requestOf(reading: DraftReading): PaymentRequest | undefined {
  const { to, amount, note, attachments } = reading;
  if (to.kind !== 'ok' || amount.kind !== 'ok' || note.kind !== 'ok') return undefined;
  const request = { to: to.value, amount: amount.value, note: note.value };
  return attachments.length === 0 ? request : { ...request, attachments };
}

/** A link that asks for a payment, as a draft. */
export function draftOf(link: Extract<Link, { kind: 'payment-request' | 'address' }>): PaymentDraft {
  if (link.kind === 'address') return { to: link.address, amount: '', all: false, note: '' };
  return {
    to: link.to,
    amount: link.amount === undefined ? '' : formatAmount(link.amount, 'plain'),
    all: false,
    note: link.note ?? '',
  };
}

/** A draft with what a link says: one with a bare address adds the receiver to a draft that has none yet, any other begins a new one. */
export function fillDraft(current: PaymentDraft, link: Extract<Link, { kind: 'payment-request' | 'address' }>): PaymentDraft {
  const bare = link.kind === 'address' || (link.amount === undefined && link.note === undefined);
  const fresh = draftOf(link);
  return bare && current.to.trim() === '' ? { ...current, to: fresh.to } : fresh;
}

/** A payment request inside `text`, for when somebody pastes one into the address field. */
export function findRequest(text: string): Extract<Link, { kind: 'payment-request' }> | undefined {
  if (!text.includes('#/pay?')) return undefined;
  try {
    const link = parseLink(text);
    return link.kind === 'payment-request' ? link : undefined;
  } catch (error) {
    if (isTtxError(error)) return undefined;
    throw error;
  }
}
