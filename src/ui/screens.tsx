/** Which screen a route shows, and the loading of those that do not come with the page. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { NodeState } from '../api/node.ts';
import { afterPicture } from '../client/frames.ts';
import type { Loadable } from '../client/node-client.ts';
import { toReport } from '../client/report.ts';
import type { Route } from '../client/route.ts';
import type { LaterScreen } from './later-screens.tsx';
import { Button } from './part/button.tsx';
import { Notice } from './part/notice.tsx';
import { Screen } from './part/screen.tsx';
import { ReceiveScreen } from './receive/receive-screen.tsx';
import { WalletScreen } from './wallet/wallet-screen.tsx';

const later = signal<Loadable<typeof LaterScreen>>({ kind: 'loading' });
let asked = false;

/** Loads the other screens, once; called early, so that they are there even when the network has gone. */
export function loadLaterScreens(): void {
  if (asked) return;
  asked = true;
  import('./later-screens.tsx').then(
    (module) => {
      later.value = { kind: 'ready', value: module.LaterScreen };
    },
    (thrown: unknown) => {
      later.value = { kind: 'failed', error: toReport(thrown) };
    },
  );
}

/** The screen of `route`. */
export function CurrentScreen({ route, state }: { readonly route: Route; readonly state: NodeState }) {
  const isFirst = route.kind === 'wallet' || route.kind === 'receive';
  useEffect(() => {
    if (!isFirst) loadLaterScreens();
    else afterPicture(loadLaterScreens);
  }, [isFirst]);
  if (route.kind === 'wallet') return <WalletScreen state={state} />;
  if (route.kind === 'receive') return <ReceiveScreen state={state} />;
  const loaded = later.value;
  switch (loaded.kind) {
    case 'ready': {
      const Later = loaded.value;
      return <Later route={route} state={state} />;
    }
    case 'loading':
      return (
        <Screen title="TorrentTX" quietTitle>
          <p class="waiting">One moment…</p>
        </Screen>
      );
    case 'failed':
      return (
        <Screen title="This part of the app is missing">
          <Notice tone="bad" title="It could not be loaded" live>
            <p>You may be offline, or the app was updated while it was open. Your wallet is safe. Reload the page to go on.</p>
            <Button onClick={() => window.location.reload()}>Reload</Button>
          </Notice>
        </Screen>
      );
  }
}
