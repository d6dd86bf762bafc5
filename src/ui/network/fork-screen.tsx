/** Money spent twice on whose use devices do not agree: both sides beside each other. */
import './fork.css';
import type { ForkDetail, NodeState } from '../../api/node.ts';
import { routeFragment } from '../../client/route.ts';
import type { TxId } from '../../core/id.ts';
import { SaveEvidence } from '../activity/save-evidence.tsx';
import { useApp } from '../context.ts';
import { plural, shortAddress } from '../format.ts';
import { useLoad } from '../load.ts';
import { LinkButton } from '../part/button.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';
import { ForkSideCard } from './fork-side.tsx';

const UP = { to: { kind: 'network' }, label: 'Network' } as const;

/** What is loaded again when anything about forks has changed. */
export const forkDeps = ({ network }: NodeState): readonly unknown[] => [
  network?.id,
  network?.transactions,
  network?.peers.length,
  network?.forks.map(({ theirs, followers }) => `${theirs}${followers}`).join(),
];

/** Whether those who are connected agree, and if not, who differs. */
function summaryOf({ sides, peers }: ForkDetail): string {
  const followers = sides.filter(({ isFollowed }) => !isFollowed).reduce((sum, side) => sum + side.followers, 0);
  if (peers === 0) return 'Nobody is connected now, so this device cannot tell who counts which.';
  if (followers === 0) return 'No connected device is known to count another one than this device.';
  return `This device counts one of them, and ${plural(followers, 'connected device counts', 'connected devices count')} another.`;
}

function Sides({ detail }: { readonly detail: ForkDetail }) {
  const { sides, peers } = detail;
  const [first] = sides;
  const others = sides.filter(({ isFollowed }) => !isFollowed);
  if (first === undefined || others.length === 0) {
    return (
      <Notice tone="good" title="There is no other side">
        <p>No other use of this money is known here.</p>
      </Notice>
    );
  }
  const isChosen = sides.some(({ isFollowed, chosenAtMs }) => isFollowed && chosenAtMs !== undefined);
  return (
    <>
      <p class="lead">
        {shortAddress(first.from)} spent the same money twice. Only one of the payments can count. {summaryOf(detail)}
      </p>
      <div class="fork-sides">
        {sides.map((side) => (
          <ForkSideCard key={side.txid} side={side} peers={peers} />
        ))}
      </div>
      <p>
        {isChosen
          ? 'You chose the side that counts here, so it stays until you choose again.'
          : 'Which one came first is not known: devices that were apart for a while may each have seen another one first, and neither gives up what it has settled on.'}{' '}
        Only this money is concerned, and what was paid with it since. Everything else counts everywhere.
      </p>
      <div class="row">
        {others.map(({ txid, to }) => (
          <LinkButton key={txid} to={{ kind: 'follow', txid }}>
            {others.length === 1 ? 'Follow the other side' : `Follow the payment to ${shortAddress(to)}`}
          </LinkButton>
        ))}
        <a class="button button-quiet" href={routeFragment(UP.to)}>
          <span>Leave it as it is</span>
        </a>
      </div>
      <SaveEvidence txid={first.txid} />
    </>
  );
}

/** `#/network/fork/<txid>` */
export function ForkScreen({ state, txid }: { readonly state: NodeState; readonly txid: TxId }) {
  const { client } = useApp();
  const fork = useLoad(() => client.api.loadFork(txid), [txid, ...forkDeps(state)]);
  return (
    <Screen title="Money spent twice" up={UP}>
      {fork.kind === 'loading' && <p class="waiting">Loading…</p>}
      {fork.kind === 'failed' && <ErrorNotice error={fork.error} />}
      {fork.kind === 'ready' && <Sides detail={fork.value} />}
    </Screen>
  );
}
