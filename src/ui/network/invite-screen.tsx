/** Inviting others to the open network. */
import type { NodeState, OpenNetwork } from '../../api/node.ts';
import { appUrl } from '../../client/app-url.ts';
import { useApp } from '../context.ts';
import { useLoad } from '../load.ts';
import { LinkButton } from '../part/button.tsx';
import { Copyable } from '../part/copyable.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { ErrorNotice } from '../part/notice.tsx';
import { Qr } from '../part/qr.tsx';
import { Card, Screen } from '../part/screen.tsx';
import { NeedNetwork } from './other-network.tsx';

const UP = { to: { kind: 'network' }, label: 'Network' } as const;

function Invitation({ network }: { readonly network: OpenNetwork }) {
  const { client } = useApp();
  const trackers = network.trackers.map((tracker) => tracker.url).join(' ');
  const proof = useLoad(() => client.api.loadInvitation(), [network.id, trackers]);
  if (proof.kind === 'failed') return <ErrorNotice error={proof.error} />;
  if (proof.kind === 'loading') return <p class="waiting">Preparing the invitation…</p>;
  const link = appUrl(proof.value.fragment);
  return (
    <div class="columns">
      <Card>
        <h2>Show it</h2>
        <Qr text={link} label={`QR code that invites to ${network.name}`} />
        <p class="hint">Scan it with a phone’s camera.</p>
      </Card>
      <div class="stack">
        <Card>
          <h2>Send it</h2>
          <p>Whoever opens the link can join and be paid. It gives no access to your money.</p>
          <Copyable text={link} what="invitation link" tone="primary" folded share={`Join ${network.name} on TorrentTX`} />
        </Card>
        {!network.isDevnet && (
          <p class="hint">Keep this tab open until others have joined: so far you may be the only one who holds the network.</p>
        )}
        <Technical title="Other ways and technical details">
          <Copyable text={proof.value.magnet} what="magnet link" />
          <Facts>
            <Fact name="Infohash">
              <Identifier>{proof.value.infohash}</Identifier>
            </Fact>
            <Fact name="Transaction id (txid)">
              <Identifier>{proof.value.txid}</Identifier>
            </Fact>
          </Facts>
        </Technical>
      </div>
    </div>
  );
}

/** `#/network/invite` */
export function InviteScreen({ state }: { readonly state: NodeState }) {
  const { network } = state;
  return (
    <Screen title={network === undefined ? 'Invite others' : `Invite others to ${network.name}`} up={UP}>
      {network === undefined ? <NeedNetwork state={state} /> : <Invitation network={network} />}
      <LinkButton to={{ kind: 'wallet' }}>To the wallet</LinkButton>
    </Screen>
  );
}
