/** Full or light: what a device follows of a network. */
import type { NetworkMode, OpenNetwork } from '../../api/node.ts';
import { announce, useApp } from '../context.ts';
import { Technical } from '../part/facts.tsx';
import { Choice } from '../part/field.tsx';

interface ModeChoiceProps {
  readonly mode: NetworkMode;
  readonly onChoose: (mode: NetworkMode) => unknown;
}

/** The choice, before joining and after. */
export function ModeChoice({ mode, onChoose }: ModeChoiceProps) {
  return (
    <>
      <Choice
        legend="What this device follows"
        value={mode}
        onChoose={onChoose}
        choices={[
          { value: 'full', label: 'Everything', hint: 'checks and keeps every payment, also for others; recommended' },
          { value: 'light', label: 'Only my money', hint: 'light: less to fetch and to keep, more to trust others for' },
        ]}
      />
      <Technical title="What light costs, trusts and saves">
        <p>
          <strong>What it saves:</strong> only the payments that your money came through are fetched and kept. In a large network that is a
          few in a hundred for one payment, and some ten in a hundred for a wallet that is used a lot.
        </p>
        <p>
          <strong>What it trusts:</strong> the history of your money is checked here, as ever. Whether somebody spent it a second time, out
          of sight, is asked of others: several devices are asked about all the money went through and to show that it is unspent. If all of
          them lie together, you can be cheated.
        </p>
        <p>
          <strong>What it costs:</strong> accepting takes longer, because the history is fetched then. A payment that nobody hands you as a
          link is found only if this device is online when it is made and the network is not too busy. The devices that are asked learn
          which money is yours. And the network has one helper less.
        </p>
      </Technical>
    </>
  );
}

/** The same for the open network, at once. */
export function OpenNetworkMode({ network }: { readonly network: OpenNetwork }) {
  const { client } = useApp();
  const choose = async (mode: NetworkMode) => {
    await client.api.setMode(network.id, mode);
    announce(mode === 'full' ? 'This device follows everything now.' : 'This device follows only your money now.');
  };
  return <ModeChoice mode={network.storage.chosen} onChoose={choose} />;
}
