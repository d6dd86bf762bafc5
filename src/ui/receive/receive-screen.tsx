/** Being paid: the address, or a link that asks for an amount. */
import { useMemo, useState } from 'preact/hooks';
import type { NodeState } from '../../api/node.ts';
import { appUrl } from '../../client/app-url.ts';
import { parseAmount } from '../../core/amount.ts';
import { isTtxError } from '../../core/error.ts';
import type { Amount } from '../../core/id.ts';
import { MAX_NOTE_BYTES } from '../../core/limit.ts';
import { paymentRequestFragment } from '../../core/link.ts';
import { describeError } from '../error-text.ts';
import { Copyable } from '../part/copyable.tsx';
import { Field } from '../part/field.tsx';
import { Qr } from '../part/qr.tsx';
import { Card, Screen } from '../part/screen.tsx';

type Typed = { readonly amount: Amount | undefined; readonly error: string | undefined };

function readAmount(text: string): Typed {
  if (text.trim() === '') return { amount: undefined, error: undefined };
  try {
    return { amount: parseAmount(text), error: undefined };
  } catch (error) {
    if (!isTtxError(error)) throw error;
    return { amount: undefined, error: describeError({ code: error.code, detail: error.detail }).text };
  }
}

/** `#/receive` */
export function ReceiveScreen({ state }: { readonly state: NodeState }) {
  const [amountText, setAmountText] = useState('');
  const [noteText, setNoteText] = useState('');
  const { address } = state.wallet;
  const { amount, error } = readAmount(amountText);
  const note = noteText.trim();
  const noteLong = new TextEncoder().encode(note).length > MAX_NOTE_BYTES;
  const network = state.network?.locator;
  const link = useMemo(
    () => appUrl(paymentRequestFragment({ to: address, amount, note: note === '' || noteLong ? undefined : note, network })),
    [address, amount, note, noteLong, network],
  );
  const asks = amount !== undefined || (note !== '' && !noteLong);
  return (
    <Screen title="Receive" up={{ to: { kind: 'wallet' }, label: 'Wallet' }}>
      <p class="lead">Show this code or send the link to whoever wants to pay you. Then open the payment link that they send back.</p>
      <div class="columns">
        <Card>
          <Qr text={link} label={asks ? 'QR code of your payment request' : 'QR code that opens a payment to your address'} />
          <Copyable text={link} what="payment link" tone="primary" folded share="Payment request" />
        </Card>
        <div class="stack">
          <Card>
            <h2>Your address</h2>
            <Copyable text={address} what="address" grouped />
          </Card>
          <form class="stack" onSubmit={(event) => event.preventDefault()}>
            <Field
              label="Amount (optional)"
              value={amountText}
              onInput={setAmountText}
              error={error}
              inputMode="decimal"
              exact
              after={<span class="unit">TTX</span>}
            />
            <Field
              label="Note (optional)"
              value={noteText}
              onInput={setNoteText}
              hint="The payer sees it, and everybody on the network can read it."
              error={noteLong ? 'The note is too long. Shorten it.' : undefined}
            />
          </form>
        </div>
      </div>
    </Screen>
  );
}
