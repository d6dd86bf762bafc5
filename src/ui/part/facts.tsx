/** Lists of named values, and the drawer where the technical ones are kept. */
import type { ComponentChildren } from 'preact';

/** A name and its value. */
export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A list of {@link Fact}s; as `costs`, values stand in a column at the right, like a bill. */
export function Facts({ costs = false, children }: { readonly costs?: boolean; readonly children: ComponentChildren }) {
  return <dl class={costs ? 'facts costs' : 'facts'}>{children}</dl>;
}

interface TechnicalProps {
  readonly title?: string;
  /** Called whenever it is opened. */
  readonly onOpen?: () => void;
  readonly children: ComponentChildren;
}

/** What only some want to see, one tap away. */
export function Technical({ title = 'Technical details', onOpen, children }: TechnicalProps) {
  return (
    <details
      class="technical"
      onToggle={(event) => {
        if (event.currentTarget.open) onOpen?.();
      }}
    >
      <summary>{title}</summary>
      <div class="technical-body">{children}</div>
    </details>
  );
}

/** An infohash, txid or locator: long, exact, selectable. */
export function Identifier({ children }: { readonly children: string }) {
  return <code class="identifier">{children}</code>;
}
