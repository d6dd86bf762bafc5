/**
 * The service worker: keeps the whole app on the device, so that it starts without a connection; receives what is shared to the
 * installed app; passes ports between tabs.
 *
 * Each build has a cache of its own. A new build waits until no tab of the old one is open, or until the person agrees; either way the
 * old cache stays until the app is opened with no other tab open, because an old tab may still load its parts, which the server may
 * have dropped.
 */
import { isToLeader, type NodePort, type WhoLeads } from '../src/api/broker.ts';
import { isActivate, OPEN_LINK, OPEN_SHARED_FILE, SHARE_FIELDS, SHARE_PATH, SHARED_FILE } from '../src/api/service-worker.ts';
import { MAX_LINK_LENGTH, MAX_PROOF_FILE_BYTES } from '../src/core/limit.ts';

/** A file of the build; `revision` is null where the name holds a hash of the content. */
interface BuildFile {
  readonly url: string;
  readonly revision: string | null;
}

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly BuildFile[] };

const FILES = self.__WB_MANIFEST;
const SCOPE = self.registration.scope;
/** Other copies of the app on this origin have caches too. */
const PREFIX = `ttx-app ${SCOPE} `;
const CACHE = PREFIX + digest(JSON.stringify(FILES));

/** Longer than a tab waits for the node before it takes over. */
const PATIENCE_MS = 5_000;

/** FNV-1a, 32 bits: only builds of one app are told apart. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** All files or none: a build that is half uploaded is tried again later. */
async function keepBuild(): Promise<void> {
  const cache = await caches.open(CACHE);
  // What has a hash in its name may come from the HTTP cache, where the page has just put it.
  await cache.addAll(FILES.map(({ url, revision }) => new Request(url, { cache: revision === null ? 'default' : 'reload' })));
}

/** Deletes older builds unless a tab may still need one, or a newer one is on its way. */
async function forgetOldBuilds(): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (windows.some(({ url }) => url.startsWith(SCOPE))) return;
  if (self.registration.installing !== null || self.registration.waiting !== null) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

/** A file of this build, of an older one whose tab is still open, or of the server. */
async function find(request: Request | string): Promise<Response> {
  // Servers vary by encoding, origin and the like; the files are the same.
  const options = { ignoreVary: true };
  const own = await (await caches.open(CACHE)).match(request, options);
  return own ?? (await caches.match(request, options)) ?? fetch(request);
}

/** Whether a navigation leads to the app itself. */
function isApp({ origin, pathname }: URL): boolean {
  const url = origin + pathname;
  return url === SCOPE || url === `${SCOPE}index.html`;
}

/** Hands what was shared to the page: a text in the fragment, a file through a cache. */
async function receiveShared(request: Request): Promise<Response> {
  const form = await request.formData();
  const file = form.get(SHARE_FIELDS.file);
  if (file instanceof File && file.size > 0) {
    // One byte too many is enough for the page to say that it is too large.
    const kept = file.slice(0, MAX_PROOF_FILE_BYTES + 1);
    await (await caches.open(SHARED_FILE.cache)).put(new URL(SHARED_FILE.path, SCOPE), new Response(kept));
    return Response.redirect(SCOPE + OPEN_SHARED_FILE, 303);
  }
  const texts = [SHARE_FIELDS.url, SHARE_FIELDS.text, SHARE_FIELDS.title].map((field) => form.get(field));
  const text = texts.filter((value) => typeof value === 'string').join(' ');
  return Response.redirect(SCOPE + OPEN_LINK + encodeURIComponent(text.trim().slice(0, MAX_LINK_LENGTH)), 303);
}

/** Resolves when a tab says that it runs the node; never for one that does not. */
function answers(client: Client): Promise<Client> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(client);
    const question: WhoLeads = { kind: 'who-leads' };
    client.postMessage(question, [port2]);
  });
}

/** Gives a port to the tab that runs the node, which may be one of another copy of the app on this origin: they share the wallet. */
async function passOn(port: MessagePort, from: ExtendableMessageEvent['source']): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const others = windows.filter(({ id }) => !(from instanceof Client) || id !== from.id);
  // A frozen tab never answers; whoever asked takes its place.
  const silence = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS));
  const leader = await Promise.race([silence, ...others.map(answers)]);
  const message: NodePort = { kind: 'node-port' };
  leader?.postMessage(message, [port]);
}

/** Chromium's static routing (W3C Service Worker, `InstallEvent.addRoutes`). */
interface RoutedInstall extends ExtendableEvent {
  addRoutes?(rules: readonly { condition: { urlPattern: string }; source: 'cache' }[]): Promise<void>;
}

/**
 * Files with a hash in their name come straight from the caches, where the browser can do that: a service worker may share its process
 * with a tab, and when that tab crashes, a file that another one is just loading through it never arrives.
 */
async function routeAssets(event: RoutedInstall): Promise<void> {
  const urlPattern = `${new URL(SCOPE).pathname}assets/*`;
  await event.addRoutes?.([{ condition: { urlPattern }, source: 'cache' }]).catch(() => undefined);
}

self.addEventListener('install', (event) => event.waitUntil(Promise.all([routeAssets(event), keepBuild()])));

self.addEventListener('activate', (event) => {
  // The first visit already starts offline the next time, and its tabs reach each other.
  event.waitUntil(Promise.all([self.clients.claim(), forgetOldBuilds()]));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (!url.href.startsWith(SCOPE)) return;
  if (request.method === 'POST' && url.origin + url.pathname === SCOPE + SHARE_PATH) event.respondWith(receiveShared(request));
  if (request.method !== 'GET') return;
  if (request.mode !== 'navigate') event.respondWith(find(request));
  else if (isApp(url)) {
    event.respondWith(find(SCOPE));
    event.waitUntil(forgetOldBuilds());
  }
});

self.addEventListener('message', (event) => {
  const { data } = event;
  const [port] = event.ports;
  if (isToLeader(data) && port !== undefined) event.waitUntil(passOn(port, event.source));
  else if (isActivate(data)) event.waitUntil(self.skipWaiting());
});
