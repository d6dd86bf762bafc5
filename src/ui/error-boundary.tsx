/** One screen that fails does not take the others with it. */
import { Component, type ComponentChildren } from 'preact';
import type { ErrorReport } from '../api/node.ts';
import { toReport } from '../client/report.ts';
import { ErrorNotice } from './part/notice.tsx';

interface Props {
  readonly children: ComponentChildren;
}

interface State {
  readonly error?: ErrorReport;
}

/** Catches what its children throw while drawing, and says so. */
export class ErrorBoundary extends Component<Props, State> {
  static override getDerivedStateFromError(thrown: unknown): State {
    return { error: toReport(thrown) };
  }

  override render({ children }: Props, { error }: State) {
    if (error === undefined) return children;
    return (
      <div class="screen">
        <h1 tabIndex={-1}>This screen does not work</h1>
        <ErrorNotice error={error} />
      </div>
    );
  }
}
