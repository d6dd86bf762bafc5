/** The first minute: an address that works already, and ways on. */
import type { NodeState } from '../../api/node.ts';
import { appUrl } from '../../client/app-url.ts';
import { paymentRequestFragment } from '../../core/link.ts';
import { ClaimCoins } from '../network/test-network.tsx';
import { Copyable } from '../part/copyable.tsx';
import { Later } from '../part/later.tsx';
import { Qr } from '../part/qr.tsx';
import { Screen } from '../part/screen.tsx';
import { Ways } from './ways.tsx';

function AddressCard({ state }: { readonly state: NodeState }) {
  const { address } = state.wallet;
  return (
    <section class="card address-card" aria-labelledby="own-address">
      <Qr text={appUrl(paymentRequestFragment({ to: address }))} label="QR code that opens a payment to your address" />
      <div class="stack">
        <h2 id="own-address">Your address</h2>
        <Copyable text={address} what="address" grouped />
      </div>
    </section>
  );
}

/** Shown at `#/` on the test network until there is a first payment. */
export function TestStartScreen({ state }: { readonly state: NodeState }) {
  return (
    <Screen title="Your wallet is ready" isTest>
      <p class="lead">
        It lives in this browser and belongs to you alone. To begin with, you are on a test network: its coins are worth nothing, so try
        everything.
      </p>
      <div class="row">
        <ClaimCoins walletId={state.wallet.id} tone="primary" />
        <p class="hint">Free, and here at once.</p>
      </div>
      <div class="start">
        <AddressCard state={state} />
        <div class="stack">
          <Later>
            <h2>Or go elsewhere</h2>
            <Ways />
          </Later>
        </div>
      </div>
    </Screen>
  );
}

/** Shown at `#/` while no network is open and none is being opened. */
export function StartScreen({ state }: { readonly state: NodeState }) {
  const canOpen = state.networks.length > 0;
  return (
    <Screen title={canOpen ? 'No network is open' : 'You are in no network'}>
      <p class="lead">
        {canOpen
          ? 'Choose one of your networks, or join another one.'
          : 'Your wallet is kept in this browser. To send and receive money, join a network of people or found your own.'}
      </p>
      <div class={canOpen ? 'start start-opening' : 'start'}>
        <AddressCard state={state} />
        <Later>
          <Ways canOpen={canOpen} />
        </Later>
      </div>
    </Screen>
  );
}
