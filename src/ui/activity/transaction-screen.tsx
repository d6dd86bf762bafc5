/** Everything about one transaction. */
import type { NodeState, OpenNetwork, TransactionDetail } from '../../api/node.ts';
import type { Address, TxId } from '../../core/id.ts';
import { useApp } from '../context.ts';
import { formatBytes, formatMoment } from '../format.ts';
import { useLoad } from '../load.ts';
import { LinkButton } from '../part/button.tsx';
import { FullAddress } from '../part/copyable.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { Money } from '../part/money.tsx';
import { ErrorNotice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';
import { Attachments } from './attachments.tsx';
import { counts, entryUnits, holdersText, isVoid } from './describe.ts';
import { SaveEvidence } from './save-evidence.tsx';
import { StandingCard } from './standing-card.tsx';

const UP = { to: { kind: 'activity' }, label: 'Activity' } as const;

function titleOf(detail: TransactionDetail): string {
  switch (detail.kind) {
    case 'founded':
      return 'Founding of the network';
    case 'received':
      return 'Payment received';
    case 'sent':
      return 'Payment sent';
    case 'self':
      return 'Payment to yourself';
  }
}

function Numbers({ detail }: { readonly detail: TransactionDetail }) {
  return (
    <Technical>
      <Facts>
        <Fact name="Infohash">
          <Identifier>{detail.infohash}</Identifier>
        </Fact>
        <Fact name="Transaction id (txid)">
          <Identifier>{detail.txid}</Identifier>
        </Fact>
        <Fact name="Size">{formatBytes(detail.sizeBytes)}</Fact>
        <Fact name="Work">{detail.workBits} leading zero bits</Fact>
        <Fact name="Change to the sender">
          <Money units={detail.change} />
        </Fact>
        {detail.claimedAtMs !== undefined && <Fact name="Sent, as the sender claims">{formatMoment(detail.claimedAtMs)}</Fact>}
        <Fact name={detail.prev.length === 1 ? 'Spends money from' : 'Spends money from these'}>
          {detail.prev.length === 0
            ? 'Nothing: it is the first transaction'
            : detail.prev.map((txid) => <Identifier key={txid}>{txid}</Identifier>)}
        </Fact>
        {detail.conflictsWith.length > 0 && (
          <Fact name="Conflicts with">
            {detail.conflictsWith.map((txid) => (
              <Identifier key={txid}>{txid}</Identifier>
            ))}
          </Fact>
        )}
      </Facts>
    </Technical>
  );
}

interface DetailProps {
  readonly detail: TransactionDetail;
  readonly network: OpenNetwork | undefined;
  /** Address of the wallet. */
  readonly owner: Address;
}

function Detail({ detail, network, owner }: DetailProps) {
  const own = detail.kind === 'sent' || detail.kind === 'self' || detail.kind === 'founded';
  return (
    <Screen title={titleOf(detail)} up={UP}>
      <p class={`balance-amount${isVoid(detail.state) ? ' line-void' : ''}`}>
        <Money units={entryUnits(detail)} size="large" signed={detail.kind === 'received'} />
      </p>
      {detail.note !== undefined && <p class="note">{detail.note}</p>}
      {detail.kind !== 'founded' && <StandingCard facts={detail} isPayee={detail.to === owner} />}
      {((detail.differing ?? 0) > 0 || detail.chosenAtMs !== undefined) && (
        <div class="row">
          <LinkButton to={{ kind: 'fork', txid: detail.txid }}>Compare the two sides</LinkButton>
        </div>
      )}
      {(detail.cheat === 'sender' || (detail.standing?.rivals.length ?? 0) > 0) && <SaveEvidence txid={detail.txid} />}
      {detail.kind === 'sent' && counts(detail.state) && (
        <LinkButton to={{ kind: 'proof', txid: detail.txid }} tone={detail.delivered ? 'secondary' : 'primary'} icon="share">
          Hand over again
        </LinkButton>
      )}
      <Facts>
        <Fact name="When">{formatMoment(detail.seenAtMs)}</Fact>
        {detail.withdrawnAtMs !== undefined && <Fact name="Counted here until">{formatMoment(detail.withdrawnAtMs)}</Fact>}
        {detail.kind !== 'founded' && (
          <Fact name="From">
            <FullAddress address={detail.from} />
          </Fact>
        )}
        <Fact name="To">
          <FullAddress address={detail.to} />
        </Fact>
        <Fact name="Copies">{holdersText(detail)}</Fact>
        {!detail.hasFile && (
          <Fact name="File">
            Not kept on this device, to save space: the payment is a stranger’s. It was checked and counts all the same; its note is with
            the devices that keep it.
          </Fact>
        )}
        {own && detail.kind !== 'founded' && (
          <Fact name="Network fee (destroyed)">
            <Money units={detail.burn} />
          </Fact>
        )}
        {detail.reward > 0n && (
          <Fact name="Earned by computing">
            <Money units={detail.reward} />
          </Fact>
        )}
        {detail.charge > 0n && (
          <Fact name="Charged for little computing">
            <Money units={detail.charge} />
          </Fact>
        )}
      </Facts>
      {network !== undefined && <Attachments detail={detail} network={network} />}
      <Numbers detail={detail} />
    </Screen>
  );
}

/** `#/activity/<txid>` */
export function TransactionScreen({ state, txid }: { readonly state: NodeState; readonly txid: TxId }) {
  const { client } = useApp();
  const entry = state.network?.activity.find((one) => one.txid === txid);
  // A file that has come is not among them any more.
  const fetches = state.network?.fetches.map(({ infohash, stage }) => `${infohash}${stage.kind}`).join();
  const detail = useLoad(
    () => client.api.loadTransaction(txid),
    [txid, entry?.state, entry?.holders, entry?.standing?.rivals.length, entry?.differing, state.network?.id, fetches],
  );
  // What was loaded lasts; where it stands changes every second.
  if (detail.kind === 'ready') {
    const latest = entry === undefined ? detail.value : { ...detail.value, ...entry };
    return <Detail detail={latest} network={state.network} owner={state.wallet.address} />;
  }
  return (
    <Screen title="Payment" up={UP}>
      {detail.kind === 'failed' ? <ErrorNotice error={detail.error} /> : <p class="waiting">Loading…</p>}
    </Screen>
  );
}
