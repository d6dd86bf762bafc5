/** Buttons and links that look like buttons. */
import type { ComponentChildren } from 'preact';
import { type Route, routeFragment } from '../../client/route.ts';
import { Icon, type IconName } from './icon.tsx';

/** How loud a button is: at most one `primary` a screen. */
export type ButtonTone = 'primary' | 'secondary' | 'quiet' | 'danger';

interface ButtonProps {
  readonly tone?: ButtonTone;
  readonly icon?: IconName;
  readonly type?: 'button' | 'submit';
  /** Keeps its place and its focus while something runs, but does nothing. */
  readonly busy?: boolean;
  readonly wide?: boolean;
  readonly pressed?: boolean;
  readonly describedBy?: string;
  /** For screen readers, where the same word stands on several buttons. */
  readonly label?: string;
  readonly onClick?: () => void;
  readonly children: ComponentChildren;
}

const classes = (tone: ButtonTone, wide: boolean) => `button button-${tone}${wide ? ' button-wide' : ''}`;

/** A button. While busy it stays focusable, so that a keyboard user is not thrown to the top. */
export function Button(props: ButtonProps) {
  const { tone = 'secondary', type = 'button', busy = false, wide = false } = props;
  return (
    <button
      type={type}
      class={classes(tone, wide)}
      aria-disabled={busy ? 'true' : undefined}
      aria-pressed={props.pressed}
      aria-describedby={props.describedBy}
      aria-label={props.label}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else props.onClick?.();
      }}
    >
      {props.icon !== undefined && <Icon name={props.icon} />}
      <span>{props.children}</span>
    </button>
  );
}

interface LinkButtonProps {
  readonly to: Route;
  readonly tone?: ButtonTone;
  readonly icon?: IconName;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** A link to a screen that looks like a button. */
export function LinkButton({ to, tone = 'secondary', icon, wide = false, children }: LinkButtonProps) {
  return (
    <a class={classes(tone, wide)} href={routeFragment(to)}>
      {icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
    </a>
  );
}
