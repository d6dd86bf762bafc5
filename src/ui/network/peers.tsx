/** The devices that are connected, and how this one stands to each. */
import './peers.css';
import type { Fork, OpenNetwork, PeerState, Relation } from '../../api/node.ts';
import { routeFragment } from '../../client/route.ts';
import { formatClock, plural, shorten } from '../format.ts';
import { Technical } from '../part/facts.tsx';

const SHOWN_FORKS = 3;

/** How this device stands to another, in a word and a sentence. */
export function relationText(relation: Relation | undefined, isLight: boolean): { readonly title: string; readonly text: string } {
  switch (relation?.kind) {
    case undefined:
      return isLight
        ? { title: 'Connected', text: 'This device asks it about your money.' }
        : { title: 'Comparing', text: 'Finding out what it has.' };
    case 'in-sync':
      return { title: 'In sync', text: 'It has the same payments as this device.' };
    case 'behind': {
      const { missing } = relation;
      return {
        title: 'It knows more',
        text:
          missing > 0
            ? `About ${plural(missing, 'payment')} that it has ${missing === 1 ? 'is' : 'are'} on the way here.`
            : 'What it has is on its way here.',
      };
    }
    case 'ahead': {
      const { more } = relation;
      return {
        title: 'It knows less',
        text:
          more > 0
            ? `It has yet to get about ${plural(more, 'payment')} that ${more === 1 ? 'is' : 'are'} here.`
            : 'It has yet to get what is here.',
      };
    }
    case 'forked':
      return {
        title: 'It sees some payments differently',
        text: 'Money was spent twice, and the two devices count different payments. Do not rely on these while they differ.',
      };
  }
}

function foundText(found: PeerState['foundBy']): string {
  switch (found) {
    case 'tracker':
      return 'met through a tracker';
    case 'introduction':
      return 'introduced by another device';
    case 'pairing':
      return 'connected directly, by a code';
  }
}

/** Links to both sides of what parts this device and a peer. */
function Forks({ forks }: { readonly forks: readonly Fork[] }) {
  if (forks.length === 0) return <p class="hint">Which payments part the two is not known yet.</p>;
  const links = forks.map(({ theirs, ours }) => (
    <li key={theirs}>
      <a href={routeFragment({ kind: 'fork', txid: theirs })}>Compare the two sides</a>
      <span class="hint identifier">
        {shorten(theirs, 8, 0)} there, {ours.map((txid) => shorten(txid, 8, 0)).join(', ')} here
      </span>
    </li>
  ));
  const list = <ul class="plain forks">{links}</ul>;
  return forks.length <= SHOWN_FORKS ? list : <Technical title={`Which ${plural(forks.length, 'payment')}`}>{list}</Technical>;
}

function Peer({ peer, isLight }: { readonly peer: PeerState; readonly isLight: boolean }) {
  const { status, relation } = peer;
  const isReady = status === 'ready';
  const { title, text } = !isReady
    ? { title: 'Getting acquainted', text: 'It has not said yet what it has.' }
    : peer.mode === 'light' && relation?.kind === 'ahead'
      ? { title: 'Light', text: 'It may follow only what its own money came through.' }
      : relationText(relation, isLight);
  const software = shorten(peer.software, 40, 0);
  const facts = [foundText(peer.foundBy), `since ${formatClock(peer.connectedAtMs)}`, ...(software === '' ? [] : [software])];
  return (
    <li class="peer">
      <span class={`dot ${isReady && relation?.kind !== 'forked' ? 'dot-on' : 'dot-off'}`} />
      <span class="line-words">
        <span class="line-title">{title}</span>
        <span>{text}</span>
        <span class="hint">
          {isReady && (
            <>
              <span>Has {plural(peer.transactions, 'transaction')}</span>
              {peer.mode === 'light' ? ', not all in full' : ''} ·{' '}
            </>
          )}
          {facts.join(' · ')}
        </span>
        {isReady && relation?.kind === 'forked' && <Forks forks={relation.forks} />}
      </span>
    </li>
  );
}

/** All connected devices. */
export function Peers({ network }: { readonly network: OpenNetwork }) {
  if (network.peers.length === 0) return <p class="empty">Nobody is connected yet. Others appear here when they have this network open.</p>;
  return (
    <ul class="plain peers">
      {network.peers.map((peer) => (
        <Peer key={peer.id} peer={peer} isLight={network.storage.chosen === 'light'} />
      ))}
    </ul>
  );
}
