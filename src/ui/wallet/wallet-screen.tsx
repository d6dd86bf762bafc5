/** Where the app opens: the balance and what can be done with it, or a calm start. */
import { useEffect, useRef } from 'preact/hooks';
import type { NodeState, OpenNetwork } from '../../api/node.ts';
import { routeFragment } from '../../client/route.ts';
import { ActivityList } from '../activity/activity-list.tsx';
import { needsBackup } from '../backup.ts';
import { announce, useApp } from '../context.ts';
import { syncSentence } from '../format.ts';
import { ForkNotices } from '../network/fork-notice.tsx';
import { isOutdated } from '../network/outdated.ts';
import { TestBadge } from '../network/test-network.tsx';
import { LinkButton } from '../part/button.tsx';
import { Icon, type IconName } from '../part/icon.tsx';
import { Money } from '../part/money.tsx';
import { Notice } from '../part/notice.tsx';
import { Screen, Section } from '../part/screen.tsx';
import { Cheated } from './cheated.tsx';
import { InstallHint } from './install-hint.tsx';
import { StartScreen, TestStartScreen } from './start-screen.tsx';
import { TryItOut } from './try-it-out.tsx';
import { Ways } from './ways.tsx';

const SHOWN = 5;

function Deed({ href, icon, label }: { readonly href: string; readonly icon: IconName; readonly label: string }) {
  return (
    <a class="deed" href={href}>
      <Icon name={icon} />
      <span>{label}</span>
    </a>
  );
}

function syncText(state: NodeState, network: OpenNetwork): string {
  if (!state.isOnline) return 'As it was when you were last connected';
  if (isOutdated(network)) return 'A newer version of the app is needed: see Network';
  if (network.sync !== undefined) return `Catching up: ${syncSentence(network.sync)}`;
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
        <p class="balance-label">
          <span>Balance on {network.name}</span> {network.isDevnet && <TestBadge />}
        </p>
        <p class="balance-amount">
          <Money units={balance.total} size="large" />
        </p>
        <p class="hint">{syncText(state, network)}</p>
      </section>
      <Cheated activity={activity} nowMs={now()} />
      <ForkNotices network={network} isWallet />
      <div class="deeds">
        <Deed href={routeFragment({ kind: 'receive' })} icon="receive" label="Receive" />
        <Deed href={routeFragment({ kind: 'pay', query: '' })} icon="send" label="Send" />
        <Deed href={routeFragment({ kind: 'accept', query: '' })} icon="accept" label="Accept" />
      </div>
      {network.isDevnet && <TryItOut state={state} network={network} />}
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
          <ActivityList entries={activity.slice(0, SHOWN)} nowMs={now()} level="h3" />
        )}
        {network.activityTotal > SHOWN && (
          <a class="more" href={routeFragment({ kind: 'activity' })}>
            All activity
          </a>
        )}
      </section>
      <InstallHint network={network} />
      {network.isDevnet && (
        <Section title="Other networks">
          <Ways />
        </Section>
      )}
    </Screen>
  );
}

/** The network is on its way just after the start; what comes instead when there is none must not flash by before. */
function Opening({ name }: { readonly name: string | undefined }) {
  return (
    <Screen title="Wallet" quietTitle>
      <section class="balance" aria-busy="true">
        <p class="balance-label">{name === undefined ? 'Your wallet' : `Balance on ${name}`}</p>
        <p class="balance-amount" />
        <p class="hint">Opening…</p>
      </section>
    </Screen>
  );
}

/** Says once that test coins have come, and forgets the claim with the screen. */
function useClaimAnnounced(): void {
  const { client } = useApp();
  const claiming = client.claiming.state.value;
  useEffect(() => {
    if (claiming.kind === 'done' && claiming.result) announce('Your test coins are here.', { seen: false });
  }, [claiming]);
  useEffect(() => () => client.claiming.clear(), [client]);
}

/** `#/` */
export function WalletScreen({ state }: { readonly state: NodeState }) {
  const { network } = state;
  useClaimAnnounced();
  // Who has no network yet is about to be on the test network; the address is right before that is open.
  const isFirstVisit = useRef(false);
  isFirstVisit.current ||= state.isOpening && state.networks.length === 0;
  if (network === undefined) {
    if (!state.isOpening) return <StartScreen state={state} />;
    return isFirstVisit.current ? <TestStartScreen state={state} /> : <Opening name={state.networks[0]?.name} />;
  }
  if (network.isDevnet && network.activityTotal === 0) return <TestStartScreen state={state} />;
  return <OpenWallet state={state} network={network} />;
}
