/** A box for what somebody sent: typed, pasted from the clipboard, or brought in another way. */
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { canReadClipboard, readClipboard } from '../../client/clipboard.ts';
import { toReport } from '../../client/report.ts';
import { announce } from '../context.ts';
import { describeError } from '../error-text.ts';
import { Button } from './button.tsx';
import { Field, focusFirstError } from './field.tsx';
import type { IconName } from './icon.tsx';

interface PasteFormProps {
  readonly label: string;
  readonly hint: string;
  readonly lines: number;
  /** Said when the box is empty. */
  readonly empty: string;
  /** The button that takes what is in the box. */
  readonly action: { readonly label: string; readonly icon?: IconName; readonly tone?: 'primary' | 'secondary' };
  /** Goes on with the text. What it throws is shown at the box. @returns what else is wrong with it */
  readonly take: (text: string) => string | undefined;
  /** Other ways to bring it. */
  readonly children?: ComponentChildren;
}

/** The box, its buttons and what was wrong. It is empty again once the text was taken. */
export function PasteForm({ label, hint, lines, empty, action, take, children }: PasteFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [text, setText] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const tryToTake = (value: string): string | undefined => {
    if (value.trim() === '') return empty;
    try {
      return take(value);
    } catch (thrown) {
      const { title, text: advice } = describeError(toReport(thrown));
      return `${title}. ${advice}`;
    }
  };
  const submit = (value: string) => {
    const wrong = tryToTake(value);
    setError(wrong);
    setText(wrong === undefined ? '' : value);
    if (wrong !== undefined) focusFirstError(form.current);
  };
  const paste = async () => {
    const pasted = await readClipboard();
    if (pasted === undefined) return announce('This browser does not let the app read the clipboard. Paste into the box instead.');
    submit(pasted);
  };
  return (
    <form
      class="stack"
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit(text);
      }}
    >
      <Field
        label={label}
        value={text}
        onInput={(value) => {
          setText(value);
          setError(undefined);
        }}
        lines={lines}
        exact
        error={error}
        hint={hint}
      />
      <div class="row">
        <Button type="submit" tone={action.tone ?? 'primary'} {...(action.icon === undefined ? {} : { icon: action.icon })}>
          {action.label}
        </Button>
        {canReadClipboard() && <Button onClick={paste}>Paste</Button>}
        {children}
      </div>
    </form>
  );
}
