/** Payments that the app was closed over: nothing goes out by itself, and nobody need wonder. */
import type { NodeState, UnsentPayment } from '../../api/node.ts';
import { draft, draftOfUnsent } from '../../client/draft.ts';
import { useApp } from '../context.ts';
import { shortAddress } from '../format.ts';
import { Button } from '../part/button.tsx';
import { Money } from '../part/money.tsx';
import { Notice } from '../part/notice.tsx';

function UnsentNotice({ payment }: { readonly payment: UnsentPayment }) {
  const { client, router } = useApp();
  const { job, to, amount, files } = payment;
  const dismiss = () => client.api.dismissUnsent(job).catch(() => false);
  const fill = async () => {
    const before = draft.peek();
    // Filled in while it may still be sent, it might be sent twice; and nothing goes that was typed meanwhile.
    if (!(await dismiss()) || draft.peek() !== before) return;
    draft.value = draftOfUnsent(payment);
    router.go({ kind: 'pay', query: '' });
  };
  return (
    <Notice tone="caution" title="A payment was not sent" live>
      <p>
        TorrentTX was closed before <Money units={amount} /> to {shortAddress(to)} could be sent.
        {files > 0 && ' Add its files again if you send it.'}
      </p>
      <div class="row">
        <Button tone="secondary" onClick={fill}>
          Fill it in again
        </Button>
        <Button tone="quiet" onClick={dismiss}>
          Forget it
        </Button>
      </div>
    </Notice>
  );
}

/** One notice for each; one that this tab has taken up again meanwhile is none. */
export function UnsentNotices({ state }: { readonly state: NodeState }) {
  const { client } = useApp();
  const payment = client.payment.state.value;
  const own = payment.kind === 'running' ? payment.jobId : undefined;
  return (
    <>
      {state.unsent
        .filter(({ job }) => job !== own)
        .map((one) => (
          <UnsentNotice key={one.job} payment={one} />
        ))}
    </>
  );
}
