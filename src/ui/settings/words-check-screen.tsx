/** Checking the backup: three of the twelve words, typed from the paper. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { reportPersistence } from '../../client/lifecycle.ts';
import { announce, useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button } from '../part/button.tsx';
import { Field, focusFirstError } from '../part/field.tsx';
import { ErrorNotice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';
import { pickPositions } from './word-check.ts';

const UP = { to: { kind: 'words' }, label: 'Your 12 words' } as const;

function secureRandom(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

/** `#/settings/words/check` */
export function WordsCheckScreen() {
  const { client, router } = useApp();
  const form = useRef<HTMLFormElement>(null);
  // Whose words are asked for: another tab may switch to another wallet meanwhile.
  const [wallet] = useState(() => client.latest?.wallet.id ?? '');
  const [positions] = useState(() => pickPositions(12, secureRandom));
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({});
  const [wrong, setWrong] = useState<readonly number[]>([]);
  const confirm = useAction(async () => {
    // The words stay in the worker.
    const found = await client.api.confirmBackup(
      wallet,
      positions.map((position) => ({ position, word: typed[position] ?? '' })),
    );
    if (found.length > 0) return setWrong(found);
    announce('Your backup is confirmed.');
    // A person who cares about the wallet has just clicked: the moment at which browsers say yes.
    await reportPersistence(client, true);
    router.replace({ kind: 'settings' });
  });
  useEffect(() => {
    if (wrong.length > 0) focusFirstError(form.current);
  }, [wrong]);
  const submit = (event: Event) => {
    event.preventDefault();
    confirm.run();
  };
  return (
    <Screen title="Check your backup" up={UP}>
      <p class="lead">Type these three words from your paper. Then you know that it will work when you need it.</p>
      <form class="stack" ref={form} onSubmit={submit} noValidate>
        {positions.map((position) => (
          <Field
            key={position}
            label={`Word ${position + 1}`}
            value={typed[position] ?? ''}
            onInput={(text) => {
              setWrong([]);
              setTyped((before) => ({ ...before, [position]: text }));
            }}
            exact
            error={wrong.includes(position) ? `This is not word ${position + 1}. Look at your paper, or at the words again.` : undefined}
          />
        ))}
        {confirm.failure !== undefined && <ErrorNotice error={confirm.failure} />}
        <Button type="submit" tone="primary" wide busy={confirm.busy}>
          Confirm backup
        </Button>
      </form>
    </Screen>
  );
}
