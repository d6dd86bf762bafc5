/** Checking the backup: three of the twelve words, typed from the paper. */
import { useRef, useState } from 'preact/hooks';
import { reportPersistence } from '../../client/lifecycle.ts';
import { announce, useApp } from '../context.ts';
import { useAction, useLoad } from '../load.ts';
import { Button } from '../part/button.tsx';
import { Field, focusFirstError } from '../part/field.tsx';
import { ErrorNotice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';
import { isWord, pickPositions } from './word-check.ts';

const UP = { to: { kind: 'words' }, label: 'Your 12 words' } as const;

function secureRandom(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

/** `#/settings/words/check` */
export function WordsCheckScreen() {
  const { client, router } = useApp();
  const form = useRef<HTMLFormElement>(null);
  const words = useLoad(() => client.api.loadWords(), []);
  // Whose words are asked for: another tab may switch to another wallet meanwhile.
  const [wallet] = useState(() => client.latest?.wallet.id ?? '');
  const [positions] = useState(() => pickPositions(12, secureRandom));
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({});
  const [submitted, setSubmitted] = useState(false);
  const confirm = useAction(async () => {
    await client.api.confirmBackup(wallet);
    announce('Your backup is confirmed.');
    // A person who cares about the wallet has just clicked: the moment at which browsers say yes.
    await reportPersistence(client, true);
    router.replace({ kind: 'settings' });
  });
  const right = (position: number) => words.kind === 'ready' && isWord(typed[position] ?? '', words.value[position]);
  const submit = (event: Event) => {
    event.preventDefault();
    setSubmitted(true);
    if (positions.every(right)) confirm.run();
    else focusFirstError(form.current);
  };
  return (
    <Screen title="Check your backup" up={UP}>
      <p class="lead">Type these three words from your paper. Then you know that it will work when you need it.</p>
      {words.kind === 'failed' && <ErrorNotice error={words.error} />}
      <form class="stack" ref={form} onSubmit={submit} noValidate>
        {positions.map((position) => (
          <Field
            key={position}
            label={`Word ${position + 1}`}
            value={typed[position] ?? ''}
            onInput={(text) => {
              setSubmitted(false);
              setTyped((before) => ({ ...before, [position]: text }));
            }}
            exact
            error={
              submitted && !right(position) ? `This is not word ${position + 1}. Look at your paper, or at the words again.` : undefined
            }
          />
        ))}
        {confirm.failure !== undefined && <ErrorNotice error={confirm.failure} />}
        <Button type="submit" tone="primary" wide busy={confirm.busy || words.kind !== 'ready'}>
          Confirm backup
        </Button>
      </form>
    </Screen>
  );
}
