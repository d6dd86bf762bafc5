/** What the open network takes up on this device, and what is kept of it. */
import type { StorageState } from '../../api/node.ts';
import { formatRoom, plural } from '../format.ts';
import { LinkButton } from '../part/button.tsx';
import { Technical } from '../part/facts.tsx';
import { Bar } from '../part/progress.tsx';

function keptText({ mode, chosen, dropped }: StorageState): string {
  if (chosen === 'light')
    return 'Light, as you chose: this device keeps only what your money came through, and asks others about the rest.';
  if (mode === 'full') return 'Full: this device keeps every payment of the network with its file.';
  if (dropped === 0) return 'Light: this device is making room.';
  return `Light: to save space, this device keeps ${plural(dropped, 'payment')} of strangers without ${dropped === 1 ? 'its file' : 'their files'}. Yours are all here.`;
}

/** Full or light, how much of the budget is used, and what that means. */
export function Storage({ storage }: { readonly storage: StorageState }) {
  const { usedBytes, budgetBytes } = storage;
  const used = `${formatRoom(usedBytes)} of ${formatRoom(budgetBytes)} used`;
  return (
    <div class="stack">
      <p>{keptText(storage)}</p>
      <div class="job">
        <Bar label="Storage used" share={Math.min(1, usedBytes / budgetBytes)} />
        <p class="hint">
          {used}
          {usedBytes > budgetBytes &&
            '. What must stay takes more than you allowed: your own payments, what proves your money, and a short record of each other payment.'}
        </p>
      </div>
      <div class="row">
        <LinkButton to={{ kind: 'settings' }}>Change how much may be used</LinkButton>
      </div>
      <Technical title="What happens when the room runs out">
        <p>
          The oldest files of strangers’ payments go, and the device calls itself light. Your own payments and everything that proves your
          money stay.
        </p>
        <p>
          <strong>What it saves:</strong> room on this device. It stays near what you allowed, however much others pay.
        </p>
        <p>
          <strong>What it costs:</strong> others find those files somewhere else, and here such a payment shows no note. Files that went do
          not come back when you allow more; new ones are kept again.
        </p>
        <p>
          <strong>What it trusts:</strong> nobody more than before. Each payment was checked before its file went, and a record of it stays
          that is enough to notice when the same money is spent twice.
        </p>
      </Technical>
    </div>
  );
}
