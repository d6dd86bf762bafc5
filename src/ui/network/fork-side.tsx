/** One side of a fork in plain words. */
import type { ForkSide } from '../../api/node.ts';
import { routeFragment } from '../../client/route.ts';
import { formatMoment, plural, shortAddress } from '../format.ts';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { Money } from '../part/money.tsx';
import { Card } from '../part/screen.tsx';

/** Who counts this side, this device included. */
export function followersText({ isFollowed, followers }: ForkSide, peers: number): string {
  if (peers === 0) return isFollowed ? 'This device; nobody is connected now' : 'Nobody who is connected now';
  const others = followers === 0 ? 'no connected one' : peers === 1 ? 'the connected one' : `${followers} of ${peers} connected ones`;
  return isFollowed
    ? `This device and ${others}`
    : followers === 0
      ? 'None of the devices connected now'
      : `Not this device, but ${others}`;
}

/** Three digits tell enough. */
const tries = (work: bigint): string => `About ${plural(Number(Number(work).toPrecision(3)), 'try', 'tries')}, later payments included`;

interface ForkSideCardProps {
  readonly side: ForkSide;
  readonly peers: number;
}

/** What is paid on this side, who counts it, and how much stands behind it. */
export function ForkSideCard({ side, peers }: ForkSideCardProps) {
  return (
    <Card>
      <h2 class="fork-head">
        {side.isFollowed ? 'Counts here' : 'The other side'}
        <span class="fork-payment">
          <Money units={side.amount} /> to {shortAddress(side.to)}
        </span>
      </h2>
      <Facts>
        <Fact name="Counted by">{followersText(side, peers)}</Fact>
        <Fact name="Built on it">{side.descendants === 0 ? 'Nothing that is known here' : plural(side.descendants, 'later payment')}</Fact>
        <Fact name="Computed for it">{tries(side.work)}</Fact>
        <Fact name="Known here since">{formatMoment(side.seenAtMs)}</Fact>
        {side.isFollowed && side.chosenAtMs !== undefined && <Fact name="Your choice">{formatMoment(side.chosenAtMs)}</Fact>}
      </Facts>
      <Technical>
        <Facts>
          <Fact name="Transaction id (txid)">
            <Identifier>{side.txid}</Identifier>
          </Fact>
          <Fact name="From">
            <Identifier>{side.from}</Identifier>
          </Fact>
          <Fact name="To">
            <Identifier>{side.to}</Identifier>
          </Fact>
        </Facts>
        <a href={routeFragment({ kind: 'transaction', txid: side.txid })}>The whole payment</a>
      </Technical>
    </Card>
  );
}
