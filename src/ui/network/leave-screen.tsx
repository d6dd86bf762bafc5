/** Leaving a network, after saying what that means. */
import type { NetworkSummary, NodeState, OpenNetwork } from '../../api/node.ts';
import { isDevnetId } from '../../client/devnet.ts';
import type { TxId } from '../../core/id.ts';
import { announce, useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { Technical } from '../part/facts.tsx';
import { Money } from '../part/money.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';

const UP = { to: { kind: 'network' }, label: 'Network' } as const;

function LeaveButton({ id }: { readonly id: TxId }) {
  const { client, router } = useApp();
  const leave = useAction(async () => {
    await client.api.leaveNetwork(id);
    announce('You have left the network.');
    router.replace({ kind: 'network' });
  });
  return (
    <>
      {leave.failure !== undefined && <ErrorNotice error={leave.failure} />}
      <div class="row">
        <Button tone="danger" busy={leave.busy} onClick={leave.run}>
          Leave network
        </Button>
        <LinkButton to={UP.to}>Stay</LinkButton>
      </div>
    </>
  );
}

/** What is on a network that is not open is not known: one looks first, or says twice that one would rather not. */
function LeaveUnseen({ network }: { readonly network: NetworkSummary }) {
  const { client } = useApp();
  const open = useAction(async () => {
    await client.api.openNetwork(network.id);
    announce(`${network.name} is open.`);
  });
  return (
    <>
      <Notice tone="caution" title="You may have money here">
        <p>
          {network.name} is not open, so the app cannot see now whether there is money of yours on it. Open it first. If nobody else holds
          the history of your money, it is lost when you leave.
        </p>
        <div class="row">
          <Button tone="primary" busy={open.busy} onClick={open.run}>
            Open {network.name}
          </Button>
          <LinkButton to={UP.to}>Stay</LinkButton>
        </div>
        {open.failure !== undefined && <ErrorNotice error={open.failure} />}
      </Notice>
      <Technical title="Leave without looking">
        <p>Whatever money there is on {network.name} may be lost for good.</p>
        <LeaveButton id={network.id} />
      </Technical>
    </>
  );
}

function MoneyHere({ open }: { readonly open: OpenNetwork }) {
  if (open.balance.total === 0n) return null;
  return (
    <Notice tone="caution" title="You have money here">
      <p>
        <Money units={open.balance.total} />. If nobody else holds the history of this money, it is lost when you leave.
      </p>
    </Notice>
  );
}

/** `#/network/leave/<txid>` */
export function LeaveScreen({ state, id }: { readonly state: NodeState; readonly id: TxId }) {
  const network = state.networks.find((one) => one.id === id);
  if (network === undefined) {
    return (
      <Screen title="Leave a network" up={UP}>
        <p>You are not in this network.</p>
        <LinkButton to={UP.to}>To your networks</LinkButton>
      </Screen>
    );
  }
  const open = state.network?.id === id ? state.network : undefined;
  const isDevnet = open?.isDevnet ?? isDevnetId(id);
  return (
    <Screen title={`Leave ${network.name}?`} up={UP}>
      {isDevnet && (
        <Notice tone="info" title="This is the test network">
          <p>Its coins are worth nothing, so nothing is lost. It will not be opened by itself again.</p>
        </Notice>
      )}
      {open !== undefined && !isDevnet && <MoneyHere open={open} />}
      <p>
        This device forgets the network and its payments, and no longer keeps them available for others. Your wallet and its words stay.
      </p>
      <p>
        You can join again with an invitation, and find your money again as long as others on the network hold its history. Keep a copy of
        the invitation if you might.
      </p>
      {open === undefined && !isDevnet ? <LeaveUnseen network={network} /> : <LeaveButton id={id} />}
    </Screen>
  );
}
