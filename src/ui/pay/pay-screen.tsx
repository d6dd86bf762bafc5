/** Writing a payment: to whom, how much, what for, and what it costs. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { NodeState, OpenNetwork, PaymentRequest, Quote } from '../../api/node.ts';
import { type DraftFile, draft, filesUnderWay, order, type PaymentDraft } from '../../client/draft.ts';
import type { Loadable } from '../../client/node-client.ts';
import { screenForText } from '../../client/pasted.ts';
import { toReport } from '../../client/report.ts';
import { formatAmount } from '../../core/amount.ts';
import { isTtxError } from '../../core/error.ts';
import type { Locator } from '../../core/id.ts';
import { parseLink } from '../../core/link.ts';
import { useApp } from '../context.ts';
import { describeError } from '../error-text.ts';
import { NeedNetwork, OtherNetwork } from '../network/other-network.tsx';
import { Button, LinkButton } from '../part/button.tsx';
import { Field, focusFirstError } from '../part/field.tsx';
import { Money } from '../part/money.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Card, Screen } from '../part/screen.tsx';
import { AttachedFiles } from './attached-files.tsx';
import { PaymentProgress } from './payment-progress.tsx';
import { Costs, Warnings } from './quote.tsx';
import { fillDraft, findRequest, type Reading, readDraft, requestOf } from './read-draft.ts';
import { standOf } from './use-confirmed.ts';

const UP = { to: { kind: 'wallet' }, label: 'Wallet' } as const;
const QUOTE_DELAY_MS = 120;
const NO_FILES: readonly DraftFile[] = [];

/** A cost, and the payment it is of: while one types, the cost on screen is that of a moment ago. */
interface QuoteOf {
  readonly request: PaymentRequest;
  readonly quote: Loadable<Quote>;
}

const isSame = (one: PaymentRequest, other: PaymentRequest) =>
  one.to === other.to && one.amount === other.amount && one.note === other.note && namesOf(one) === namesOf(other);

const namesOf = ({ attachments = [] }: PaymentRequest) => attachments.map(({ infohash }) => infohash).join();

