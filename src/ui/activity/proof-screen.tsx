/** Handing a payment over: the receiver needs its link, and the payment needs somebody who holds it. */
import { useEffect, useState } from 'preact/hooks';
import type { ActivityEntry, NodeState, Proof } from '../../api/node.ts';
import { appUrl } from '../../client/app-url.ts';
import type { TxId } from '../../core/id.ts';
import { useApp } from '../context.ts';
import { plural } from '../format.ts';
import { useLoad } from '../load.ts';
import { LinkButton } from '../part/button.tsx';
import { Copyable } from '../part/copyable.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { Money } from '../part/money.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Qr } from '../part/qr.tsx';
import { Card, Screen } from '../part/screen.tsx';
import { ProofFile } from './proof-file.tsx';

/** Whether the tab may be closed: somebody else has had a copy, or nobody has. */
function Copies({ entry, isDevnet }: { readonly entry: ActivityEntry; readonly isDevnet: boolean }) {
  const { delivered, holders } = entry;
  return !delivered ? (
    <Notice tone={isDevnet ? 'info' : 'caution'} title="Keep this tab open until somebody holds it" live>
      <p>So far this payment is only on your device. Once the receiver or anyone else on the network has a copy, you may close the tab.</p>
    </Notice>
  ) : (
    <Notice
      tone="good"
      title={holders === 0 ? 'Somebody else has a copy' : `${plural(holders, 'other device holds', 'other devices hold')} this payment`}
      live
    >
      <p>{holders === 0 ? 'Nobody who has it is connected right now. ' : ''}It stays available without you. You may close this tab.</p>
    </Notice>
  );
}

function Handover({ proof }: { readonly proof: Proof }) {
  const [isOpen, setOpen] = useState(false);
  const link = appUrl(proof.fragment);
  return (
    <div class="columns">
      <Card>
        <h2>Show it</h2>
        <Qr text={link} label="QR code of the payment link" />
        <p class="hint">The receiver scans this with a phone’s camera.</p>
      </Card>
      <div class="stack">
        <Card>
          <h2>Send it</h2>
          <p>Send the link by chat or e-mail. Whoever opens it sees the payment; only the receiver can spend it.</p>
          <Copyable text={link} what="payment link" tone="primary" folded share="Payment" />
        </Card>
        <Technical title="Other ways and technical details" onOpen={() => setOpen(true)}>
          <p>A magnet link can be pasted into TorrentTX, or opened with any BitTorrent program to help keep the payment available.</p>
          <Copyable text={proof.magnet} what="magnet link" />
          {isOpen && <ProofFile txid={proof.txid} />}
          <Facts>
            <Fact name="Infohash">
              <Identifier>{proof.infohash}</Identifier>
            </Fact>
            <Fact name="Transaction id (txid)">
              <Identifier>{proof.txid}</Identifier>
            </Fact>
          </Facts>
        </Technical>
      </div>
    </div>
  );
}

/** `#/activity/<txid>/proof` */
export function ProofScreen({ state, txid }: { readonly state: NodeState; readonly txid: TxId }) {
  const { client } = useApp();
  useEffect(() => {
    const payment = client.payment.state.value;
    if (payment.kind === 'done' && payment.result.txid === txid) client.payment.clear();
  }, [client, txid]);
  const entry = state.network?.activity.find((one) => one.txid === txid);
  const proof = useLoad(() => client.api.loadProof(txid), [txid, state.network?.id]);
  const detail = useLoad(() => client.api.loadTransaction(txid), [txid, state.network?.id]);
  const known = entry ?? (detail.kind === 'ready' ? detail.value : undefined);
  return (
    <Screen title="Hand over the payment" up={{ to: { kind: 'transaction', txid }, label: 'This payment' }}>
      {known !== undefined && (
        <p class="lead">
          <Money units={known.amount} />{' '}
          {known.kind === 'sent' ? 'is signed and stored here. The receiver now needs this link.' : 'is stored here.'}
        </p>
      )}
      {known !== undefined && <Copies entry={known} isDevnet={state.network?.isDevnet === true} />}
      {proof.kind === 'failed' && <ErrorNotice error={proof.error} />}
      {proof.kind === 'ready' && <Handover proof={proof.value} />}
      <LinkButton to={{ kind: 'wallet' }}>Back to the wallet</LinkButton>
    </Screen>
  );
}
