/** What every screen may reach: the node's client, the router, and a voice for short messages. */
import { signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Installing } from '../client/install.ts';
import type { NodeClient } from '../client/node-client.ts';
import type { Router } from '../client/router.ts';
import type { Updates } from '../client/updates.ts';
import { TtxError } from '../core/error.ts';

/** The app's services. */
export interface App {
  readonly client: NodeClient;
  readonly router: Router;
  readonly updates: Updates;
  readonly installing: Installing;
  /** Now in Unix milliseconds. */
  readonly now: () => number;
}

/** Filled at the root. */
export const AppContext = createContext<App | undefined>(undefined);

/** The app's services. @throws {TtxError} `bug` outside of the app */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new TtxError('bug', { what: 'no app around this component' });
  return app;
}

/** The latest short message; a new object each time, so that the same words can be said twice. */
export const announcement = signal<{ readonly text: string; readonly seen: boolean } | undefined>(undefined);

/** Has a short message read out, and shows it unless the screen says the same elsewhere. */
export function announce(text: string, { seen = true }: { readonly seen?: boolean } = {}): void {
  announcement.value = { text, seen };
}
