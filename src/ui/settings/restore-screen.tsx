/** Bringing back a wallet from its 12 words. */
import { useRef, useState } from 'preact/hooks';
import { announce, useApp } from '../context.ts';
import { plural } from '../format.ts';
import { useAction } from '../load.ts';
import { Button } from '../part/button.tsx';
import { Field, focusFirstError } from '../part/field.tsx';
import { ErrorNotice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';
import { countWords } from './word-check.ts';

/** `#/settings/restore` */
export function RestoreScreen() {
  const { client, router } = useApp();
  const form = useRef<HTMLFormElement>(null);
  const [text, setText] = useState('');
  const [submitted, setSubmitted] = useState(false);
  const count = countWords(text);
  const restore = useAction(async () => {
    await client.api.restoreWallet(text.trim().toLowerCase().split(/\s+/).join(' '));
    announce('The wallet is restored.');
    setText('');
    router.replace({ kind: 'wallet' });
  });
  const submit = (event: Event) => {
    event.preventDefault();
    setSubmitted(true);
    if (count === 12) restore.run();
    else focusFirstError(form.current);
  };
  return (
    <Screen title="Restore from words" up={{ to: { kind: 'settings' }, label: 'Settings' }}>
      <p class="lead">
        Enter the 12 words of the wallet in their order. The wallet you have now stays on this device; you can switch back in Settings.
      </p>
      <form class="stack" ref={form} onSubmit={submit} noValidate>
        <Field
          label="The 12 words"
          value={text}
          onInput={(value) => {
            setText(value);
            setSubmitted(false);
          }}
          lines={4}
          exact
          hint={`${plural(count, 'word')} of 12. Money shows up once others on its network are connected.`}
          error={submitted && count !== 12 ? `Enter exactly 12 words; there are ${count}.` : undefined}
        />
        {restore.failure !== undefined && <ErrorNotice error={restore.failure} />}
        <Button type="submit" tone="primary" wide busy={restore.busy}>
          Restore wallet
        </Button>
      </form>
    </Screen>
  );
}
