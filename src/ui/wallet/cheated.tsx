/** Payments that were withdrawn, or may be: said where the app opens. */
import type { ActivityEntry } from '../../api/node.ts';
import { formatAmount } from '../../core/amount.ts';
import { cheatText } from '../activity/describe.ts';
import { shortAddress } from '../format.ts';
import { LinkButton } from '../part/button.tsx';
import { Notice } from '../part/notice.tsx';

/** Afterwards the history tells it. */
const TOLD_FOR_MS = 24 * 60 * 60 * 1_000;
const SHOWN = 2;

function whose({ kind, amount, counterparty }: ActivityEntry): string {
  const units = `${formatAmount(amount)} TTX`;
  if (kind === 'self') return `Your payment of ${units} to yourself`;
  return kind === 'sent'
    ? `Your payment of ${units} to ${shortAddress(counterparty)}`
    : `A payment of ${units} from ${shortAddress(counterparty)}`;
}

/** What became of money that somebody spent twice. */
export function Cheated({ activity, nowMs }: { readonly activity: readonly ActivityEntry[]; readonly nowMs: number }) {
  const news = activity.filter(
    ({ state, seenAtMs, withdrawnAtMs = seenAtMs }) =>
      (state === 'conflicted' || state === 'contested') && nowMs - withdrawnAtMs < TOLD_FOR_MS,
  );
  return (
    <>
      {news.slice(0, SHOWN).map((entry) => {
        const isLost = entry.state === 'conflicted';
        return (
          <Notice
            key={entry.txid}
            tone={!isLost ? 'caution' : entry.chosenAtMs === undefined ? 'bad' : 'info'}
            title={isLost ? 'A payment was withdrawn' : 'A payment is contested'}
            live
          >
            <p>
              {whose(entry)} {isLost ? 'was withdrawn' : 'may be withdrawn'}: {cheatText(entry)}.
              {isLost ? ' Your balance does not count it.' : ' Wait until the devices have agreed.'}
            </p>
            <LinkButton to={{ kind: 'transaction', txid: entry.txid }}>Show it</LinkButton>
          </Notice>
        );
      })}
    </>
  );
}
