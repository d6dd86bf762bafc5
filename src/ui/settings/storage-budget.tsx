/** How much room a network may take up. */
import { useState } from 'preact/hooks';
import type { NodeState } from '../../api/node.ts';
import { announce, useApp } from '../context.ts';
import { formatRoom } from '../format.ts';
import { useAction } from '../load.ts';
import { Button } from '../part/button.tsx';
import { Choice } from '../part/field.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';

const MIB = 2 ** 20;
const BUDGETS = [
  { bytes: 16 * MIB, hint: 'for a phone that is nearly full' },
  { bytes: 64 * MIB, hint: '' },
  { bytes: 256 * MIB, hint: 'usual; some 350,000 payments' },
  { bytes: 1_024 * MIB, hint: 'to keep more for everybody' },
] as const;

/** The choice, for all networks on this device. What would let files go is asked twice: arrow keys choose too. */
export function StorageBudget({ state }: { readonly state: NodeState }) {
  const { client } = useApp();
  const { storageBudgetBytes } = state.settings;
  const used = state.network?.storage.usedBytes ?? 0;
  const [asked, setAsked] = useState<number | undefined>(undefined);
  const save = useAction(async () => {
    if (asked === undefined) return;
    await client.api.setStorageBudget(asked);
    setAsked(undefined);
    announce('Saved.');
  });
  const choose = (value: string) => {
    const bytes = Number(value);
    setAsked(bytes < used && bytes !== storageBudgetBytes ? bytes : undefined);
    return bytes < used ? undefined : client.api.setStorageBudget(bytes);
  };
  const choices = BUDGETS.map(({ bytes, hint }) => ({ value: String(bytes), label: formatRoom(bytes), hint }));
  const isOwn = BUDGETS.every(({ bytes }) => bytes !== storageBudgetBytes);
  const own = { value: String(storageBudgetBytes), label: `As set: ${formatRoom(storageBudgetBytes)}` };
  return (
    <>
      <Choice
        legend="Room for each network"
        hint="Every device keeps payments for the others. With less room it keeps your own, what proves your money, and the latest; of older ones only a short record."
        value={String(asked ?? storageBudgetBytes)}
        onChoose={choose}
        choices={isOwn ? [own, ...choices] : choices}
      />
      {asked !== undefined && (
        <Notice tone="caution" title={`${formatRoom(asked)} are less than the ${formatRoom(used)} that are used now`} live>
          <p>The oldest files of strangers’ payments go from this device, and do not come back when you allow more later.</p>
          <Button busy={save.busy} onClick={save.run}>
            Use {formatRoom(asked)} from now on
          </Button>
        </Notice>
      )}
      {save.failure !== undefined && <ErrorNotice error={save.failure} />}
    </>
  );
}
