/** Lines of the history, grouped by day. */
import type { ActivityEntry } from '../../api/node.ts';
import { routeFragment } from '../../client/route.ts';
import { formatClock, formatDay } from '../format.ts';
import { Icon } from '../part/icon.tsx';
import { Money } from '../part/money.tsx';
import { cheatText, counts, entryIcon, entryTitle, entryUnits, isVoid, STATE_WORDS } from './describe.ts';

function groupByDay(
  entries: readonly ActivityEntry[],
  nowMs: number,
): readonly (readonly [day: string, entries: readonly ActivityEntry[]])[] {
  const groups = new Map<string, ActivityEntry[]>();
  for (const entry of entries) {
    const day = formatDay(entry.seenAtMs, nowMs);
    groups.set(day, [...(groups.get(day) ?? []), entry]);
  }
  return [...groups];
}

function Line({ entry }: { readonly entry: ActivityEntry }) {
  const alone = entry.kind === 'sent' && !entry.delivered && counts(entry.state);
  return (
    <li>
      <a
        class={`line line-${entry.kind}${isVoid(entry.state) ? ' line-void' : ''}`}
        href={routeFragment({ kind: 'transaction', txid: entry.txid })}
      >
        <span class="line-icon">
          <Icon name={entryIcon(entry)} />
        </span>
        <span class="line-words">
          <span class="line-title">{entryTitle(entry)}</span>
          <span class="hint">
            {formatClock(entry.seenAtMs)} · {STATE_WORDS[entry.state]}
            {entry.state === 'conflicted' && `: ${cheatText(entry)}`}
            {counts(entry.state) && (entry.differing ?? 0) > 0 && ' · some devices disagree'}
            {alone ? ' · nobody else holds it yet' : ''}
          </span>
          {entry.note !== undefined && <span class="line-note">{entry.note}</span>}
        </span>
        <Money units={entryUnits(entry)} signed={entry.kind === 'received' || entry.kind === 'founded'} />
      </a>
    </li>
  );
}

interface ActivityListProps {
  readonly entries: readonly ActivityEntry[];
  readonly nowMs: number;
  /** Of the headings, below what stands above the list. */
  readonly level: 'h2' | 'h3';
}

/** The history under headings of days. */
export function ActivityList({ entries, nowMs, level: Day }: ActivityListProps) {
  return (
    <div class="days">
      {groupByDay(entries, nowMs).map(([day, ofDay]) => (
        <div key={day}>
          <Day class="day">{day}</Day>
          <ul class="lines">
            {ofDay.map((entry) => (
              <Line key={entry.txid} entry={entry} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
