/** Everything about one transaction. */
import type { NodeState, TransactionDetail } from '../../api/node.ts';
import type { TxId } from '../../core/id.ts';
import { useApp } from '../context.ts';
import { formatBytes, formatMoment } from '../format.ts';
import { useLoad } from '../load.ts';
import { LinkButton } from '../part/button.tsx';
import { FullAddress } from '../part/copyable.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { Money } from '../part/money.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';
import { counts, entryUnits, holdersText, stateText } from './describe.ts';

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
        <Fact name="Sent, as the sender claims">{formatMoment(detail.claimedAtMs)}</Fact>
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

function Detail({ detail }: { readonly detail: TransactionDetail }) {
  const { name, meaning } = stateText(detail.state);
  const own = detail.kind === 'sent' || detail.kind === 'self' || detail.kind === 'founded';
  return (
    <Screen title={titleOf(detail)} up={UP}>
      <p class={`balance-amount${counts(detail.state) ? '' : ' line-void'}`}>
        <Money units={entryUnits(detail)} size="large" signed={detail.kind === 'received'} />
      </p>
      {detail.note !== undefined && <p class="note">{detail.note}</p>}
      {detail.kind !== 'founded' && (
        <Notice tone={detail.state === 'confirmed' ? 'good' : counts(detail.state) ? 'info' : 'caution'} title={name}>
          <p>{meaning}</p>
        </Notice>
      )}
      {detail.kind === 'sent' && counts(detail.state) && (
        <LinkButton to={{ kind: 'proof', txid: detail.txid }} tone={detail.holders === 0 ? 'primary' : 'secondary'} icon="share">
          Hand over again
        </LinkButton>
      )}
      <Facts>
        <Fact name="When">{formatMoment(detail.seenAtMs)}</Fact>
        {detail.kind !== 'founded' && (
          <Fact name="From">
            <FullAddress address={detail.from} />
          </Fact>
        )}
        <Fact name="To">
          <FullAddress address={detail.to} />
        </Fact>
        <Fact name="Copies">{holdersText(detail.holders)}</Fact>
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
      <Numbers detail={detail} />
    </Screen>
  );
}

/** `#/activity/<txid>` */
export function TransactionScreen({ state, txid }: { readonly state: NodeState; readonly txid: TxId }) {
  const { client } = useApp();
  const entry = state.network?.activity.find((one) => one.txid === txid);
  const detail = useLoad(() => client.api.loadTransaction(txid), [txid, entry?.state, entry?.holders, state.network?.id]);
  if (detail.kind === 'ready') return <Detail detail={detail.value} />;
  return (
    <Screen title="Payment" up={UP}>
      {detail.kind === 'failed' ? <ErrorNotice error={detail.error} /> : <p class="waiting">Loading…</p>}
    </Screen>
  );
}
