/** A new version of the app, offered. */
import type { NodeState } from '../../api/node.ts';
import type { Route } from '../../client/route.ts';
import { useApp } from '../context.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

/**
 * Offers a new version on the four main screens only: nothing may move under the finger of somebody who pays or writes words down. Where
 * another tab has taken the node over with it nothing works any more, and every screen says so.
 */
export function UpdateNotice({ route, state }: { readonly route: Route; readonly state: NodeState }) {
  const { client, updates } = useApp();
  if (client.isBehind.value) {
    return (
      <Notice tone="caution" title="This tab runs an older version" live>
        <p>Another tab runs the wallet with the new one. What you see here may be out of date, and nothing can be sent from here.</p>
        <Button busy={updates.state.value === 'applying'} onClick={() => updates.apply()}>
          Load the new version
        </Button>
      </Notice>
    );
  }
  const update = updates.state.value;
  const main = route.kind === 'wallet' || route.kind === 'activity' || route.kind === 'network' || route.kind === 'settings';
  if (update === 'none' || !main) return null;
  const working = state.jobs.length > 0;
  return (
    <Notice tone="info" title={update === 'elsewhere' ? 'This tab runs an older version' : 'A new version is ready'} live>
      <p>
        {update === 'elsewhere' ? 'Another tab already uses the new one. ' : ''}
        {working ? 'It can be loaded when the work that is going on has ended.' : 'Loading it takes a moment; your wallet stays as it is.'}
      </p>
      <Button busy={working || update === 'applying'} onClick={() => updates.apply()}>
        Load the new version
      </Button>
    </Notice>
  );
}
