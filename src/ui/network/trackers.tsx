/** Trackers: the meeting points by which browsers find each other. */
import { useState } from 'preact/hooks';
import type { TrackerState } from '../../api/node.ts';
import { PUBLIC_TRACKERS } from '../../client/trackers.ts';
import { isTrackerUrl } from '../../core/link.ts';
import { announce, useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button } from '../part/button.tsx';
import { Field } from '../part/field.tsx';
import { ErrorNotice } from '../part/notice.tsx';

function statusText(status: TrackerState['status']): string {
  switch (status) {
    case 'connecting':
      return 'connecting';
    case 'connected':
      return 'connected';
    case 'offline':
      return 'not reachable, trying again';
  }
}

function originText(tracker: TrackerState): string {
  if (tracker.source === 'link') return 'from an invitation';
  if (tracker.source === 'user') return 'added by you';
  return PUBLIC_TRACKERS.includes(tracker.url) ? 'public, run by strangers, not verified' : 'came with the app';
}

function TrackerLine({ tracker }: { readonly tracker: TrackerState }) {
  const { client } = useApp();
  const remove = useAction(async () => {
    await client.api.removeTracker(tracker.url);
    announce('Tracker removed.');
  });
  return (
    <li class="listed">
      <span class={`dot ${tracker.status === 'connected' ? 'dot-on' : 'dot-off'}`} />
      <span class="line-words">
        <span class="url">{tracker.url}</span>
        <span class="hint">
          {statusText(tracker.status)} · {originText(tracker)}
        </span>
        {remove.failure !== undefined && <ErrorNotice error={remove.failure} />}
      </span>
      <Button tone="quiet" busy={remove.busy} onClick={remove.run}>
        Remove<span class="visually-hidden"> {tracker.url}</span>
      </Button>
    </li>
  );
}

/** The trackers of the open network, and a way to add one. */
export function Trackers({ trackers }: { readonly trackers: readonly TrackerState[] }) {
  const { client } = useApp();
  const [url, setUrl] = useState('');
  const [wrong, setWrong] = useState(false);
  const add = useAction(async () => {
    await client.api.addTracker(url.trim());
    setUrl('');
    announce('Tracker added.');
  });
  return (
    <div class="stack">
      <p class="hint">
        A tracker is a meeting point: it introduces devices to each other. It cannot see or touch money. One that works is enough.
      </p>
      <ul class="plain">
        {trackers.map((tracker) => (
          <TrackerLine key={tracker.url} tracker={tracker} />
        ))}
      </ul>
      {trackers.length === 0 && <p class="empty">Without a tracker your device finds nobody.</p>}
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const good = isTrackerUrl(url.trim());
          setWrong(!good);
          if (good) add.run();
        }}
      >
        <Field
          label="Add a tracker"
          value={url}
          onInput={(text) => {
            setUrl(text);
            setWrong(false);
          }}
          exact
          placeholder="wss://"
          error={wrong ? 'A tracker’s address starts with wss:// (or ws:// on your own computer).' : undefined}
          after={
            <Button type="submit" busy={add.busy}>
              Add
            </Button>
          }
        />
      </form>
      {add.failure !== undefined && <ErrorNotice error={add.failure} />}
    </div>
  );
}
