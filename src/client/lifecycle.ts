/** What the page owes the node: a warning before it is closed too early, pasted links and dropped files, and storage that stays. */
import type { ActivityEntry, NodeState } from '../api/node.ts';
import type { NodeClient } from './node-client.ts';
import { findScreenForPaste } from './pasted.ts';
import { findPicture, picture } from './picture.ts';
import type { Router } from './router.ts';

/** Why closing the tab now would cost something. */
export type StayReason = 'working' | 'nobody-holds-it';

/** An older payment was handed over long ago or never will be; who is asked each time no longer reads the question. */
const FRESH_MS = 24 * 60 * 60 * 1_000;

function isUndelivered(entry: ActivityEntry, nowMs: number): boolean {
  const isOwn = entry.kind === 'sent' || entry.kind === 'self';
  const isVoid = entry.state === 'rejected' || entry.state === 'conflicted';
  return isOwn && !isVoid && !entry.delivered && nowMs - entry.seenAtMs < FRESH_MS;
}

/**
 * Whether the tab should stay open: a job runs, or one of the latest own payments, less than a day old and of more than play money,
 * has reached nobody since the app was opened: after a reload it may still be on this device alone.
 * @param nowMs Unix milliseconds
 */
export function findStayReason(state: NodeState, nowMs: number): StayReason | undefined {
  if (state.jobs.length > 0) return 'working';
  if (state.network === undefined || state.network.isDevnet) return undefined;
  return state.network.activity.some((entry) => isUndelivered(entry, nowMs)) ? 'nobody-holds-it' : undefined;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Connects the window's events to the client. Returns how to undo it. */
export function startLifecycle(client: NodeClient, router: Router): () => void {
  const beforeUnload = (event: BeforeUnloadEvent) => {
    const state = client.latest;
    if (state !== undefined && findStayReason(state, Date.now()) !== undefined) event.preventDefault();
  };
  const scanPicture = (image: Blob) => {
    picture.value = image;
    router.go({ kind: 'scan' });
  };
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    const image = findPicture(event.clipboardData);
    // A field has no use for a picture; with a text beside it, the text is meant.
    if (image !== undefined && text === '') {
      event.preventDefault();
      return scanPicture(image);
    }
    if (isField(event.target)) return;
    const screen = findScreenForPaste(text);
    if (screen === undefined) return;
    event.preventDefault();
    router.go(screen);
  };
  const dragOver = (event: DragEvent) => {
    // Without this the browser would leave the app to show the file.
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };
  const drop = (event: DragEvent) => {
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    const image = findPicture(event.dataTransfer);
    if (image !== undefined) return scanPicture(image);
    client.opening.begin(file);
    router.go({ kind: 'accept', query: '' });
  };
  window.addEventListener('beforeunload', beforeUnload);
  document.addEventListener('paste', paste);
  document.addEventListener('dragover', dragOver);
  document.addEventListener('drop', drop);
  return () => {
    window.removeEventListener('beforeunload', beforeUnload);
    document.removeEventListener('paste', paste);
    document.removeEventListener('dragover', dragOver);
    document.removeEventListener('drop', drop);
  };
}

/**
 * Asks the browser not to evict the wallet and tells the node what it said.
 * @param ask false only looks: some browsers show a question, and that should follow a click
 */
export async function reportPersistence(client: NodeClient, ask: boolean): Promise<void> {
  const storage = navigator.storage as Partial<StorageManager> | undefined;
  if (storage?.persisted === undefined) return client.api.setPersisted('unknown');
  try {
    const granted = (await storage.persisted()) || (ask && (await storage.persist?.())) === true;
    await client.api.setPersisted(granted ? 'yes' : 'no');
  } catch {
    await client.api.setPersisted('unknown');
  }
}
