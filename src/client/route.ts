/**
 * Addresses of the screens. They live in the fragment, so that the app works from any folder of any static server and no
 * server sees what a link carries. Pure; `router.ts` connects it to the window.
 */
import { isTxId, type TxId } from '../core/id.ts';

/** A screen and what its URL says. `query` is kept as written, for the link parser. */
export type Route =
  | { readonly kind: 'wallet' }
  | { readonly kind: 'receive' }
  | { readonly kind: 'pay'; readonly query: string }
  | { readonly kind: 'pay-review' }
  | { readonly kind: 'accept'; readonly query: string }
  | { readonly kind: 'scan' }
  | { readonly kind: 'activity' }
  | { readonly kind: 'transaction'; readonly txid: TxId }
  | { readonly kind: 'proof'; readonly txid: TxId }
  | { readonly kind: 'network' }
  | { readonly kind: 'found' }
  | { readonly kind: 'join'; readonly query: string }
  | { readonly kind: 'invite' }
  /** `code`: a pairing code that was scanned, pasted or opened. */
  | { readonly kind: 'connect'; readonly code: string }
  | { readonly kind: 'leave'; readonly id: TxId }
  /** The fork that a transaction is a side of. */
  | { readonly kind: 'fork'; readonly txid: TxId }
  /** Following that side. */
  | { readonly kind: 'follow'; readonly txid: TxId }
  | { readonly kind: 'settings' }
  | { readonly kind: 'words' }
  | { readonly kind: 'words-check' }
  | { readonly kind: 'restore' }
  | { readonly kind: 'about' }
  | { readonly kind: 'not-found' };

const FIXED: Readonly<Record<string, Route>> = {
  '': { kind: 'wallet' },
  receive: { kind: 'receive' },
  'pay/review': { kind: 'pay-review' },
  scan: { kind: 'scan' },
  activity: { kind: 'activity' },
  network: { kind: 'network' },
  'network/found': { kind: 'found' },
  'network/invite': { kind: 'invite' },
  settings: { kind: 'settings' },
  'settings/words': { kind: 'words' },
  'settings/words/check': { kind: 'words-check' },
  'settings/restore': { kind: 'restore' },
  'settings/about': { kind: 'about' },
};

/** Reads a fragment with its `#`. An empty one is the wallet; what is unknown is `not-found`, never an exception. */
export function parseRoute(fragment: string): Route {
  const text = fragment.replace(/^#\/?/, '');
  const mark = text.indexOf('?');
  const path = (mark < 0 ? text : text.slice(0, mark)).replace(/\/$/, '');
  const query = mark < 0 ? '' : text.slice(mark + 1);
  if (Object.hasOwn(FIXED, path)) return FIXED[path] ?? { kind: 'not-found' };
  if (path === 'pay') return { kind: 'pay', query };
  if (path === 'accept') return { kind: 'accept', query };
  if (path === 'network/connect') return { kind: 'connect', code: query };
  if (path === 'join' || path === 'network/join') return { kind: 'join', query };
  const [first, second, third, fourth, ...rest] = path.split('/');
  if (rest.length > 0) return { kind: 'not-found' };
  if (first === 'network' && second === 'fork' && isTxId(third)) {
    if (fourth === undefined) return { kind: 'fork', txid: third };
    if (fourth === 'follow') return { kind: 'follow', txid: third };
  }
  if (fourth !== undefined) return { kind: 'not-found' };
  if (first === 'activity' && isTxId(second)) {
    if (third === undefined) return { kind: 'transaction', txid: second };
    if (third === 'proof') return { kind: 'proof', txid: second };
  }
  if (first === 'network' && second === 'leave' && isTxId(third)) return { kind: 'leave', id: third };
  return { kind: 'not-found' };
}

const withQuery = (path: string, query: string) => (query === '' ? path : `${path}?${query}`);

/** The fragment of a screen, with its `#`. `parseRoute(routeFragment(r))` is r. */
export function routeFragment(route: Route): string {
  switch (route.kind) {
    case 'wallet':
    case 'not-found':
      return '#/';
    case 'receive':
    case 'scan':
    case 'activity':
    case 'network':
    case 'settings':
      return `#/${route.kind}`;
    case 'pay':
      return withQuery('#/pay', route.query);
    case 'pay-review':
      return '#/pay/review';
    case 'accept':
      return withQuery('#/accept', route.query);
    case 'transaction':
      return `#/activity/${route.txid}`;
    case 'proof':
      return `#/activity/${route.txid}/proof`;
    case 'found':
      return '#/network/found';
    case 'join':
      return route.query === '' ? '#/network/join' : `#/join?${route.query}`;
    case 'invite':
      return '#/network/invite';
    case 'connect':
      return withQuery('#/network/connect', route.code);
    case 'leave':
      return `#/network/leave/${route.id}`;
    case 'fork':
      return `#/network/fork/${route.txid}`;
    case 'follow':
      return `#/network/fork/${route.txid}/follow`;
    case 'words':
      return '#/settings/words';
    case 'words-check':
      return '#/settings/words/check';
    case 'restore':
      return '#/settings/restore';
    case 'about':
      return '#/settings/about';
  }
}

/** The four sections of the navigation. */
export type Section = 'wallet' | 'activity' | 'network' | 'settings';

/** The section a screen belongs to. */
export function sectionOf(route: Route): Section {
  switch (route.kind) {
    case 'wallet':
    case 'receive':
    case 'pay':
    case 'pay-review':
    case 'accept':
    case 'scan':
    case 'not-found':
      return 'wallet';
    case 'activity':
    case 'transaction':
    case 'proof':
      return 'activity';
    case 'network':
    case 'found':
    case 'join':
    case 'invite':
    case 'connect':
    case 'leave':
    case 'fork':
    case 'follow':
      return 'network';
    case 'settings':
    case 'words':
    case 'words-check':
    case 'restore':
    case 'about':
      return 'settings';
  }
}
