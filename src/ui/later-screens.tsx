/** All screens but the first ones: loaded once those are drawn. */
import type { NodeState } from '../api/node.ts';
import type { Route } from '../client/route.ts';
import { AcceptScreen } from './accept/accept-screen.tsx';
import { ActivityScreen } from './activity/activity-screen.tsx';
import { ProofScreen } from './activity/proof-screen.tsx';
import { TransactionScreen } from './activity/transaction-screen.tsx';
import { ConnectScreen } from './connect/connect-screen.tsx';
import type { FirstRoute } from './first-route.ts';
import { FollowScreen } from './network/follow-screen.tsx';
import { ForkScreen } from './network/fork-screen.tsx';
import { FoundScreen } from './network/found-screen.tsx';
import { InviteScreen } from './network/invite-screen.tsx';
import { JoinScreen } from './network/join-screen.tsx';
import { LeaveScreen } from './network/leave-screen.tsx';
import { NetworkScreen } from './network/network-screen.tsx';
import { LinkButton } from './part/button.tsx';
import { Screen } from './part/screen.tsx';
import { PayScreen } from './pay/pay-screen.tsx';
import { ReviewScreen } from './pay/review-screen.tsx';
import { ScanScreen } from './scan/scan-screen.tsx';
import { AboutScreen } from './settings/about-screen.tsx';
import { RestoreScreen } from './settings/restore-screen.tsx';
import { SettingsScreen } from './settings/settings-screen.tsx';
import { WordsCheckScreen } from './settings/words-check-screen.tsx';
import { WordsScreen } from './settings/words-screen.tsx';

function NotFound() {
  return (
    <Screen title="There is nothing here">
      <p>This link leads to no screen of the app. It may have been cut off on its way to you.</p>
      <LinkButton to={{ kind: 'wallet' }} tone="primary">
        To the wallet
      </LinkButton>
    </Screen>
  );
}

/** The screen of `route`. */
export function LaterScreen({ route, state }: { readonly route: Exclude<Route, FirstRoute>; readonly state: NodeState }) {
  switch (route.kind) {
    case 'pay':
      return <PayScreen state={state} query={route.query} />;
    case 'pay-review':
      return <ReviewScreen state={state} />;
    case 'accept':
      return <AcceptScreen state={state} query={route.query} />;
    case 'scan':
      return <ScanScreen />;
    case 'activity':
      return <ActivityScreen state={state} />;
    case 'transaction':
      return <TransactionScreen state={state} txid={route.txid} />;
    case 'proof':
      return <ProofScreen state={state} txid={route.txid} />;
    case 'network':
      return <NetworkScreen state={state} />;
    case 'found':
      return <FoundScreen state={state} />;
    case 'join':
      return <JoinScreen state={state} query={route.query} />;
    case 'invite':
      return <InviteScreen state={state} />;
    case 'connect':
      return <ConnectScreen state={state} code={route.code} />;
    case 'leave':
      return <LeaveScreen state={state} id={route.id} />;
    case 'fork':
      return <ForkScreen state={state} txid={route.txid} />;
    case 'follow':
      return <FollowScreen state={state} txid={route.txid} />;
    case 'settings':
      return <SettingsScreen state={state} />;
    case 'words':
      return <WordsScreen />;
    case 'words-check':
      return <WordsCheckScreen />;
    case 'restore':
      return <RestoreScreen />;
    case 'about':
      return <AboutScreen />;
    case 'not-found':
      return <NotFound />;
  }
}
