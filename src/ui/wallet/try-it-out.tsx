/** What to try on the test network, one step at a time. */
import type { NodeState, OpenNetwork } from '../../api/node.ts';
import { ClaimCoins } from '../network/test-network.tsx';
import { LinkButton } from '../part/button.tsx';
import { Card } from '../part/screen.tsx';

/** The next thing to try: getting coins, paying somebody, or moving on. */
export function TryItOut({ state, network }: { readonly state: NodeState; readonly network: OpenNetwork }) {
  const hasCoins = network.balance.total > 0n;
  const hasPaid = network.activity.some((entry) => entry.kind === 'sent');
  return (
    <Card>
      <h2>{hasPaid ? 'You have paid somebody' : hasCoins ? 'Now pay somebody' : 'Get some coins first'}</h2>
      {hasPaid ? (
        <p>That is all there is to it. Money on other networks works the same way: join one, or found your own.</p>
      ) : (
        hasCoins && (
          <ol class="steps">
            <li>Invite a friend, or open this app in another browser or on your phone: that is somebody else, with another wallet.</li>
            <li>Ask for their address, and send some coins to it.</li>
            <li>Give them the payment link. They open it, and the coins are theirs.</li>
          </ol>
        )
      )}
      <div class="row">
        {hasCoins && !hasPaid && (
          <LinkButton to={{ kind: 'invite' }} tone="primary" icon="share">
            Invite somebody
          </LinkButton>
        )}
        <ClaimCoins walletId={state.wallet.id} tone={hasCoins ? 'quiet' : 'primary'} />
      </div>
    </Card>
  );
}
