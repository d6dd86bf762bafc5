/** The open network, the others, and what this tab does for them. */
import type { NetworkSummary, NodeState, OpenNetwork } from '../../api/node.ts';
import { routeFragment } from '../../client/route.ts';
import { announce, useApp } from '../context.ts';
import { formatBytes, formatClock, formatCount, formatMoment, plural, roughTtx, shorten } from '../format.ts';
import { useAction } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { Money } from '../part/money.tsx';
import { ErrorNotice } from '../part/notice.tsx';
import { Card, Screen, Section } from '../part/screen.tsx';
import { Trackers } from './trackers.tsx';

function Peers({ network }: { readonly network: OpenNetwork }) {
  if (network.peers.length === 0) return <p class="empty">Nobody is connected yet. Others appear here when they have this network open.</p>;
  return (
    <ul class="plain">
      {network.peers.map((peer) => (
        <li key={peer.id} class="peer">
          <span class={`dot ${peer.status === 'ready' ? 'dot-on' : 'dot-off'}`} />
          <span class="line-words">
            <span>{peer.status === 'ready' ? `Has ${plural(peer.transactions, 'transaction')}` : 'Getting acquainted'}</span>
            <span class="hint">
              since {formatClock(peer.connectedAtMs)} · {shorten(peer.software, 40, 0)}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Seeds({ network }: { readonly network: OpenNetwork }) {
  const uploaded = network.seeds.reduce((sum, seed) => sum + seed.uploadedBytes, 0);
  return (
    <>
      <p>
        While it is open, this tab offers {plural(network.seeds.length, 'transaction')} to everybody, and has passed on{' '}
        {formatBytes(uploaded)}.
      </p>
      {network.seeds.length > 0 && (
        <Technical title="What is seeded">
          <ul class="plain">
            {network.seeds.map((seed) => (
              <li key={seed.infohash}>
                <Identifier>{seed.infohash}</Identifier>
                <p class="hint">
                  {seed.role === 'genesis' ? 'First transaction of the network' : 'Payment'} · {plural(seed.peers, 'connection')} ·{' '}
                  {formatBytes(seed.uploadedBytes)} sent
                </p>
              </li>
            ))}
          </ul>
        </Technical>
      )}
    </>
  );
}

function NetworkCard({ network }: { readonly network: OpenNetwork }) {
  const { parameters } = network;
  const micro = (units: number) => `${roughTtx(units)} TTX`;
  return (
    <Card>
      <p class="balance-label">Open network</p>
      <h2 class="network-name">{network.name}</h2>
      {network.isDevnet && <p>A network for trying things out: everybody can make its coins, and they are worth nothing.</p>}
      <Facts>
        <Fact name="Money in the network">
          <Money units={network.supply} />
        </Fact>
        <Fact name="Transactions here">{formatCount(network.transactions)}</Fact>
        {network.toFetch + network.pending > 0 && <Fact name="Still to come">{formatCount(network.toFetch + network.pending)}</Fact>}
      </Facts>
      <div class="row">
        <LinkButton to={{ kind: 'invite' }} tone="primary" icon="share">
          Invite others
        </LinkButton>
      </div>
      <Technical title="Rules and technical details">
        <Facts>
          <Fact name="Fee per byte">{micro(parameters.burnPerByte)}</Fact>
          <Fact name="Work reward, each step">{micro(parameters.workReward)}</Fact>
          <Fact name="Most that work may gain">{micro(parameters.maxGain)}</Fact>
          <Fact name="Address prefix">{parameters.hrp}</Fact>
          <Fact name="Joined">{formatMoment(network.joinedAtMs)}</Fact>
          <Fact name="Genesis (infohash:txid)">
            <Identifier>{network.locator}</Identifier>
          </Fact>
        </Facts>
      </Technical>
    </Card>
  );
}

function NetworkLine({ network, open }: { readonly network: NetworkSummary; readonly open: boolean }) {
  const { client } = useApp();
  const choose = useAction(async () => {
    await client.api.openNetwork(network.id);
    announce(`${network.name} is open.`);
  });
  return (
    <li class="listed">
      <span class="line-words">
        <span class="line-title">{network.name}</span>
        <span class="hint">
          {open ? 'open now · ' : ''}joined {formatMoment(network.joinedAtMs)}
        </span>
        {choose.failure !== undefined && <ErrorNotice error={choose.failure} />}
      </span>
      <span class="row">
        {!open && (
          <Button busy={choose.busy} onClick={choose.run}>
            Switch<span class="visually-hidden"> to {network.name}</span>
          </Button>
        )}
        <a class="button button-quiet" href={routeFragment({ kind: 'leave', id: network.id })}>
          <span>
            Leave<span class="visually-hidden"> {network.name}</span>
          </span>
        </a>
      </span>
    </li>
  );
}

/** `#/network` */
export function NetworkScreen({ state }: { readonly state: NodeState }) {
  const { network, networks } = state;
  return (
    <Screen title="Network">
      {network !== undefined && <NetworkCard network={network} />}
      <Section title="Your networks">
        {networks.length === 0 ? (
          <p class="empty">{state.isOpening ? 'Opening your network…' : 'You are in no network.'}</p>
        ) : (
          <ul class="plain">
            {networks.map((one) => (
              <NetworkLine key={one.id} network={one} open={one.id === network?.id} />
            ))}
          </ul>
        )}
        <div class="row">
          <LinkButton to={{ kind: 'join', query: '' }} icon="join">
            Join a network
          </LinkButton>
          <LinkButton to={{ kind: 'found' }} icon="plus">
            Found a network
          </LinkButton>
        </div>
      </Section>
      {network !== undefined && (
        <>
          <Section title="Connected devices">
            <Peers network={network} />
          </Section>
          <Section title="What this tab does for others">
            <Seeds network={network} />
          </Section>
          <Section title="Trackers">
            <Trackers trackers={network.trackers} />
          </Section>
        </>
      )}
    </Screen>
  );
}
