/** The shell around the screens: navigation, what is always visible, and which screen is shown. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { NodeState } from '../api/node.ts';
import { type Route, routeFragment, type Section, sectionOf } from '../client/route.ts';
import { needsBackup } from './backup.ts';
import { announcement, useApp } from './context.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { plural } from './format.ts';
import { Icon, type IconName, Mark } from './part/icon.tsx';
import { Later } from './part/later.tsx';
import { ErrorNotice } from './part/notice.tsx';
import { UpdateNotice } from './part/update-notice.tsx';
import { CurrentScreen } from './screens.tsx';
import { Tasks } from './tasks.tsx';

const NAVIGATION: readonly { readonly section: Section; readonly label: string; readonly icon: IconName }[] = [
  { section: 'wallet', label: 'Wallet', icon: 'wallet' },
  { section: 'activity', label: 'Activity', icon: 'activity' },
  { section: 'network', label: 'Network', icon: 'network' },
  { section: 'settings', label: 'Settings', icon: 'settings' },
];

const readyPeers = (state: NodeState | undefined): number => (state?.network?.peers ?? []).filter((peer) => peer.status === 'ready').length;

/** One quiet line: what is on this device works all the same. Whoever is connected is not told that he is not. */
function OfflineLine({ state }: { readonly state: NodeState }) {
  if (state.isOnline || readyPeers(state) > 0) return null;
  return (
    <p class="offline-line" role="status">
      You are offline. Payments are delivered when you are back.
    </p>
  );
}

/** Whether the node has met others, in the corner of the eye. */
function Connection({ state }: { readonly state: NodeState | undefined }) {
  const network = state?.network;
  if (network === undefined) return <span class="connection" />;
  const ready = readyPeers(state);
  const alone = state?.isOnline === false ? 'You are offline' : 'Looking for others';
  return (
    <a class="connection" href={routeFragment({ kind: 'network' })}>
      <span class={`dot ${ready > 0 ? 'dot-on' : 'dot-off'}`} />
      <span class="connection-text">
        <span class="connection-name">{network.name}</span>
        <span class="hint">{ready > 0 ? `${plural(ready, 'device')} connected` : alone}</span>
      </span>
    </a>
  );
}

interface NavigationProps {
  readonly route: Route;
  readonly state: NodeState | undefined;
}

function Sections({ route, state }: NavigationProps) {
  const current = sectionOf(route);
  const marked = state !== undefined && needsBackup(state);
  return (
    <ul>
      {NAVIGATION.map(({ section, label, icon }) => (
        <li key={section}>
          <a href={routeFragment({ kind: section })} aria-current={section === current ? 'page' : undefined}>
            <Icon name={icon} />
            <span>{label}</span>
            {section === 'settings' && marked && (
              <span class="badge">
                <span class="visually-hidden">: back up your words</span>
              </span>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Navigation({ route, state }: NavigationProps) {
  return (
    <nav class="navigation" aria-label="Main">
      <a class="brand" href={routeFragment({ kind: 'wallet' })} aria-label="TorrentTX, to the wallet">
        <Mark />
        <span>TorrentTX</span>
      </a>
      <Later>
        <Sections route={route} state={state} />
      </Later>
      <Connection state={state} />
    </nav>
  );
}

/** Short messages: seen at the edge of the screen, and read out. */
function Announcer() {
  const message = announcement.value;
  useEffect(() => {
    if (message === undefined) return;
    const timer = setTimeout(() => {
      announcement.value = undefined;
    }, 4_000);
    return () => clearTimeout(timer);
  }, [message]);
  return (
    <div class="announcer" role="status" aria-live="polite">
      {message !== undefined && <p class={message.seen ? undefined : 'visually-hidden'}>{message.text}</p>}
    </div>
  );
}

function useFocusOnRoute(fragment: string): void {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    (document.querySelector<HTMLElement>('main h1') ?? document.querySelector<HTMLElement>('main'))?.focus({ preventScroll: true });
  }, [fragment]);
}

function Frame({
  route,
  state,
  children,
}: {
  readonly route: Route;
  readonly state: NodeState | undefined;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => document.querySelector('main')?.focus()}>
        Skip to the content
      </button>
      <Navigation route={route} state={state} />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Announcer />
    </div>
  );
}

/** The app. */
export function AppRoot() {
  const { client, router } = useApp();
  const route = router.route.value;
  const state = client.state.value;
  const fragment = routeFragment(route);
  useFocusOnRoute(fragment);
  if (state.kind === 'failed') {
    return (
      <Frame route={route} state={undefined}>
        <div class="screen">
          <h1 tabIndex={-1}>The wallet could not be opened</h1>
          <ErrorNotice error={state.error}>
            <button type="button" class="button button-secondary" onClick={() => window.location.reload()}>
              Reload
            </button>
          </ErrorNotice>
        </div>
      </Frame>
    );
  }
  if (state.kind === 'loading') {
    return (
      <Frame route={route} state={undefined}>
        <div class="screen" aria-busy="true">
          <h1 tabIndex={-1} class="waiting">
            Opening your wallet…
          </h1>
          <p class="patience">This takes longer than usual. Close other tabs of this app, if there are any, and reload this one.</p>
        </div>
      </Frame>
    );
  }
  return (
    <Frame route={route} state={state.value}>
      <OfflineLine state={state.value} />
      {state.value.trouble !== undefined && <ErrorNotice error={state.value.trouble} />}
      {client.mishap.value !== undefined && <ErrorNotice error={client.mishap.value} />}
      <UpdateNotice route={route} state={state.value} />
      <Tasks route={route} state={state.value} />
      <ErrorBoundary key={fragment}>
        <CurrentScreen key={fragment} route={route} state={state.value} />
      </ErrorBoundary>
    </Frame>
  );
}
