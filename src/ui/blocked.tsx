/** What people read when their browser cannot run the wallet at all. */
import type { Capability } from '../client/capability.ts';
import { Mark } from './part/icon.tsx';

const BROWSERS = 'Use a current version of Chrome, Edge, Firefox or Safari.';

const TEXTS: { readonly [Name in Capability]: string } = {
  'secure-context':
    'This page was opened over an unprotected connection, and browsers do not let a wallet work there. Open it with an address that starts with https:// (or http://localhost on your own computer).',
  worker: `This browser cannot run the wallet in the background, because web workers are switched off or missing. ${BROWSERS}`,
  indexeddb: `This browser does not let the wallet keep anything on your device. Leave private browsing, or allow this site to store data, then reload. ${BROWSERS}`,
  locks: `This browser cannot keep two open tabs from disturbing each other (Web Locks are missing), so the wallet does not start. ${BROWSERS}`,
  crypto: `This browser has no safe source of cryptography for the wallet’s keys. ${BROWSERS}`,
  webrtc: `This browser cannot connect to others: WebRTC is missing or switched off. Switch it on, or look for an extension that blocks it. ${BROWSERS}`,
};

/** A whole page that says what is missing and what to do. */
export function Blocked({ missing }: { readonly missing: Capability }) {
  return (
    <main class="blocked">
      <Mark />
      <h1>TorrentTX cannot run here</h1>
      <p>{TEXTS[missing]}</p>
      <p class="hint">If you have used this wallet in this browser before, nothing of it was deleted.</p>
    </main>
  );
}
