/** Form fields with a label, a hint and an error that are tied to the control. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { announce } from '../context.ts';
import { Asked } from './asked.ts';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly hint?: ComponentChildren;
  readonly error?: string | undefined;
  /** More than one line. */
  readonly lines?: number;
  readonly inputMode?: 'text' | 'decimal' | 'numeric';
  /** Identifiers and amounts are neither corrected nor capitalised by the keyboard. */
  readonly exact?: boolean;
  readonly placeholder?: string;
  /** Stands behind the input: a unit, a button. */
  readonly after?: ComponentChildren;
  readonly autoFocus?: boolean;
}

const describedBy = (...ids: (string | false | undefined)[]) => ids.filter((id) => typeof id === 'string').join(' ') || undefined;

/** A text field. */
export function Field(props: FieldProps) {
  const id = useId();
  const { label, value, hint, error, lines = 1, exact = false } = props;
  const shared = {
    id,
    value,
    'aria-invalid': error === undefined ? undefined : ('true' as const),
    'aria-describedby': describedBy(hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`),
    inputMode: props.inputMode,
    placeholder: props.placeholder,
    autocomplete: 'off' as const,
    ...(exact ? { autocapitalize: 'off' as const, autocorrect: 'off' as const, spellcheck: false } : {}),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-control">
        {lines > 1 ? (
          <textarea {...shared} rows={lines} onInput={(event) => props.onInput(event.currentTarget.value)} />
        ) : (
          <input {...shared} type="text" onInput={(event) => props.onInput(event.currentTarget.value)} />
        )}
        {props.after}
      </div>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  readonly legend: string;
  readonly hint?: ComponentChildren;
  readonly value: Value;
  readonly choices: readonly { readonly value: Value; readonly label: string; readonly hint?: string }[];
  /** May return the promise of a change: what was asked for is shown meanwhile, and it is said if it fails. */
  readonly onChoose: (value: Value) => unknown;
}

/** One of a few. */
export function Choice<Value extends string>({ legend, hint, value, choices, onChoose }: ChoiceProps<Value>) {
  const name = useId();
  const [asked] = useState(() => new Asked<Value>());
  useEffect(() => asked.became(value), [asked, value]);
  const choose = (next: Value) => {
    const change = onChoose(next);
    if (change instanceof Promise) asked.ask(next, change, () => announce('That could not be changed.'));
  };
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {hint !== undefined && <p class="hint">{hint}</p>}
      {choices.map((choice) => (
        <label key={choice.value} class="choice-line">
          <input type="radio" name={name} checked={choice.value === (asked.value ?? value)} onChange={() => choose(choice.value)} />
          <span>
            {choice.label}
            {choice.hint !== undefined && <span class="hint"> {choice.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Moves the focus to the first field of `form` that is marked as wrong. */
export function focusFirstError(form: HTMLFormElement | null): void {
  // After the next draw: only then are the fields marked.
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
