/** Connected devices that count another payment than this one: said where it matters, with the way to both sides. */
import type { ForkNews, OpenNetwork } from '../../api/node.ts';
import { plural } from '../format.ts';
import { LinkButton } from '../part/button.tsx';
import { Notice } from '../part/notice.tsx';

const SHOWN = 2;

/** Whether most devices differ: then it may be this one that was cut off. Of one or two connected, nobody can tell. */
const isMost = ({ followers }: ForkNews, peers: number): boolean => peers > 2 && 2 * followers > peers;

/** Why this device counts its own side all the same. */
function reasonText(fork: ForkNews, peers: number): string {
  switch (fork.basis) {
    case 'chosen':
      return 'You chose the side that counts here.';
    case 'settled':
      return isMost(fork, peers)
        ? 'This device had settled on its own before it heard of the other, so it may have been cut off for a while.'
        : 'This device had settled on its own before it heard of the other.';
    case 'open':
      return 'They have not agreed yet.';
  }
}

/** On the wallet's screen: what concerns its money or what most devices see otherwise; not what is still being agreed on, or was chosen. */
const isForWallet = (fork: ForkNews, peers: number): boolean => fork.basis === 'settled' && (fork.isOwn || isMost(fork, peers));

interface ForkNoticesProps {
  readonly network: OpenNetwork;
  readonly isWallet?: boolean;
}

/** The forks that connected devices are on the other side of. */
export function ForkNotices({ network, isWallet = false }: ForkNoticesProps) {
  const peers = network.peers.filter(({ status }) => status === 'ready').length;
  const shown = network.forks.filter((fork) => !isWallet || isForWallet(fork, peers));
  return (
    <>
      {shown.slice(0, SHOWN).map((fork) => (
        <Notice
          key={fork.theirs}
          tone={isForWallet(fork, peers) ? 'caution' : 'info'}
          title={
            isMost(fork, peers) ? 'Most devices count another payment than this one' : 'Some devices count another payment than this one'
          }
          live
        >
          <p>
            Somebody spent money twice, and {fork.followers} of {plural(peers, 'connected device')}{' '}
            {fork.followers === 1 ? 'follows' : 'follow'} the other payment. {reasonText(fork, peers)}{' '}
            {fork.isOwn ? 'Money of yours depends on it.' : 'Your money does not depend on it.'}
          </p>
          <LinkButton to={{ kind: 'fork', txid: fork.theirs }}>Compare the two sides</LinkButton>
        </Notice>
      ))}
      {shown.length > SHOWN && <p class="hint">There {shown.length === SHOWN + 1 ? 'is one more' : `are ${shown.length - SHOWN} more`}.</p>}
    </>
  );
}
