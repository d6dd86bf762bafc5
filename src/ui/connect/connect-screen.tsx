/** Connecting two devices without a tracker: one shows a code, the other answers with one. */
import { useEffect, useRef } from 'preact/hooks';
import type { ErrorReport, NodeState } from '../../api/node.ts';
import { appUrl } from '../../client/app-url.ts';
import type { PairingState } from '../../client/pairing.ts';
import { findScreenForPaste } from '../../client/pasted.ts';
import { routeFragment } from '../../client/route.ts';
import { STUN_HOSTS } from '../../client/stun.ts';
import { useApp } from '../context.ts';
import { NeedNetwork, OtherNetwork } from '../network/other-network.tsx';
import { Button, LinkButton } from '../part/button.tsx';
import { Copyable } from '../part/copyable.tsx';
import { Technical } from '../part/facts.tsx';
import { Notice } from '../part/notice.tsx';
import { PasteForm } from '../part/paste-form.tsx';
import { Bar } from '../part/progress.tsx';
import { Qr } from '../part/qr.tsx';
import { Card, Screen } from '../part/screen.tsx';
import { describePairingError } from './pairing-text.ts';
import { usePairing } from './use-pairing.ts';

const UP = { to: { kind: 'network' }, label: 'Network' } as const;

function Trouble({ error, state }: { readonly error: ErrorReport; readonly state: NodeState }) {
  const pairing = usePairing();
  const { invitation } = pairing;
  const isElsewhere = error.code === 'no-network' || (error.code === 'pairing' && error.detail.what === 'network');
  if (isElsewhere && invitation !== undefined) {
    const { network, link } = invitation;
    const isWhole = link.startsWith('magnet:');
    return (
      <>
        <OtherNetwork state={state} network={network} trackers={[]} link={link} what="code" onOpen={() => pairing.retry()} />
        {!isWhole && !state.networks.some(({ locator }) => locator === network) && (
          <p class="hint">
            Where there is no tracker, ask for the magnet link of the invitation instead: it carries what is needed to join.
          </p>
        )}
      </>
    );
  }
  const { title, text } = describePairingError(error);
  return (
    <Notice tone="caution" title={title} live>
      <p>{text}</p>
    </Notice>
  );
}

/** Takes the other device's code by camera, clipboard or keyboard. `what` is what it is called there. */
function ReadCode({ label, what, tone }: { readonly label: string; readonly what: string; readonly tone: 'primary' | 'secondary' }) {
  const pairing = usePairing();
  const take = (text: string) => {
    const screen = findScreenForPaste(text);
    if (screen?.kind !== 'connect') return 'There is no code of this kind in it.';
    void pairing.take(screen.code);
    return undefined;
  };
  return (
    <>
      <div class="row">
        <LinkButton to={{ kind: 'scan' }} icon="scan" tone={tone}>
          Scan the {what}
        </LinkButton>
      </div>
      <PasteForm
        label={label}
        hint="The link or the code that was sent to you; a whole chat message works too."
        lines={2}
        empty={`Paste the ${what} first.`}
        action={{ label: 'Continue', tone: 'secondary' }}
        take={take}
      />
    </>
  );
}

/** A code for the other device; `where` it is read. Capitals make a smaller QR code. */
function ShowCode({ code, what, where }: { readonly code: string; readonly what: string; readonly where: string }) {
  return (
    <>
      <Qr text={code.toUpperCase()} label={`QR code: the ${what} for the other device`} />
      <p class="hint">{where} Or send it by chat, e-mail, any way you like:</p>
      <Copyable
        text={appUrl(routeFragment({ kind: 'connect', code }))}
        what={`${what} link`}
        folded
        share="Connect directly on TorrentTX"
      />
      <Technical title="The code as text">
        <Copyable text={code} what={what} />
      </Technical>
    </>
  );
}

function Working({ text, hint }: { readonly text: string; readonly hint: string }) {
  const pairing = usePairing();
  return (
    <div class="job">
      <p class="job-stage" role="status">
        {text}…
      </p>
      <Bar label={text} />
      <p class="hint">{hint}</p>
      <Button onClick={() => pairing.cancel()}>Cancel</Button>
    </div>
  );
}

function Cancel() {
  const pairing = usePairing();
  return (
    <div class="row">
      <Button tone="quiet" onClick={() => pairing.cancel()}>
        Cancel
      </Button>
    </div>
  );
}

/** Who is asked, and so how far a code reaches. */
const REACH =
  STUN_HOSTS.length === 0
    ? 'This copy of the app asks no server where your device is on the internet: the two devices must be in the same Wi-Fi or local network.'
    : `To be found over the internet as well, each device asks ${new Intl.ListFormat('en').format(STUN_HOSTS)} for its own address there. Who runs these servers sees that address and the time, and nothing else.`;

function Begin() {
  const pairing = usePairing();
  return (
    <>
      <p class="lead">
        Two devices connect to each other, with nobody in between. They may be side by side, or their owners in touch by phone or chat: one
        shows a code, the other answers with one.
      </p>
      <div class="columns">
        <Card>
          <h2>Begin here</h2>
          <p>This device shows a code that the other one reads.</p>
          <Button tone="primary" icon="share" onClick={() => pairing.start()}>
            Show a code
          </Button>
        </Card>
        <Card>
          <h2>Or read a code</h2>
          <p>The other device shows one already.</p>
          <ReadCode label="Code from the other device" what="code" tone="secondary" />
        </Card>
      </div>
      <p class="hint">
        A code says how this device can be reached, with its addresses in the networks it is in: give it only to whom you want to connect
        with. It gives no access to your money. Who is not in your network yet can join it by the code.
      </p>
      <p class="hint">{REACH}</p>
    </>
  );
}

