/** Where the app opens: the balance and what can be done with it, or a calm start while no network is joined. */
import { useEffect, useState } from 'preact/hooks';
import type { NodeState, OpenNetwork } from '../../api/node.ts';
import { routeFragment } from '../../client/route.ts';
import { ActivityList } from '../activity/activity-list.tsx';
import { needsBackup } from '../backup.ts';
import { useApp } from '../context.ts';
import { LinkButton } from '../part/button.tsx';
import { Icon, type IconName } from '../part/icon.tsx';
import { Money } from '../part/money.tsx';
import { Notice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';
import { StartScreen } from './start-screen.tsx';

const SHOWN = 5;

function Deed({ href, icon, label }: { readonly href: string; readonly icon: IconName; readonly label: string }) {
  return (
    <a class="deed" href={href}>
      <Icon name={icon} />
      <span>{label}</span>
    </a>
  );
}

function syncText(network: OpenNetwork): string {
  const waiting = network.toFetch + network.pending;
  if (waiting > 0) return 'Catching up with the network…';
  return network.peers.some((peer) => peer.status === 'ready') ? 'Up to date with the devices connected now' : 'Looking for other devices…';
}

function OpenWallet({ state, network }: { readonly state: NodeState; readonly network: OpenNetwork }) {
  const { now } = useApp();
  const { balance, activity } = network;
  return (
    <Screen title="Wallet" quietTitle>
      <section class="balance" aria-label="Balance">
        <p class="balance-label">Balance on {network.name}</p>
        <p class="balance-amount">
          <Money units={balance.total} size="large" />
        </p>
        <p class="hint">{syncText(network)}</p>
      </section>
      <div class="deeds">
        <Deed href={routeFragment({ kind: 'receive' })} icon="receive" label="Receive" />
        <Deed href={routeFragment({ kind: 'pay', query: '' })} icon="send" label="Send" />
        <Deed href={routeFragment({ kind: 'accept', query: '' })} icon="accept" label="Accept" />
      </div>
      {needsBackup(state) && (
        <Notice tone="caution" title="Back up your words">
          <p>Your money exists only on this device. If the browser’s data is deleted, 12 words on paper are the only way back to it.</p>
          <LinkButton to={{ kind: 'words' }} icon="key">
            Back up now
          </LinkButton>
        </Notice>
      )}
      {state.acceptances.some((one) => one.stage.kind === 'looking' || one.stage.kind === 'fetching' || one.stage.kind === 'ancestors') && (
        <Notice tone="info" title="A payment is on its way to you">
          <LinkButton to={{ kind: 'accept', query: '' }}>Show progress</LinkButton>
        </Notice>
      )}
      <section class="section">
        <h2>Latest activity</h2>
        {activity.length === 0 ? (
          <p class="empty">Nothing yet. Show your address to be paid, or open a payment link that somebody sent you.</p>
        ) : (
          <ActivityList entries={activity.slice(0, SHOWN)} nowMs={now()} />
        )}
        {network.activityTotal > SHOWN && (
          <a class="more" href={routeFragment({ kind: 'activity' })}>
            All activity
          </a>
        )}
      </section>
    </Screen>
  );
}

const OPENING_MS = 2_500;

/** The last network is on its way just after the start; what comes instead when it is not must not flash by before. */
function NoNetwork({ state }: { readonly state: NodeState }) {
  const { client } = useApp();
  const [last] = state.networks;
  const [waiting, setWaiting] = useState(last !== undefined && !client.everOpen);
  useEffect(() => {
    const timer = setTimeout(() => setWaiting(false), OPENING_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!waiting || last === undefined) return <StartScreen state={state} />;
  return (
    <Screen title="Wallet" quietTitle>
      <section class="balance" aria-busy="true">
        <p class="balance-label">Balance on {last.name}</p>
        <p class="balance-amount" />
        <p class="hint">Opening…</p>
      </section>
    </Screen>
  );
}

/** `#/` */
export function WalletScreen({ state }: { readonly state: NodeState }) {
  if (state.network !== undefined) return <OpenWallet state={state} network={state.network} />;
  return <NoNetwork state={state} />;
}
