/** The test network on screen: play money is called so wherever it shows, and this is how one gets some. */
import type { Route } from '../../client/route.ts';
import { useApp } from '../context.ts';
import { Button, type ButtonTone } from '../part/button.tsx';
import { Icon } from '../part/icon.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';

/** Screens about the wallet, the app, or another network than the open one: no amount of the open network is on them. */
const WITHOUT_MONEY: ReadonlySet<Route['kind']> = new Set<Route['kind']>([
  'found',
  'join',
  'settings',
  'words',
  'words-check',
  'restore',
  'about',
  'not-found',
]);

/** Whether the amounts on the screen shown now are play money. */
export function useTestMoney(): boolean {
  const { client, router } = useApp();
  const state = client.state.value;
  return state.kind === 'ready' && state.value.network?.isDevnet === true && !WITHOUT_MONEY.has(router.route.value.kind);
}

/** Says that amounts near it are worth nothing. */
export function TestBadge() {
  return (
    <span class="test-badge" title="Its coins are worth nothing">
      Test network
    </span>
  );
}

/** A button that brings test coins, and what came of it. */
export function ClaimCoins({ walletId, tone }: { readonly walletId: string; readonly tone: ButtonTone }) {
  const { client } = useApp();
  const claiming = client.claiming.state.value;
  const own = claiming.kind !== 'idle' && claiming.request === walletId ? claiming : undefined;
  return (
    <>
      <Button tone={tone} icon="plus" busy={own?.kind === 'running'} onClick={() => client.claiming.begin(walletId)}>
        {own?.kind === 'running' ? 'Getting test coins…' : 'Get test coins'}
      </Button>
      {own?.kind === 'done' && own.result && (
        <p class="good">
          <Icon name="check" />
          <span>Your test coins are here.</span>
        </p>
      )}
      {own?.kind === 'done' && !own.result && (
        <Notice tone="info" title="This wallet has had its test coins" live>
          <p>Each wallet gets them once. Somebody else on the test network can send you some.</p>
        </Notice>
      )}
      {own?.kind === 'failed' && <ErrorNotice error={own.error} />}
    </>
  );
}
