/** A payment being computed, signed and stored. */
import type { NodeState } from '../../api/node.ts';
import { useApp } from '../context.ts';
import { JobProgress } from '../part/progress.tsx';

/** Progress of the running payment; nothing when none runs. */
export function PaymentProgress({ state }: { readonly state: NodeState }) {
  const { client } = useApp();
  const payment = client.payment.state.value;
  if (payment.kind !== 'running') return null;
  const job = state.jobs.find((one) => one.id === payment.jobId);
  const isAlone = job?.stage === 'confirming' && state.network?.peers.length === 0;
  return (
    <>
      <p>
        {job?.stage === 'confirming'
          ? 'Once your money is confirmed, your device computes for a moment, then signs.'
          : 'Your device computes for a moment, then signs.'}{' '}
        Nothing is sent before that, and you can still stop it.
      </p>
      {isAlone && <p>No other device is connected, and alone nothing is confirmed. You may stop, and send without waiting.</p>}
      <JobProgress
        job={job}
        label="Making the payment"
        stopping={payment.stopping}
        isAlone={isAlone}
        onCancel={() => client.payment.cancel()}
      />
    </>
  );
}
