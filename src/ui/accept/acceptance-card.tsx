/** One payment being accepted: what is true now, and what to do next. */
import type { ComponentChildren } from 'preact';
import type { Acceptance, AcceptanceStage, ActivityEntry, NodeState } from '../../api/node.ts';
import { infohashOf, locator } from '../../core/id.ts';
import { isVoid } from '../activity/describe.ts';
import { StandingCard } from '../activity/standing-card.tsx';
import { describeError } from '../error-text.ts';
import { formatMoment, plural, shortAddress } from '../format.ts';
import { OtherNetwork } from '../network/other-network.tsx';
import { Button, LinkButton } from '../part/button.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { Icon, type IconName } from '../part/icon.tsx';
import { Money } from '../part/money.tsx';
import { Bar } from '../part/progress.tsx';

interface StageProps {
  readonly acceptance: Acceptance;
  readonly state: NodeState;
}

type Tone = 'busy' | 'good' | 'caution' | 'bad';

interface Headline {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly title: string;
}

/** An accepted payment may be taken back by its sender afterwards. */
function acceptedHeadline(already: boolean, entry: ActivityEntry | undefined): Headline {
  if (entry?.state === 'conflicted') return { tone: 'bad', icon: 'warning', title: 'This payment was withdrawn' };
  if (entry?.state === 'contested') return { tone: 'caution', icon: 'warning', title: 'This payment is contested' };
  const tone = entry?.standing?.peers === 0 ? 'caution' : 'good';
  return { tone, icon: 'check', title: already ? 'Payment received' : 'Payment accepted' };
}

function headline(stage: AcceptanceStage): Headline {
  switch (stage.kind) {
    case 'looking':
      return { tone: 'busy', icon: 'network', title: 'Looking for someone who has this payment' };
    case 'fetching':
      return { tone: 'busy', icon: 'receive', title: 'Fetching the payment' };
    case 'ancestors':
      return { tone: 'busy', icon: 'activity', title: 'Checking where the money comes from' };
    case 'accepted':
      return acceptedHeadline(stage.already, stage.line);
    case 'not-for-you':
      return { tone: 'caution', icon: 'info', title: 'This payment is for somebody else' };
    case 'conflicted':
      return { tone: 'bad', icon: 'warning', title: 'This money was already spent elsewhere' };
    case 'rejected':
      return { tone: 'bad', icon: 'warning', title: describeError({ code: stage.code, detail: {} }).title };
    case 'other-network':
      return { tone: 'caution', icon: 'info', title: 'This payment belongs to another network' };
  }
}

function Ancestors({ stage }: { readonly stage: Extract<AcceptanceStage, { kind: 'ancestors' }> }) {
  const { checked, waiting, unseeded } = stage;
  const all = checked + waiting;
  return (
    <>
      <Bar label="Earlier payments checked" share={all === 0 ? undefined : checked / all} />
      <p>
        The payment itself is here. {plural(checked, 'earlier payment')} checked, {waiting} still to come.
      </p>
      {unseeded.length > 0 && (
        <>
          <p>
            <strong>Nobody online has {unseeded.length === 1 ? 'one of them' : `${unseeded.length} of them`} right now.</strong> The app
            keeps asking. Ask the sender to open TorrentTX: whoever pays has the history of the money.
          </p>
          <Technical title="Which ones are missing">
            {unseeded.map((one) => (
              <Identifier key={one}>{infohashOf(one)}</Identifier>
            ))}
          </Technical>
        </>
      )}
    </>
  );
}

