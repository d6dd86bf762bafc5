/** Messages within a screen. */
import type { ComponentChildren } from 'preact';
import type { ErrorReport } from '../../api/node.ts';
import { describeError, errorFacts } from '../error-text.ts';
import { Icon, type IconName } from './icon.tsx';

/** What a notice is about. */
export type NoticeTone = 'info' | 'good' | 'caution' | 'bad';

const ICONS: { readonly [Tone in NoticeTone]: IconName } = { info: 'info', good: 'check', caution: 'warning', bad: 'warning' };

interface NoticeProps {
  readonly tone: NoticeTone;
  readonly title: string;
  /** Read out as soon as it appears. */
  readonly live?: boolean;
  readonly children?: ComponentChildren;
}

/** A message with a headline, and perhaps what to do about it. */
export function Notice({ tone, title, live = false, children }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role={live ? (tone === 'bad' ? 'alert' : 'status') : undefined}>
      <Icon name={ICONS[tone]} />
      <div class="notice-body">
        <p class="notice-title">{title}</p>
        {children}
      </div>
    </div>
  );
}

/** An error in plain words. */
export function ErrorNotice({ error, children }: { readonly error: ErrorReport; readonly children?: ComponentChildren }) {
  const { title, text } = describeError(error);
  const facts = errorFacts(error);
  return (
    <Notice tone={error.code === 'cancelled' ? 'info' : 'bad'} title={title} live>
      <p>{text}</p>
      {facts !== undefined && <pre class="facts-text">{facts}</pre>}
      {children}
    </Notice>
  );
}
