/**
 * How the system opens the app with something: a link of a scheme that it handles, a `.torrent`, something shared to it. Each ends on
 * the screen that pasting, choosing or dropping the same leads to.
 */
import { effect } from '@preact/signals';
import { OPEN_LINK, OPEN_SHARED_FILE, SHARED_FILE } from '../api/service-worker.ts';
import { TtxError } from '../core/error.ts';
import type { NodeClient } from './node-client.ts';
import { screenForText } from './pasted.ts';
import { EVIDENCE_FILE_TYPE } from './proof-file.ts';
import { toReport } from './report.ts';
import { parseRoute, type Route } from './route.ts';
import type { Router } from './router.ts';

/** What the app was opened with. */
export type Launch = { readonly kind: 'screen'; readonly route: Route } | { readonly kind: 'shared-file' };

/** Schemes whose links the app opens; the manifest names the same. */
export const SCHEMES = ['web+ttx', 'magnet'] as const;

/** What Chromium hands over when it opens the app (Web App Launch Handler and File Handling, W3C drafts). */
interface LaunchParams {
  readonly targetURL?: string | null;
  readonly files?: readonly { getFile(): Promise<File> }[];
}

interface LaunchQueue {
  setConsumer(consumer: (params: LaunchParams) => void): void;
}

/** The screen for a link in the app's address. One that says nothing of ours goes to accepting, which says that it is damaged. */
function screenForLink(encoded: string): Route {
  try {
    return screenForText(decodeURIComponent(encoded));
  } catch (error) {
    if (error instanceof TtxError || error instanceof URIError) return { kind: 'accept', query: encoded };
    throw error;
  }
}

/** What an address of the app asks for; undefined when it is an ordinary screen, which the router shows by itself. */
export function readLaunch(fragment: string): Launch | undefined {
  if (fragment.startsWith(OPEN_LINK)) return { kind: 'screen', route: screenForLink(fragment.slice(OPEN_LINK.length)) };
  return fragment.startsWith(OPEN_SHARED_FILE) ? { kind: 'shared-file' } : undefined;
}

/** Takes the file that the service worker keeps for the page. */
async function takeSharedFile(): Promise<Blob | undefined> {
  const cache = await caches.open(SHARED_FILE.cache);
  const url = new URL(SHARED_FILE.path, document.baseURI);
  const response = await cache.match(url);
  await cache.delete(url);
  return response?.blob();
}

/** Opens a file as soon as there is a network to open it in; until then the screen says that one is needed. Evidence needs none. */
function openFile(client: NodeClient, file: Blob): void {
  let begun = false;
  effect(() => {
    const state = client.state.value;
    if (begun || state.kind !== 'ready' || (state.value.network === undefined && file.type !== EVIDENCE_FILE_TYPE)) return;
    begun = true;
    client.opening.begin(file);
  });
}

/** Deals with what the app was opened with, now and later. Called before the first screen is drawn. Returns how to undo it. */
export function startLaunch(client: NodeClient, router: Router): () => void {
  const accept: Route = { kind: 'accept', query: '' };
  const failed = (thrown: unknown) => client.fail(toReport(thrown));
  const open = (launch: Launch) => {
    router.replace(launch.kind === 'screen' ? launch.route : accept);
    if (launch.kind === 'shared-file') takeSharedFile().then((file) => file !== undefined && openFile(client, file), failed);
  };
  const follow = () => {
    const launch = readLaunch(window.location.hash);
    if (launch !== undefined) open(launch);
  };
  follow();
  window.addEventListener('hashchange', follow);
  const openedWith = window.location.href;
  const { launchQueue } = window as Window & { readonly launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(({ targetURL, files = [] }) => {
    const [handle] = files;
    if (handle !== undefined) {
      router.go(accept);
      handle.getFile().then((file) => openFile(client, file), failed);
      return;
    }
    // A window that was open already is only told; one that was opened for this has read its own address.
    if (typeof targetURL !== 'string' || targetURL === openedWith) return;
    const { hash } = new URL(targetURL);
    const launch = readLaunch(hash);
    if (launch === undefined) router.go(parseRoute(hash));
    else open(launch);
  });
  return () => window.removeEventListener('hashchange', follow);
}

/** Asks the browser to open links of {@link SCHEMES} with this app even when it is not installed. @returns whether it has asked */
export function askForLinks(): boolean {
  const { registerProtocolHandler } = navigator as Partial<Navigator>;
  if (registerProtocolHandler === undefined) return false;
  const url = new URL('./', document.baseURI).href + OPEN_LINK;
  for (const scheme of SCHEMES) navigator.registerProtocolHandler(scheme, `${url}%s`);
  return true;
}
