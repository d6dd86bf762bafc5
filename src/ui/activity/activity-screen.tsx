/** The wallet's history on the open network. */
import { useState } from 'preact/hooks';
import type { ActivityEntry, NodeState } from '../../api/node.ts';
import { useApp } from '../context.ts';
import { formatCount } from '../format.ts';
import { useAction } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { ErrorNotice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';
import { ActivityList } from './activity-list.tsx';

const PAGE = 50;

/** Newer lines of the state over older ones loaded by hand, each transaction once. */
function merge(newest: readonly ActivityEntry[], older: readonly ActivityEntry[]): readonly ActivityEntry[] {
  const known = new Set(newest.map((entry) => entry.txid));
  return [...newest, ...older.filter((entry) => !known.has(entry.txid))];
}

/** `#/activity` */
export function ActivityScreen({ state }: { readonly state: NodeState }) {
  const { client, now } = useApp();
  const [older, setOlder] = useState<readonly ActivityEntry[]>([]);
  const { network } = state;
  const entries = merge(network?.activity ?? [], older);
  const more = useAction(async () => {
    const next = await client.api.loadActivity(entries.length, PAGE);
    setOlder((before) => merge(before, next));
  });
  const total = network?.activityTotal ?? 0;
  return (
    <Screen title="Activity">
      {entries.length === 0 ? (
        <div class="empty">
          <p>{state.isOpening ? 'Opening your network…' : 'No payments yet.'}</p>
          <LinkButton to={{ kind: 'receive' }} icon="receive">
            Receive
          </LinkButton>
        </div>
      ) : (
        <ActivityList entries={entries} nowMs={now()} level="h2" />
      )}
      {more.failure !== undefined && <ErrorNotice error={more.failure} />}
      {entries.length < total && (
        <Button busy={more.busy} onClick={more.run}>
          Show older ({formatCount(total - entries.length)} more)
        </Button>
      )}
    </Screen>
  );
}
