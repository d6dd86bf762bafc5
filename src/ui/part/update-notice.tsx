/** A new version of the app, offered. */
import type { NodeState } from '../../api/node.ts';
import type { Route } from '../../client/route.ts';
import { useApp } from '../context.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

/** Offers a new version on the four main screens only: nothing may move under the finger of somebody who pays or writes words down. */
export function UpdateNotice({ route, state }: { readonly route: Route; readonly state: NodeState }) {
  const { updates } = useApp();
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
