/** The open network, the others, and what this tab does for them. */
import type { NetworkSummary, NodeState, OpenNetwork } from '../../api/node.ts';
import { DEVNET_INVITATION, isDevnetId } from '../../client/devnet.ts';
import { routeFragment } from '../../client/route.ts';
import { announce, useApp } from '../context.ts';
import { formatBytes, formatCount, formatMoment, plural, roughTtx } from '../format.ts';
import { useAction } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { Money } from '../part/money.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Card, Screen, Section } from '../part/screen.tsx';
import { ForkNotices } from './fork-notice.tsx';
import { OpenNetworkMode } from './mode-choice.tsx';
import { NewerNotice } from './newer.tsx';
import { Peers } from './peers.tsx';
import { Storage } from './storage.tsx';
import { SyncProgress } from './sync-progress.tsx';
import { Trackers } from './trackers.tsx';

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
        {/* A light device has not seen all that was destroyed. */}
        {network.storage.chosen === 'full' && (
          <Fact name="Money in the network">
            <Money units={network.supply} />
          </Fact>
        )}
        <Fact name="Transactions here">{formatCount(network.transactions)}</Fact>
        {network.sync === undefined && network.toFetch + network.pending > 0 && (
          <Fact name="Still to come">{formatCount(network.toFetch + network.pending)}</Fact>
        )}
      </Facts>
      {network.sync !== undefined && <SyncProgress sync={network.sync} />}
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
  const { network, networks, unreadableNetworks } = state;
  return (
    <Screen title="Network">
      {network !== undefined && <NewerNotice network={network} />}
      {network !== undefined && <ForkNotices network={network} />}
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
        {unreadableNetworks > 0 && (
          <Notice tone="caution" title={`${plural(unreadableNetworks, 'more network')} cannot be read by this version of the app`}>
            <p>
              Nothing is lost: your money is on the network and in your 12 words. Load the newest version of the app, or join again with an
              invitation.
            </p>
          </Notice>
        )}
        <div class="row">
          <LinkButton to={{ kind: 'join', query: '' }} icon="join">
            Join a network
          </LinkButton>
          {!state.isOpening && !networks.some(({ id }) => isDevnetId(id)) && (
            <LinkButton to={{ kind: 'join', query: DEVNET_INVITATION }} icon="join">
              Join the test network
            </LinkButton>
          )}
          <LinkButton to={{ kind: 'found' }} icon="plus">
            Found a network
          </LinkButton>
        </div>
      </Section>
      {network !== undefined && (
        <>
          <Section title="Connected devices">
            <Peers network={network} />
            <p class="hint">Somebody is near, or in touch with you by chat? Connect your two devices directly, without a tracker.</p>
            <div class="row">
              <LinkButton to={{ kind: 'connect', code: '' }} icon="join">
                Connect directly
              </LinkButton>
            </div>
          </Section>
          <Section title="Storage">
            <Storage storage={network.storage} />
            <OpenNetworkMode network={network} />
          </Section>
          <Section title="What this tab does for others">
            <Seeds network={network} />
          </Section>
          <Section title="Trackers">
            <Trackers network={network} />
          </Section>
        </>
      )}
    </Screen>
  );
}
