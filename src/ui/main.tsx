/** The page's first file: looks whether the browser can do it, starts the node, draws. */
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/screens.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { findBlocker, findMissing } from '../client/capability.ts';
import { watchConditions } from '../client/conditions.ts';
import { keepOrderCurrent } from '../client/draft.ts';
import { Installing } from '../client/install.ts';
import { startLaunch } from '../client/launch.ts';
import { reportPersistence, startLifecycle } from '../client/lifecycle.ts';
import { NodeClient } from '../client/node-client.ts';
import { openTabs } from '../client/open-tabs.ts';
import { Router } from '../client/router.ts';
import { nameTab } from '../client/spawn.ts';
import { deployedTrackers } from '../client/trackers.ts';
import { openUpdates } from '../client/updates.ts';
import { AppRoot } from './app.tsx';
import { Blocked } from './blocked.tsx';
import { AppContext } from './context.ts';

/** One change a frame; a hidden page paints no frames, and its state must not go stale. */
function schedule(draw: () => void): void {
  if (document.hidden) draw();
  else requestAnimationFrame(draw);
}

/** Runs `action` once the change that is drawn next is on the screen: the frame after it is being made while it goes there. */
function afterPicture(action: () => void): void {
  schedule(() => schedule(() => schedule(action)));
}

/**
 * Takes the manifest's link out until the wallet shows: reading it, its icons, and showing that the app can be installed keeps a slow device
 * busy for half a second. A browser that installs the app in the background opens it in a page without a size and looks for the link as soon as
 * that has loaded: there it stays.
 * @returns puts it back; the browser reads it then
 */
function takeManifestOut(): () => void {
  const link = document.querySelector('link[rel="manifest"]');
  if (link === null || document.hidden || window.innerWidth === 0) return () => undefined;
  link.remove();
  return () => document.head.append(link);
}

/** Asks the browser to keep the wallet once it is in a real network: before, there is nothing to lose, and a question would only startle. */
function askToPersist(client: NodeClient): void {
  let asked = false;
  effect(() => {
    const state = client.state.value;
    if (asked || state.kind !== 'ready' || (state.value.network?.isDevnet ?? true)) return;
    asked = true;
    reportPersistence(client, true);
  });
}

function start(root: HTMLElement): void {
  const missing = findMissing(globalThis);
  const blocker = findBlocker(missing);
  if (blocker !== undefined) return render(<Blocked missing={blocker} />, root);
  const putManifestBack = takeManifestOut();
  const tabs = openTabs(
    (error) => client.fail(error),
    () => client.latest,
  );
  const client = new NodeClient({
    api: tabs.api,
    tab: nameTab(),
    facts: { trackers: deployedTrackers(), webrtc: !missing.includes('webrtc') },
    schedule,
    newId: () => crypto.randomUUID(),
  });
  const router = new Router(window);
  router.start();
  startLaunch(client, router);
  startLifecycle(client, router);
  keepOrderCurrent(client);
  watchConditions(client, { window, document, navigator });
  const installing = new Installing(window);
  installing.start();
  const updates = openUpdates();
  render(
    <AppContext.Provider value={{ client, router, updates, installing, now: () => Date.now() }}>
      <AppRoot />
    </AppContext.Provider>,
    root,
  );
  client.start().then(() =>
    afterPicture(() => {
      void client.api.drawn();
      putManifestBack();
      reportPersistence(client, false).catch(() => undefined);
      // It fetches the rest of the app.
      void updates.start();
    }),
  );
  askToPersist(client);
}

const root = document.getElementById('app');
if (root !== null) {
  root.replaceChildren();
  start(root);
}