/** Asks the node for the cost whenever the payment changes, or what there is to pay with, a moment after the last keystroke. */
function useQuote(current: PaymentDraft, network: OpenNetwork, wallet: string): QuoteOf | undefined {
  const { client } = useApp();
  const [quote, setQuote] = useState<QuoteOf | undefined>(undefined);
  const { to, amount, all, note, files = NO_FILES } = current;
  const stand = standOf(network);
  useEffect(() => {
    const request = requestOf(readDraft({ to, amount, all, note, files }, network.hrp));
    if (request === undefined) return setQuote(undefined);
    let stale = false;
    const timer = setTimeout(() => {
      client.api.quote(request).then(
        (value) => !stale && setQuote({ request, quote: { kind: 'ready', value } }),
        (thrown: unknown) => !stale && setQuote({ request, quote: { kind: 'failed', error: toReport(thrown) } }),
      );
    }, QUOTE_DELAY_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [client, to, amount, all, note, files, wallet, network.id, network.hrp, network.balance.total, network.balance.coins, stand]);
  return quote;
}

const message = (reading: Reading<unknown>, submitted: boolean, empty: string) =>
  reading.kind === 'wrong' ? reading.text : reading.kind === 'empty' && submitted ? empty : undefined;

function PayForm({ network, wallet }: { readonly network: OpenNetwork; readonly wallet: string }) {
  const { client, router } = useApp();
  const form = useRef<HTMLFormElement>(null);
  const [submitted, setSubmitted] = useState(false);
  const current = draft.value;
  const reading = readDraft(current, network.hrp);
  const latest = useQuote(current, network, wallet);
  const quote = latest?.quote;
  const underWay = filesUnderWay.value;
  const [waiting, setWaiting] = useState(false);
  const set = (change: Partial<PaymentDraft>) => {
    draft.value = { ...draft.value, ...change };
    setWaiting(false);
  };
  const setTo = (text: string) => {
    const request = findRequest(text);
    if (request === undefined) set({ to: text });
    else router.go(screenForText(text));
  };
  const review = (event: Event) => {
    event.preventDefault();
    setSubmitted(true);
    const request = requestOf(reading);
    if (request === undefined) return focusFirstError(form.current);
    setWaiting(true);
  };
  // Whoever is faster than the cost is taken on as soon as it is there, and never with the cost of something else.
  useEffect(() => {
    const request = requestOf(readDraft(draft.value, network.hrp));
    if (!waiting || underWay > 0 || request === undefined || latest === undefined || !isSame(request, latest.request)) return;
    const { quote } = latest;
    // One of the network or the wallet that was open a moment ago: the next is on its way.
    if (quote.kind === 'ready' && (quote.value.network !== network.id || quote.value.wallet !== wallet)) return;
    setWaiting(false);
    if (quote.kind !== 'ready') return;
    client.payment.clear();
    order.value = { request, agreed: quote.value, files: (draft.value.files ?? []).map(({ file }) => file) };
    router.go({ kind: 'pay-review' });
  }, [waiting, underWay, latest, client, router, network.id, network.hrp, wallet]);
  const shown = current.all && quote?.kind === 'ready' ? formatAmount(quote.value.amount, 'plain') : current.all ? '' : current.amount;
  return (
    <form class="stack" ref={form} onSubmit={review} noValidate>
      <Field
        label="Send to"
        value={current.to}
        onInput={setTo}
        lines={2}
        exact
        placeholder={`${network.hrp}1…`}
        hint="An address or a payment link."
        after={
          <LinkButton to={{ kind: 'scan' }} icon="scan">
            Scan
          </LinkButton>
        }
        error={message(reading.to, submitted, 'Enter the address of the receiver.')}
      />
      <Field
        label="Amount"
        value={shown}
        onInput={(amount) => set({ amount, all: false })}
        inputMode="decimal"
        exact
        error={message(reading.amount, submitted, 'Enter an amount.')}
        hint={
          <>
            You have <Money units={network.balance.total} />
          </>
        }
        after={
          <>
            <span class="unit">TTX</span>
            <Button tone="secondary" pressed={current.all} onClick={() => set({ all: !current.all })}>
              Send all
            </Button>
          </>
        }
      />
      <Field
        label="Note (optional)"
        value={current.note}
        onInput={(note) => set({ note })}
        lines={2}
        hint="Everybody on the network can read it, for good."
        error={message(reading.note, submitted, '')}
      />
      <AttachedFiles />
      <div class="quote" aria-live="polite">
        {quote?.kind === 'ready' && (
          <>
            <Card>
              <Costs quote={quote.value} balance={network.balance} />
            </Card>
            <Warnings quote={quote.value} network={network} />
          </>
        )}
        {quote?.kind === 'failed' && <ErrorNotice error={quote.error} />}
        {quote === undefined && <p class="empty">The cost appears here before anything is sent.</p>}
      </div>
      <Button type="submit" tone="primary" wide busy={waiting}>
        Review payment
      </Button>
    </form>
  );
}

/** What the link of this screen asks for; fills the draft once for each link. */
function useRequestLink(query: string): { readonly network: Locator | undefined; readonly error: string | undefined } {
  const [result, setResult] = useState<{ network: Locator | undefined; error: string | undefined }>({
    network: undefined,
    error: undefined,
  });
  useEffect(() => {
    if (query === '') return;
    try {
      const link = parseLink(`#/pay?${query}`);
      if (link.kind !== 'payment-request') return;
      if (draft.value.source !== query) draft.value = { ...fillDraft(draft.value, link), source: query };
      setResult({ network: link.network, error: undefined });
    } catch (error) {
      if (!isTtxError(error)) throw error;
      setResult({ network: undefined, error: describeError({ code: error.code, detail: error.detail }).title });
    }
  }, [query]);
  return result;
}

/** `#/pay` and `#/pay?to=…` */
export function PayScreen({ state, query }: { readonly state: NodeState; readonly query: string }) {
  const { client } = useApp();
  const link = useRequestLink(query);
  if (client.payment.state.value.kind === 'running') {
    return (
      <Screen title="Send" up={UP}>
        <PaymentProgress state={state} />
      </Screen>
    );
  }
  const { network } = state;
  const elsewhere = link.network !== undefined && network?.locator !== link.network ? link.network : undefined;
  return (
    <Screen title="Send" up={UP}>
      {link.error !== undefined && (
        <Notice tone="bad" title="This payment link is damaged" live>
          <p>{link.error}. Ask for the link again, or enter the payment by hand.</p>
        </Notice>
      )}
      {elsewhere !== undefined && <OtherNetwork state={state} network={elsewhere} trackers={[]} what="payment request" />}
      {network === undefined && elsewhere === undefined && <NeedNetwork state={state} />}
      {network !== undefined && elsewhere === undefined && <PayForm network={network} wallet={state.wallet.id} />}
    </Screen>
  );
}
