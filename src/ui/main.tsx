/** The page's first file: looks whether the browser can do it, starts the node, draws. */
import { effect } from '@preact/signals';
import { type ComponentChild, render } from 'preact';
import { findBlocker, findMissing } from '../client/capability.ts';
import { watchConditions } from '../client/conditions.ts';
import { keepOrderCurrent } from '../client/draft.ts';
import { afterPicture, beforePicture } from '../client/frames.ts';
import { showLinks } from '../client/head-links.ts';
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
import { applyStyles } from './style/sheet.ts';

/** An empty frame drawn before the wallet holds a slow device up by a tenth of a second; who waits for longer than this sees one. */
const BLANK_MS = 1_000;

/** Takes the place of what stands in the HTML. Its styles come with it: alone they would be a picture of their own, of nothing. */
function draw(content: ComponentChild, root: HTMLElement): void {
  applyStyles();
  root.replaceChildren();
  render(content, root);
}

/** Draws as soon as there is something to show. */
function drawOnce(client: NodeClient, draw: () => void): void {
  let drawn = false;
  const once = () => {
    if (!drawn) draw();
    drawn = true;
  };
  setTimeout(once, BLANK_MS);
  effect(() => {
    if (client.state.value.kind !== 'loading') once();
  });
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
  if (blocker !== undefined) return draw(<Blocked missing={blocker} />, root);
  const tabs = openTabs({
    fail: (error) => client.fail(error),
    setBehind: (isBehind) => client.setBehind(isBehind),
    latest: () => client.latest,
  });
  const client = new NodeClient({
    api: tabs.api,
    tab: nameTab(),
    facts: { trackers: deployedTrackers(), webrtc: !missing.includes('webrtc') },
    schedule: beforePicture,
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
  drawOnce(client, () =>
    draw(
      <AppContext.Provider value={{ client, router, updates, installing, now: () => Date.now() }}>
        <AppRoot />
      </AppContext.Provider>,
      root,
    ),
  );
  client.start().then(() =>
    afterPicture(() => {
      void client.api.drawn();
      showLinks();
      reportPersistence(client, false).catch(() => undefined);
      // It fetches the rest of the app.
      void updates.start();
    }),
  );
  askToPersist(client);
}

const root = document.getElementById('app');
if (root !== null) start(root);
