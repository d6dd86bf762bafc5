/** Loading something from the node for as long as a screen is shown. */
import { useEffect, useState } from 'preact/hooks';
import type { Loadable } from '../client/node-client.ts';
import { toReport } from '../client/report.ts';

/**
 * Loads now and again whenever `deps` change; the last value stays until the next one has come, so that nothing jumps.
 * An answer that comes after its question has changed is dropped.
 */
export function useLoad<T>(load: () => Promise<T>, deps: readonly unknown[]): Loadable<T> {
  const [state, setState] = useState<Loadable<T>>({ kind: 'loading' });
  useEffect(() => {
    let stale = false;
    load().then(
      (value) => {
        if (!stale) setState({ kind: 'ready', value });
      },
      (thrown: unknown) => {
        if (!stale) setState({ kind: 'failed', error: toReport(thrown) });
      },
    );
    return () => {
      stale = true;
    };
  }, deps);
  return state;
}

/** An action behind a button: whether it runs, how it failed. A second click while it runs does nothing. */
export interface Action {
  readonly busy: boolean;
  readonly failure: Extract<Loadable<never>, { kind: 'failed' }>['error'] | undefined;
  run(): void;
}

/** Makes an {@link Action} of an async function. */
export function useAction(act: () => Promise<void>): Action {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Action['failure']>(undefined);
  const run = () => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    act()
      .catch((thrown: unknown) => setFailure(toReport(thrown)))
      .finally(() => setBusy(false));
  };
  return { busy, failure, run };
}
