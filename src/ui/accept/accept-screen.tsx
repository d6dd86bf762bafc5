/** Accepting a payment: one box to paste into, and the truth about how far it is. */
import { useEffect, useState } from 'preact/hooks';
import type { NodeState } from '../../api/node.ts';
import { screenForText } from '../../client/pasted.ts';
import { EVIDENCE_FILE_TYPE, PROOF_FILE_TYPE } from '../../client/proof-file.ts';
import { toReport } from '../../client/report.ts';
import { isTtxError } from '../../core/error.ts';
import { type Magnet, parseLink } from '../../core/link.ts';
import { useApp } from '../context.ts';
import { NeedNetwork, OtherNetwork } from '../network/other-network.tsx';
import { Button, LinkButton } from '../part/button.tsx';
import { FileButton } from '../part/file-button.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { PasteForm } from '../part/paste-form.tsx';
import { Screen } from '../part/screen.tsx';
import { AcceptanceCard } from './acceptance-card.tsx';
import { EvidenceCard } from './evidence-card.tsx';

function PastePayment() {
  const { client, router } = useApp();
  return (
    <PasteForm
      label="Payment link"
      hint="A link to TorrentTX or one that starts with “magnet:”. A whole chat message works too."
      lines={3}
      empty="Paste the link that the sender gave you."
      action={{ label: 'Accept payment', icon: 'accept' }}
      take={(text) => {
        router.go(screenForText(text));
        return undefined;
      }}
    >
      <LinkButton to={{ kind: 'scan' }} icon="scan">
        Scan
      </LinkButton>
      <FileButton
        label="Open a file"
        accept={`.torrent,.json,${PROOF_FILE_TYPE},${EVIDENCE_FILE_TYPE}`}
        onFile={(file) => client.opening.begin(file)}
      />
    </PasteForm>
  );
}

/** The magnet of this screen's own link, `#/accept?…`. */
function findMagnet(query: string): { readonly magnet: Magnet | undefined; readonly damaged: boolean } {
  if (query === '') return { magnet: undefined, damaged: false };
  try {
    const link = parseLink(`#/accept?${query}`);
    return { magnet: link.kind === 'magnet' || link.kind === 'invitation' ? link.magnet : undefined, damaged: false };
  } catch (error) {
    if (!isTtxError(error)) throw error;
    return { magnet: undefined, damaged: true };
  }
}

/** Starts accepting the screen's link as soon as its network is open; again after switching to it. */
function useAccept(
  state: NodeState,
  query: string,
  ready: boolean,
): { readonly id: string | undefined; readonly failure: ReturnType<typeof toReport> | undefined } {
  const { client } = useApp();
  const [id, setId] = useState<string | undefined>(undefined);
  const [failure, setFailure] = useState<ReturnType<typeof toReport> | undefined>(undefined);
  const network = state.network?.id;
  useEffect(() => {
    if (!ready || network === undefined) return;
    let stale = false;
    client.api.accept(`#/accept?${query}`).then(
      (started) => !stale && setId(started),
      (thrown: unknown) => !stale && setFailure(toReport(thrown)),
    );
    return () => {
      stale = true;
    };
  }, [client, query, ready, network]);
  return { id, failure };
}

/** `#/accept` and `#/accept?xt=…` */
export function AcceptScreen({ state, query }: { readonly state: NodeState; readonly query: string }) {
  const { client, router } = useApp();
  const { magnet, damaged } = findMagnet(query);
  const elsewhere = magnet?.network !== undefined && magnet.network !== state.network?.locator ? magnet.network : undefined;
  const { id, failure } = useAccept(state, query, magnet !== undefined && elsewhere === undefined);
  const own = state.acceptances.find((one) => one.id === id);
  const others = state.acceptances.filter((one) => one !== own);
  const needsNetwork = state.network === undefined && elsewhere === undefined;
  const opening = client.opening.state.value;
  useEffect(() => () => client.opening.clear(), [client]);
  const dismiss = (one: string) => {
    client.api.dismissAcceptance(one).catch(() => undefined);
    if (one === id) router.replace({ kind: 'accept', query: '' });
  };
  return (
    <Screen title="Accept a payment" up={{ to: { kind: 'wallet' }, label: 'Wallet' }}>
      {magnet === undefined && (
        <p class="lead">
          Paste the link that the sender gave you<span class="keyboard-only">; anywhere in the app, Ctrl + V does the same</span>. A payment
          saved as a file works too.
        </p>
      )}
      {damaged && (
        <Notice tone="bad" title="This payment link is damaged" live>
          <p>It may have been cut off on its way to you. Ask the sender for the link again.</p>
        </Notice>
      )}
      {elsewhere !== undefined && <OtherNetwork state={state} network={elsewhere} trackers={magnet?.trackers ?? []} what="payment" />}
      {needsNetwork && <NeedNetwork state={state} />}
      {failure !== undefined && <ErrorNotice error={failure} />}
      {opening.kind === 'failed' && <ErrorNotice error={opening.error} />}
      {opening.kind === 'done' && opening.result.kind === 'evidence' && <EvidenceCard evidence={opening.result.evidence} />}
      {magnet !== undefined && elsewhere === undefined && !needsNetwork && own === undefined && failure === undefined && (
        <p class="waiting">Reading the link…</p>
      )}
      {own !== undefined && <AcceptanceCard acceptance={own} state={state} onDismiss={() => dismiss(own.id)} />}
      {magnet === undefined && <PastePayment />}
      {others.length > 0 && (
        <section class="section">
          <h2>{own === undefined ? 'Latest links and files' : 'Other links and files'}</h2>
          {others.map((one) => (
            <AcceptanceCard key={one.id} acceptance={one} state={state} onDismiss={() => dismiss(one.id)} />
          ))}
        </section>
      )}
      {magnet !== undefined && own !== undefined && (
        <div class="row">
          <Button onClick={() => router.replace({ kind: 'accept', query: '' })}>Accept another payment</Button>
        </div>
      )}
    </Screen>
  );
}
