/** Leaving a network, after saying what that means. */
import type { NodeState } from '../../api/node.ts';
import type { TxId } from '../../core/id.ts';
import { announce, useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { Money } from '../part/money.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';

const UP = { to: { kind: 'network' }, label: 'Network' } as const;

/** `#/network/leave/<txid>` */
export function LeaveScreen({ state, id }: { readonly state: NodeState; readonly id: TxId }) {
  const { client, router } = useApp();
  const network = state.networks.find((one) => one.id === id);
  const leave = useAction(async () => {
    await client.api.leaveNetwork(id);
    announce('You have left the network.');
    router.replace({ kind: 'network' });
  });
  if (network === undefined) {
    return (
      <Screen title="Leave a network" up={UP}>
        <p>You are not in this network.</p>
        <LinkButton to={UP.to}>To your networks</LinkButton>
      </Screen>
    );
  }
  const open = state.network?.id === id ? state.network : undefined;
  return (
    <Screen title={`Leave ${network.name}?`} up={UP}>
      {open?.isDevnet === true && (
        <Notice tone="info" title="This is the test network">
          <p>Its coins are worth nothing, so nothing is lost. It will not be opened by itself again.</p>
        </Notice>
      )}
      {open !== undefined && !open.isDevnet && open.balance.total > 0n && (
        <Notice tone="caution" title="You have money here">
          <p>
            <Money units={open.balance.total} />. If nobody else holds the history of this money, it is lost when you leave.
          </p>
        </Notice>
      )}
      <p>
        This device forgets the network and its payments, and no longer keeps them available for others. Your wallet and its words stay.
      </p>
      <p>
        You can join again with an invitation, and find your money again as long as others on the network hold its history. Keep a copy of
        the invitation if you might.
      </p>
      {leave.failure !== undefined && <ErrorNotice error={leave.failure} />}
      <div class="row">
        <Button tone="danger" busy={leave.busy} onClick={leave.run}>
          Leave network
        </Button>
        <LinkButton to={UP.to}>Stay</LinkButton>
      </div>
    </Screen>
  );
}