interface StepsProps {
  readonly state: NodeState;
  readonly shown: Extract<PairingState, { kind: 'offered' | 'answered' }>;
}

function Offered({ state, shown }: StepsProps) {
  return (
    <>
      {shown.trouble !== undefined && <Trouble error={shown.trouble} state={state} />}
      <div class="columns is-code-first">
        <Card>
          <h2>1. Let the other device read this</h2>
          <ShowCode code={shown.code} what="code" where="On the other device: Network, Connect directly, Scan the code." />
        </Card>
        <Card>
          <h2>2. Read its answer here</h2>
          <p>The other device then shows a code too.</p>
          <ReadCode label="Answer from the other device" what="answer" tone="primary" />
        </Card>
      </div>
      <p class="hint">The code is good for ten minutes and for one device. Keep this tab open until you are connected.</p>
      <Cancel />
    </>
  );
}

function Answered({ state, shown }: StepsProps) {
  return (
    <>
      {shown.trouble !== undefined && <Trouble error={shown.trouble} state={state} />}
      <Card>
        <h2>Let the other device read this answer</h2>
        <ShowCode code={shown.code} what="answer" where="On the other device: Scan the answer." />
      </Card>
      <p class="waiting" role="status">
        Waiting for the other device… You are connected as soon as it has read the answer.
      </p>
      <Cancel />
    </>
  );
}

function Step({ state, shown }: { readonly state: NodeState; readonly shown: PairingState }) {
  const pairing = usePairing();
  switch (shown.kind) {
    case 'idle':
      return <Begin />;
    case 'offering':
      return <Working text="Making a code" hint="Looking how this device can be reached: a few seconds." />;
    case 'answering':
      return <Working text="Making the answer" hint="Looking how this device can be reached: a few seconds." />;
    case 'finishing':
      return <Working text="Connecting the two devices" hint="A few seconds, half a minute at most." />;
    case 'offered':
      return <Offered state={state} shown={shown} />;
    case 'answered':
      return <Answered state={state} shown={shown} />;
    case 'connected':
      return (
        <Notice tone="good" title={shown.already ? 'These two devices are connected already' : 'The two devices are connected'} live>
          <p>Payments now go straight from one to the other, and they introduce each other to the devices they know.</p>
          <div class="row">
            <LinkButton to={{ kind: 'wallet' }} tone="primary">
              To the wallet
            </LinkButton>
            <LinkButton to={{ kind: 'network' }}>Connected devices</LinkButton>
          </div>
        </Notice>
      );
    case 'failed':
      return (
        <>
          <Trouble error={shown.error} state={state} />
          <div class="row">
            <Button onClick={() => pairing.cancel()}>Begin again</Button>
          </div>
        </>
      );
  }
}

/** What had the focus may be gone with the step before: who uses the keyboard goes on at the new one. */
function useFocusOnStep(kind: PairingState['kind']) {
  const element = useRef<HTMLDivElement>(null);
  const before = useRef(kind);
  useEffect(() => {
    if (before.current === kind) return;
    before.current = kind;
    if (document.activeElement === document.body) element.current?.focus({ preventScroll: true });
  }, [kind]);
  return element;
}

function Steps({ state }: { readonly state: NodeState }) {
  const { router } = useApp();
  const pairing = usePairing();
  const shown = pairing.state.value;
  useEffect(
    () => () => {
      // Read once: the next visit begins anew. The screen is also drawn anew when it has taken a code from its address.
      const { kind } = pairing.state.value;
      if (router.route.value.kind !== 'connect' && (kind === 'connected' || kind === 'failed')) pairing.cancel();
    },
    [pairing, router],
  );
  const element = useFocusOnStep(shown.kind);
  return (
    <div class="stack" tabIndex={-1} ref={element}>
      <Step state={state} shown={shown} />
    </div>
  );
}

/** Without a network there is no code to show, but somebody else's may be the way into one. */
function Outside({ state }: { readonly state: NodeState }) {
  return (
    <>
      <NeedNetwork state={state} />
      {!state.isOpening && (
        <Card>
          <h2>Or read a code</h2>
          <p>Somebody in a network shows one: you join it and are connected.</p>
          <ReadCode label="Code from the other device" what="code" tone="secondary" />
        </Card>
      )}
    </>
  );
}

/** `#/network/connect` */
export function ConnectScreen({ state, code }: { readonly state: NodeState; readonly code: string }) {
  const { router } = useApp();
  const pairing = usePairing();
  const isReady = state.network !== undefined || !state.isOpening;
  useEffect(() => {
    if (code === '' || !isReady) return;
    // Taken once: a reload must not take it again.
    router.replace({ kind: 'connect', code: '' });
    void pairing.take(code);
  }, [router, pairing, code, isReady]);
  return (
    <Screen title="Connect directly" up={UP}>
      {state.network === undefined && pairing.state.value.kind === 'idle' ? <Outside state={state} /> : <Steps state={state} />}
    </Screen>
  );
}
