/** Trackers: the meeting points by which browsers find each other. */
import { useState } from 'preact/hooks';
import type { OpenNetwork, TrackerState } from '../../api/node.ts';
import { PUBLIC_TRACKERS } from '../../client/trackers.ts';
import { isTrackerUrl } from '../../core/link.ts';
import { announce, useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { Field } from '../part/field.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';

function statusText(status: TrackerState['status']): string {
  switch (status) {
    case 'connecting':
      return 'connecting';
    case 'connected':
      return 'connected';
    case 'offline':
      return 'cannot be reached, tried again now and then';
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

/** What it means for this device that trackers are gone. */
function Reach({ network: { trackers, peers } }: { readonly network: OpenNetwork }) {
  if (trackers.some(({ status }) => status !== 'offline')) return null;
  const title =
    trackers.length === 0 ? 'There is no tracker' : trackers.length === 1 ? 'The tracker cannot be reached' : 'No tracker can be reached';
  if (peers.length > 0) {
    return (
      <Notice tone="info" title={title}>
        <p>
          The network lives on without: the devices you are connected with introduce yours to others. Keep this tab open, or add a tracker.
        </p>
      </Notice>
    );
  }
  return (
    <Notice tone="caution" title={`${title}, and nobody is connected`}>
      <p>
        Your device finds nobody by itself now. {trackers.length === 0 ? 'Add a tracker' : 'It keeps trying. You can add another tracker'},
        or connect directly with somebody who is in this network.
      </p>
      <LinkButton to={{ kind: 'connect', code: '' }} icon="join">
        Connect directly
      </LinkButton>
    </Notice>
  );
}

/** The trackers of the open network, and a way to add one. */
export function Trackers({ network }: { readonly network: OpenNetwork }) {
  const { client } = useApp();
  const { trackers } = network;
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
      <Reach network={network} />
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