function Accepted({
  stage,
  acceptance,
}: {
  readonly stage: Extract<AcceptanceStage, { kind: 'accepted' }>;
  readonly acceptance: Acceptance;
}) {
  const { line: entry, witnesses } = stage;
  return (
    <>
      <p class={`balance-amount${entry !== undefined && isVoid(entry.state) ? ' line-void' : ''}`}>
        <Money units={stage.amount} size="large" signed />
      </p>
      {stage.note !== undefined && <p class="note">{stage.note}</p>}
      {entry !== undefined && <StandingCard facts={{ ...entry, witnesses }} isPayee />}
      <Facts>
        <Fact name="From">
          <code>{shortAddress(stage.from)}</code>
        </Fact>
        {stage.already && entry !== undefined && <Fact name="Here since">{formatMoment(entry.seenAtMs)}</Fact>}
        <Fact name="Copies">{stage.holders === 0 ? 'So far only you hold it' : `You and ${plural(stage.holders, 'other device')}`}</Fact>
      </Facts>
      {stage.files !== undefined && <p>{plural(stage.files, 'file comes', 'files come')} with it. Open it in Activity to fetch them.</p>}
      {stage.already && <p>It was here before you opened this. A payment counts once, however often it is opened.</p>}
      {acceptance.txid !== undefined && (
        <LinkButton to={{ kind: 'transaction', txid: acceptance.txid }} icon="activity">
          Show in Activity
        </LinkButton>
      )}
    </>
  );
}

function StageBody({ acceptance, state }: StageProps): ComponentChildren {
  const { stage } = acceptance;
  switch (stage.kind) {
    case 'looking':
      return (
        <>
          <Bar label="Looking" />
          <p>
            Payments are kept by the people who use them. Ask the sender to keep TorrentTX open for a moment. You may do something else;
            this goes on.
          </p>
        </>
      );
    case 'fetching':
      return (
        <>
          <Bar label="Fetching" />
          <p>Connected to {plural(stage.peers, 'device')}. This takes a moment.</p>
        </>
      );
    case 'ancestors':
      return <Ancestors stage={stage} />;
    case 'accepted':
      return <Accepted stage={stage} acceptance={acceptance} />;
    case 'not-for-you': {
      const other = state.wallet.wallets.find((wallet) => wallet.address === stage.to);
      return (
        <>
          <p>
            It is valid and pays <Money units={stage.amount} /> to <code>{shortAddress(stage.to)}</code>.
          </p>
          {other === undefined ? (
            <p>If it was meant for you, send your address to the sender once more.</p>
          ) : (
            <>
              <p>That is another wallet of yours on this device.</p>
              <LinkButton to={{ kind: 'settings' }}>Switch wallets in Settings</LinkButton>
            </>
          )}
        </>
      );
    }
    case 'conflicted':
      return (
        <>
          <p>
            The money of this payment, or of one that it came from, was spent twice, and the other payment counts. Hand over nothing for
            this one, and ask for a new payment. Should the devices agree on this one after all, it is said here.
          </p>
          <Technical title="The payment that counts instead">
            {stage.winners.map((txid) => (
              <Identifier key={txid}>{txid}</Identifier>
            ))}
          </Technical>
        </>
      );
    case 'rejected':
      return <p>{describeError({ code: stage.code, detail: {} }).text}</p>;
    case 'other-network':
      return stage.network === undefined ? (
        <p>Ask the sender for an invitation to their network, join it, then open the payment’s link or file again.</p>
      ) : (
        <>
          <OtherNetwork state={state} network={stage.network} trackers={[]} what="payment" />
          <p>If the payment came as a file, choose the file again once its network is open.</p>
        </>
      );
  }
}

interface AcceptanceCardProps extends StageProps {
  readonly onDismiss: () => void;
}

/** A payment on its way, or how it ended. */
export function AcceptanceCard({ acceptance, state, onDismiss }: AcceptanceCardProps) {
  const { tone, icon, title } = headline(acceptance.stage);
  const { txid, infohash } = acceptance;
  return (
    <article class={`acceptance acceptance-${tone}`} aria-label="Payment being accepted">
      <div class="acceptance-head" role="status">
        <Icon name={icon} />
        <h2>{title}</h2>
      </div>
      <StageBody acceptance={acceptance} state={state} />
      <Technical>
        <Facts>
          <Fact name="Infohash">
            <Identifier>{infohash}</Identifier>
          </Fact>
          {txid !== undefined && (
            <Fact name="Transaction id (txid)">
              <Identifier>{txid}</Identifier>
            </Fact>
          )}
          {txid !== undefined && (
            <Fact name="Locator">
              <Identifier>{locator(infohash, txid)}</Identifier>
            </Fact>
          )}
        </Facts>
      </Technical>
      <Button tone="quiet" icon="close" onClick={onDismiss}>
        {tone === 'busy' ? 'Stop and remove' : 'Remove from this list'}
      </Button>
    </article>
  );
}
