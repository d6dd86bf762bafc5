/** The first minute: an address that works already, and three ways on. */

import type { NodeState } from '../../api/node.ts';
import { appUrl } from '../../client/app-url.ts';
import { type Route, routeFragment } from '../../client/route.ts';
import { paymentRequestFragment } from '../../core/link.ts';
import { Copyable } from '../part/copyable.tsx';
import { Icon, type IconName } from '../part/icon.tsx';
import { Qr } from '../part/qr.tsx';
import { Screen } from '../part/screen.tsx';

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

/** Shown at `#/` while no network is open. */
export function StartScreen({ state }: { readonly state: NodeState }) {
  const { address } = state.wallet;
  const opening = state.networks.length > 0;
  return (
    <Screen title={opening ? 'No network is open' : 'Your wallet is ready'}>
      <p class="lead">
        {opening
          ? 'Choose one of your networks, or join another one.'
          : 'It lives in this browser and belongs to you alone. To send and receive money, join a network of people or found your own.'}
      </p>
      <div class={opening ? 'start start-opening' : 'start'}>
        <section class="card address-card" aria-labelledby="own-address">
          <Qr text={appUrl(paymentRequestFragment({ to: address }))} label="QR code that opens a payment to your address" />
          <div class="stack">
            <h2 id="own-address">Your address</h2>
            <Copyable text={address} what="address" grouped />
          </div>
        </section>
        <ul class="ways">
          {opening && <Way to={{ kind: 'network' }} icon="network" title="Open a network" text="Those you have joined on this device." />}
          <Way to={{ kind: 'join', query: '' }} icon="join" title="Join a network" text="With an invitation that somebody sent you." />
          <Way
            to={{ kind: 'found' }}
            icon="plus"
            title="Found a network"
            text="A currency of your own, with all its money in your hands at first."
          />
          <Way to={{ kind: 'restore' }} icon="key" title="Restore from words" text="Bring back a wallet whose 12 words you wrote down." />
        </ul>
      </div>
    </Screen>
  );
}
