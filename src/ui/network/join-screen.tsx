/** Joining a network by its invitation. */
import { useEffect, useState } from 'preact/hooks';
import type { NetworkMode, NodeState } from '../../api/node.ts';
import { isDevnetId } from '../../client/devnet.ts';
import { screenForText } from '../../client/pasted.ts';
import { isTtxError } from '../../core/error.ts';
import { type Magnet, parseLink } from '../../core/link.ts';
import { announce, useApp } from '../context.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { PasteForm } from '../part/paste-form.tsx';
import { JobProgress } from '../part/progress.tsx';
import { Screen, useFocusKept } from '../part/screen.tsx';
import { ModeChoice } from './mode-choice.tsx';

const UP = { to: { kind: 'network' }, label: 'Network' } as const;

type Invitation = { readonly kind: 'none' } | { readonly kind: 'damaged' } | { readonly kind: 'ok'; readonly magnet: Magnet };

function readInvitation(query: string): Invitation {
  if (query === '') return { kind: 'none' };
  try {
    const link = parseLink(`#/join?${query}`);
    return link.kind === 'invitation' ? { kind: 'ok', magnet: link.magnet } : { kind: 'damaged' };
  } catch (error) {
    if (isTtxError(error)) return { kind: 'damaged' };
    throw error;
  }
}

function PasteInvitation() {
  const { router } = useApp();
  const take = (text: string) => {
    // A genesis pasted without its network's name still parses as a payment; here it is meant as an invitation.
    const screen = screenForText(text);
    if (screen.kind !== 'join' && screen.kind !== 'connect' && screen.kind !== 'accept')
      return 'This is a request for a payment, not an invitation. Ask for the invitation link of the network.';
    router.go(screen.kind === 'accept' ? { kind: 'join', query: screen.query } : screen);
    return undefined;
  };
  return (
    <PasteForm
      label="Invitation link"
      hint="A link to TorrentTX, or the magnet link of a network’s first transaction."
      lines={3}
      empty="Paste the invitation that somebody sent you."
      action={{ label: 'Continue' }}
      take={take}
    >
      <LinkButton to={{ kind: 'scan' }} icon="scan">
        Scan
      </LinkButton>
    </PasteForm>
  );
}

interface InvitedProps {
  readonly state: NodeState;
  readonly magnet: Magnet;
  readonly query: string;
}

function Invited({ state, magnet, query }: InvitedProps) {
  const { client } = useApp();
  const joined = state.networks.find((one) => one.id === magnet.txid);
  const joining = client.joining.state.value;
  const [mode, setMode] = useState<NetworkMode>('full');
  // Also for a network that is joined: the invitation may know trackers that this device does not.
  const join = () => client.joining.begin({ link: `#/join?${query}`, mode });
  if (joined !== undefined) {
    return (
      <Notice tone="good" title={`You are in ${joined.name} already`}>
        <Button tone="primary" onClick={join}>
          Open {joined.name}
        </Button>
        {joining.kind === 'failed' && <ErrorNotice error={joining.error} />}
      </Notice>
    );
  }
  return (
    <div class="stack">
      <p class="lead">
        {magnet.txid !== undefined && isDevnetId(magnet.txid)
          ? 'This is the test network, for trying things out: everybody can make its coins, and they are worth nothing.'
          : 'Somebody invited you to a network. Your wallet gets an address there, and this tab helps to keep the network available.'}
      </p>
      <ModeChoice mode={mode} onChoose={setMode} />
      {joining.kind === 'failed' && <ErrorNotice error={joining.error} />}
      <Button tone="primary" wide icon="join" onClick={join}>
        Join this network
      </Button>
      <Technical>
        <Facts>
          <Fact name="Infohash of its first transaction">
            <Identifier>{magnet.infohash}</Identifier>
          </Fact>
          {magnet.txid !== undefined && (
            <Fact name="Transaction id (txid)">
              <Identifier>{magnet.txid}</Identifier>
            </Fact>
          )}
          <Fact name="Trackers in the link">
            {magnet.trackers.length === 0 ? 'None' : magnet.trackers.map((url) => <Identifier key={url}>{url}</Identifier>)}
          </Fact>
        </Facts>
      </Technical>
    </div>
  );
}

/** `#/network/join` and `#/join?xt=…` */
export function JoinScreen({ state, query }: { readonly state: NodeState; readonly query: string }) {
  const { client, router } = useApp();
  const invitation = readInvitation(query);
  const joining = client.joining.state.value;
  useFocusKept(joining.kind);
  useEffect(() => {
    if (joining.kind !== 'done') return;
    client.joining.clear();
    announce(`${joining.result.name} is open.`);
    router.replace({ kind: 'wallet' });
  }, [client, router, joining]);
  return (
    <Screen title="Join a network" up={UP}>
      {joining.kind === 'running' ? (
        <>
          <p>The first transaction of the network is fetched from whoever has it open. Ask whoever invited you to keep TorrentTX open.</p>
          <JobProgress
            job={state.jobs.find((job) => job.id === joining.jobId)}
            label="Joining the network"
            stopping={joining.stopping}
            onCancel={() => client.joining.cancel()}
          />
        </>
      ) : (
        <>
          {invitation.kind === 'damaged' && (
            <Notice tone="bad" title="This invitation is damaged" live>
              <p>It may have been cut off on its way to you. Ask for it again, or paste the whole of it below.</p>
            </Notice>
          )}
          {invitation.kind === 'ok' ? <Invited state={state} magnet={invitation.magnet} query={query} /> : <PasteInvitation />}
        </>
      )}
    </Screen>
  );
}
