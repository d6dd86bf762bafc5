/** Ways on from here: large links with a line on what each is for. */
import { type Route, routeFragment } from '../../client/route.ts';
import { Icon, type IconName } from '../part/icon.tsx';

interface WayProps {
  readonly to: Route;
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
}

function Way({ to, icon, title, text }: WayProps) {
  return (
    <li>
      <a class="way" href={routeFragment(to)}>
        <Icon name={icon} />
        <span class="way-words">
          <span class="way-title">{title}</span>
          <span class="hint">{text}</span>
        </span>
        <Icon name="next" />
      </a>
    </li>
  );
}

/** To a network of one's own, to that of others, or back to an old wallet. */
export function Ways({ canOpen = false }: { readonly canOpen?: boolean }) {
  return (
    <ul class="ways">
      {canOpen && (
        <Way to={{ kind: 'network' }} icon="network" title="Open a network" text="One of those you have joined on this device." />
      )}
      <Way to={{ kind: 'join', query: '' }} icon="join" title="Join a network" text="With an invitation that somebody sent you." />
      <Way
        to={{ kind: 'found' }}
        icon="seed"
        title="Found a network"
        text="A currency of your own, with all its money in your hands at first."
      />
      <Way to={{ kind: 'restore' }} icon="key" title="Restore from words" text="Bring back a wallet whose 12 words you wrote down." />
    </ul>
  );
}
