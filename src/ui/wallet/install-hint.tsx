/** A calm word about installing, once there is something to come back for. */
import { useState } from 'preact/hooks';
import type { OpenNetwork } from '../../api/node.ts';
import { useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button } from '../part/button.tsx';
import { Notice } from '../part/notice.tsx';

const DISMISSED = 'ttx-install-dismissed';

/** Where storage is switched off there is nothing to be remembered either. */
function readDismissed(): boolean {
  try {
    return localStorage.getItem(DISMISSED) !== null;
  } catch {
    return false;
  }
}

function keepDismissed(): void {
  try {
    localStorage.setItem(DISMISSED, '1');
  } catch {
    // It is asked again next time.
  }
}

/** Shown below everything else of the wallet, where the browser offers to install, until it is answered. */
export function InstallHint({ network }: { readonly network: OpenNetwork }) {
  const { installing } = useApp();
  const [dismissed, setDismissed] = useState(readDismissed);
  const install = useAction(async () => {
    await installing.ask();
  });
  if (dismissed || network.balance.total === 0n || installing.state.value.kind !== 'offered') return null;
  return (
    <Notice tone="info" title="Keep the wallet at hand">
      <p>
        Installed, it opens from your home screen or desktop, without a connection too. Browsers also delete an installed app’s data less
        easily.
      </p>
      <div class="row">
        <Button busy={install.busy} onClick={install.run}>
          Install
        </Button>
        <Button
          tone="quiet"
          onClick={() => {
            keepDismissed();
            setDismissed(true);
          }}
        >
          Not now
        </Button>
      </div>
    </Notice>
  );
}
