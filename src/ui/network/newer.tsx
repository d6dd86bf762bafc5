/** Devices that speak a newer protocol: whether the app is too old to go on with the others. */
import type { OpenNetwork } from '../../api/node.ts';
import { plural } from '../format.ts';
import { Button } from '../part/button.tsx';
import { Notice } from '../part/notice.tsx';
import { isOutdated } from './outdated.ts';

/** Says that a newer version is needed, or that some have one; nothing while nobody has. */
export function NewerNotice({ network }: { readonly network: OpenNetwork }) {
  const { newerPeers } = network;
  if (newerPeers === 0) return null;
  const met = `${plural(newerPeers, 'device')} with a newer version ${newerPeers === 1 ? 'was' : 'were'} met since this tab was opened`;
  if (!isOutdated(network)) {
    return (
      <Notice tone="info" title="Some devices use a newer version of the app">
        <p>{met}, and this one cannot talk to them. Nothing is wrong as long as others are connected.</p>
      </Notice>
    );
  }
  return (
    <Notice tone="caution" title="A newer version is needed" live>
      <p>
        {met}: most of the network seems to have moved on, and this app cannot talk to them. Reload the page to get the newest version. Your
        money stays as it is.
      </p>
      <Button onClick={() => window.location.reload()}>Reload</Button>
    </Notice>
  );
}
