/** What belongs to another network than the open one, and the way there. */
import { useEffect } from 'preact/hooks';
import type { NodeState } from '../../api/node.ts';
import { type Locator, txidOf } from '../../core/id.ts';
import { joinFragment } from '../../core/link.ts';
import { useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { JobProgress } from '../part/progress.tsx';

interface OtherNetworkProps {
  readonly state: NodeState;
  readonly network: Locator;
  readonly trackers: readonly string[];
  /** Joins it; if absent, through `trackers`. */
  readonly link?: string;
  /** What the person has in hand: “payment”, “payment request”. */
  readonly what: string;
  /** Called once the network is open. */
  readonly onOpen?: () => void;
}

/** Offers to open or to join the network that something belongs to. */
export function OtherNetwork({ state, network, trackers, link = joinFragment(network, trackers), what, onOpen }: OtherNetworkProps) {
  const { client } = useApp();
  const joined = state.networks.find((one) => one.id === txidOf(network));
  const open = useAction(async () => {
    if (joined === undefined) return;
    await client.api.openNetwork(joined.id);
    onOpen?.();
  });
  const joining = client.joining.state.value;
  useEffect(() => {
    if (joining.kind !== 'done') return;
    client.joining.clear();
    onOpen?.();
  }, [client, joining, onOpen]);
  if (joined !== undefined) {
    return (
      <Notice tone="info" title={`This ${what} belongs to your network ${joined.name}`}>
        <p>Another network is open now.</p>
        <Button tone="primary" busy={open.busy} onClick={open.run}>
          Switch to {joined.name}
        </Button>
        {open.failure !== undefined && <ErrorNotice error={open.failure} />}
      </Notice>
    );
  }
  if (joining.kind === 'running') {
    return (
      <JobProgress
        job={state.jobs.find((job) => job.id === joining.jobId)}
        label="Joining the network"
        stopping={joining.stopping}
        onCancel={() => client.joining.cancel()}
      />
    );
  }
  return (
    <Notice tone="info" title={`This ${what} belongs to a network you have not joined`}>
      <p>Join it to go on. Your wallet is the same in every network; its money is not.</p>
      <Button tone="primary" icon="join" onClick={() => client.joining.begin({ link })}>
        Join its network
      </Button>
      {joining.kind === 'failed' && <ErrorNotice error={joining.error} />}
    </Notice>
  );
}

/** Shown where a network is needed and none is open. */
export function NeedNetwork({ state }: { readonly state: NodeState }) {
  if (state.isOpening) return <p class="waiting">Opening your network…</p>;
  return (
    <Notice tone="info" title="First, a network">
      <p>Money lives in a network of people. Join the one of whoever you deal with, or found your own.</p>
      <div class="row">
        {state.networks.length > 0 && <LinkButton to={{ kind: 'network' }}>Open a network</LinkButton>}
        <LinkButton to={{ kind: 'join', query: '' }}>Join a network</LinkButton>
        <LinkButton to={{ kind: 'found' }}>Found a network</LinkButton>
      </div>
    </Notice>
  );
}
