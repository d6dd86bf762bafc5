/** Tells the node what the page sees of the device: network, visibility, and that it is back from a freeze or from the cache. */
import { effect } from '@preact/signals';
import type { NodeClient } from './node-client.ts';

/** The part of the window that is watched. */
export interface ConditionsDoors {
  readonly window: Pick<Window, 'addEventListener' | 'removeEventListener'>;
  readonly document: Pick<Document, 'addEventListener' | 'removeEventListener' | 'visibilityState'>;
  readonly navigator: Pick<Navigator, 'onLine'>;
}

/** Tells now and after each change. Returns how to undo it. */
export function watchConditions(client: NodeClient, { window, document, navigator }: ConditionsDoors): () => void {
  const tell = (resumed: boolean) => client.tell({ online: navigator.onLine, visible: document.visibilityState === 'visible', resumed });
  const changed = () => tell(false);
  const resumed = () => tell(true);
  const shown = ({ persisted }: Event & { persisted?: boolean }) => tell(persisted === true);
  const connectivity = ['online', 'offline'] as const;
  for (const event of connectivity) window.addEventListener(event, changed);
  window.addEventListener('pageshow', shown);
  document.addEventListener('visibilitychange', changed);
  // Chromium only; elsewhere the node sees that its clock has jumped.
  document.addEventListener('resume', resumed);
  tell(false);
  // The node may have moved to another tab, which was not told: it is believed to be online until then.
  const stop = effect(() => {
    const state = client.state.value;
    if (state.kind === 'ready' && state.value.isOnline !== navigator.onLine) tell(false);
  });
  return () => {
    stop();
    for (const event of connectivity) window.removeEventListener(event, changed);
    window.removeEventListener('pageshow', shown);
    document.removeEventListener('visibilitychange', changed);
    document.removeEventListener('resume', resumed);
  };
}
