/** Founding a network: a name is enough; its rules can be changed before, never after. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FoundRequest, NetworkSummary, NodeState } from '../../api/node.ts';
import type { IntentState } from '../../client/intent.ts';
import { useApp } from '../context.ts';
import { roughTtx } from '../format.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { Field, focusFirstError } from '../part/field.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { JobProgress } from '../part/progress.tsx';
import { Screen, useFocusKept } from '../part/screen.tsx';
import { type FoundForm, readFoundForm, USUAL } from './found-form.ts';

const UP = { to: { kind: 'network' }, label: 'Network' } as const;
const USUAL_PAYMENT_BYTES = 560;

interface RulesProps {
  readonly form: FoundForm;
  readonly set: (change: Partial<FoundForm>) => void;
  readonly errors: Partial<Record<keyof FoundForm, string>>;
}

function Rules({ form, set, errors }: RulesProps) {
  const burn = Number(form.burnPerByte);
  const cost = Number.isFinite(burn)
    ? `A usual payment then costs about ${roughTtx(burn * USUAL_PAYMENT_BYTES)} TTX, which is destroyed.`
    : '';
  const number = { inputMode: 'numeric', exact: true } as const;
  const unit = <span class="unit">millionths of a TTX</span>;
  return (
    <div class="stack">
      <p class="hint">These rules hold for good: everybody who joins agrees to them. The usual ones suit most networks.</p>
      <Field
        label="Address prefix"
        value={form.hrp}
        onInput={(hrp) => set({ hrp })}
        exact
        error={errors.hrp}
        hint="Every address on your network starts with it, so that nobody pays into the wrong network."
      />
      <Field
        label="Fee per byte"
        value={form.burnPerByte}
        onInput={(burnPerByte) => set({ burnPerByte })}
        {...number}
        error={errors.burnPerByte}
        hint={`Keeps people from flooding the network. ${cost}`}
        after={unit}
      />
      <Field
        label="Work reward"
        value={form.workReward}
        onInput={(workReward) => set({ workReward })}
        {...number}
        error={errors.workReward}
        hint="What a payment earns or is charged for each step its computing lies above or below the recent average. It rewards effort."
        after={unit}
      />
      <Field
        label="Most that work may gain"
        value={form.maxGain}
        onInput={(maxGain) => set({ maxGain })}
        {...number}
        error={errors.maxGain}
        hint="With 0, computing can make a payment free but never profitable. With more, new money can be made without limit by whoever computes most."
        after={unit}
      />
      <Field
        label="Founding work"
        value={form.workBits}
        onInput={(workBits) => set({ workBits })}
        {...number}
        error={errors.workBits}
        hint="How long your device computes before the network exists. Each step up takes twice as long; 20 takes about a second."
        after={<span class="unit">bits</span>}
      />
    </div>
  );
}

type Failure = Extract<IntentState<FoundRequest, NetworkSummary>, { kind: 'failed' }>;

/** Founding is never repeated by itself: when the tab that did it was closed, its network may exist all the same. */
function Failed({ state, founding }: { readonly state: NodeState; readonly founding: Failure }) {
  const { name, hrp } = founding.request.parameters;
  const done = founding.error.code === 'moved' && state.network?.name === name && state.network.hrp === hrp;
  if (!done) return <ErrorNotice error={founding.error} />;
  return (
    <Notice tone="good" title={`The network ${name} is founded`} live>
      <p>The tab that did it was closed meanwhile.</p>
      <LinkButton to={{ kind: 'invite' }}>Invite others</LinkButton>
    </Notice>
  );
}

/** `#/network/found` */
export function FoundScreen({ state }: { readonly state: NodeState }) {
  const { client, router } = useApp();
  const founding = client.founding.state.value;
  useFocusKept(founding.kind);
  const element = useRef<HTMLFormElement>(null);
  const [form, setForm] = useState<FoundForm>(USUAL);
  const [submitted, setSubmitted] = useState(false);
  const [rulesOpen, setRulesOpen] = useState(false);
  useEffect(() => {
    if (founding.kind !== 'done') return;
    client.founding.clear();
    router.replace({ kind: 'invite' });
  }, [client, router, founding]);
  const reading = readFoundForm(form);
  const errors = submitted && reading.kind === 'wrong' ? reading.errors : {};
  const set = (change: Partial<FoundForm>) => setForm((before) => ({ ...before, ...change }));
  const submit = (event: Event) => {
    event.preventDefault();
    setSubmitted(true);
    if (reading.kind === 'ok') {
      client.founding.begin(reading.request);
      return;
    }
    // A wrong field in the closed drawer could not take the focus.
    if (Object.keys(reading.errors).some((key) => key !== 'name' && key !== 'supply')) setRulesOpen(true);
    focusFirstError(element.current);
  };
  if (founding.kind === 'running') {
    return (
      <Screen title="Founding your network" up={UP}>
        <p>Your device computes, then signs the first transaction. All money of the network is in it.</p>
        <JobProgress
          job={state.jobs.find((job) => job.id === founding.jobId)}
          label="Founding the network"
          stopping={founding.stopping}
          onCancel={() => client.founding.cancel()}
        />
      </Screen>
    );
  }
  return (
    <Screen title="Found a network" up={UP}>
      <p class="lead">
        A network is a currency of its own. You start with all its money and pass it on by paying. It lives as long as somebody keeps it
        open.
      </p>
      <form class="stack" ref={element} onSubmit={submit} noValidate>
        <Field label="Name" value={form.name} onInput={(name) => set({ name })} error={errors.name} hint="Everybody who joins sees it." />
        <Field
          label="Money at the start"
          value={form.supply}
          onInput={(supply) => set({ supply })}
          inputMode="decimal"
          exact
          error={errors.supply}
          hint="All of it is yours at first. Fees make it less over time."
          after={<span class="unit">TTX</span>}
        />
        <details class="technical" open={rulesOpen} onToggle={(event) => setRulesOpen(event.currentTarget.open)}>
          <summary>Rules of the network</summary>
          <div class="technical-body">
            <Rules form={form} set={set} errors={errors} />
            <Button onClick={() => setForm({ ...USUAL, name: form.name, supply: form.supply })}>Reset the rules</Button>
          </div>
        </details>
        {founding.kind === 'failed' && <Failed state={state} founding={founding} />}
        <Button type="submit" tone="primary" wide icon="seed">
          Found network
        </Button>
      </form>
    </Screen>
  );
}
