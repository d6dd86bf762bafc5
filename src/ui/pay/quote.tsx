/** What a payment costs, in plain words. */
import type { Balance, OpenNetwork, Quote, QuoteWarning } from '../../api/node.ts';
import { formatAmount } from '../../core/amount.ts';
import { plural } from '../format.ts';
import { Fact, Facts } from '../part/facts.tsx';
import { Money } from '../part/money.tsx';
import { Notice } from '../part/notice.tsx';

const clampToZero = (units: bigint) => (units > 0n ? units : 0n);

/** What leaves the wallet: with luck in computing, and without. */
export function totalRange(quote: Quote): { readonly most: bigint; readonly least: bigint } {
  const before = quote.amount + quote.burn;
  return { most: before - quote.workEffect.least, least: before - quote.workEffect.best };
}

const signed = (units: bigint) => `${units > 0n ? '+' : ''}${formatAmount(units)}`;

/** The effect of the work on the sender: a range, because it takes luck. */
export function workText({ least, best }: Quote['workEffect']): string {
  return least === best ? `${signed(least)}\u00a0TTX` : `${signed(least)} to ${signed(best)}\u00a0TTX`;
}

function warningText(warning: QuoteWarning, quote: Quote): { readonly title: string; readonly text: string } {
  switch (warning) {
    case 'to-self':
      return { title: 'This is your own address', text: 'The money comes back to you; only the fee is gone.' };
    case 'dust-amount':
      return { title: 'This is a very small amount', text: 'Spending it would cost the receiver more than it is worth.' };
    case 'dust-change':
      return {
        title: 'A very small rest would stay behind',
        text: 'Spending it later would cost you more than it is worth. You might send everything instead.',
      };
    case 'unconfirmed-coins':
      return {
        title: 'This spends money that is not confirmed yet',
        text: 'It was paid to you a moment ago, or devices do not agree on it, and it may still be withdrawn. Then this payment is withdrawn with it. It is usually confirmed within 15 seconds.',
      };
    case 'disputed-coins':
      return {
        title: 'Some devices count this money elsewhere',
        text: 'It was spent twice before it came to you, and connected devices follow the other payment. They do not accept what you pay with it. See Network for both sides.',
      };
    case 'merges-coins':
      return {
        title: `This takes ${plural(quote.steps, 'transaction')}`,
        text: 'Your money arrived in many small payments. They are merged first, and each merging costs a fee, which is included here.',
      };
  }
}

/** Facts the sender should know before agreeing. */
export function Warnings({ quote, network }: { readonly quote: Quote; readonly network: OpenNetwork | undefined }) {
  return (
    <>
      {network?.isUnanswered === true && (
        <Notice tone="info" title="Nobody could be asked about your money">
          <p>
            If you use these 12 words on another device too, what you spent there may still be shown here, and of money that is spent twice
            only one payment counts. If this is your only device, all is well.
          </p>
        </Notice>
      )}
      {quote.warnings.map((warning) => {
        const { title, text } = warningText(warning, quote);
        return (
          <Notice key={warning} tone="caution" title={title}>
            <p>{text}</p>
          </Notice>
        );
      })}
    </>
  );
}

interface CostsProps {
  readonly quote: Quote;
  readonly balance: Balance;
}

/** The cost, line by line. */
export function Costs({ quote, balance }: CostsProps) {
  const { most, least } = totalRange(quote);
  const toSelf = quote.warnings.includes('to-self');
  const left = balance.total - most + (toSelf ? quote.amount : 0n);
  return (
    <Facts costs>
      <Fact name="The receiver gets">
        <Money units={quote.amount} />
      </Fact>
      <Fact name="Network fee (destroyed)">
        <Money units={quote.burn} />
      </Fact>
      <Fact name="Effect of computing">{workText(quote.workEffect)}</Fact>
      <Fact name={most === least ? 'You pay' : 'You pay at most'}>
        <strong>
          <Money units={clampToZero(most)} />
        </strong>
      </Fact>
      <Fact name={most === least ? 'Left afterwards' : 'Left afterwards, at least'}>
        <Money units={clampToZero(left)} />
      </Fact>
      {quote.dustCoins > 0 && <Fact name="Left untouched">{plural(quote.dustCoins, 'tiny coin')}</Fact>}
    </Facts>
  );
}
