/** The way to what the others have. */
import { useRef } from 'preact/hooks';
import type { SyncState } from '../../api/node.ts';
import { formatSeconds, syncSentence } from '../format.ts';
import { Bar } from '../part/progress.tsx';

/** What a bar shows, and of how many. */
export interface Shown {
  readonly share: number;
  readonly about: number;
}

/** The next position of the bar: it never goes back, unless somebody came who has more than twice as much. */
export function nextShown(before: Shown | undefined, { held, about }: SyncState): Shown {
  const share = about === 0 ? 0 : Math.min(1, held / about);
  if (before === undefined || about > 2 * before.about) return { share, about };
  return { share: Math.max(share, before.share), about: before.about };
}

/** Shown while there is something to catch up with. */
export function SyncProgress({ sync }: { readonly sync: SyncState }) {
  const shown = useRef<Shown | undefined>(undefined);
  shown.current = nextShown(shown.current, sync);
  const left = Math.max(0, sync.about - sync.held);
  return (
    <div class="job sync">
      <p class="job-stage">Catching up with the network</p>
      <Bar label="Catching up with the network" share={shown.current.share} />
      <p class="hint">
        {syncSentence(sync)}
        {sync.perSec > 0 && left > 3 * sync.perSec ? ` · ${formatSeconds(left / sync.perSec)} to go` : ''}
      </p>
    </div>
  );
}
