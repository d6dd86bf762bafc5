import { describe, expect, it } from 'vitest';
import type { TxId } from '../core/id.ts';
import { parseRoute, type Route, routeFragment, sectionOf } from './route.ts';

const TXID = 'ab'.repeat(32) as TxId;
const ROUTES: readonly Route[] = [
  { kind: 'wallet' },
  { kind: 'receive' },
  { kind: 'pay', query: '' },
  { kind: 'pay', query: 'to=ttx1abc&amount=1.5&note=a%20b' },
  { kind: 'pay-review' },
  { kind: 'accept', query: '' },
  { kind: 'accept', query: 'xt=urn:btih:00&x.ttx=11' },
  { kind: 'scan' },
  { kind: 'activity' },
  { kind: 'transaction', txid: TXID },
  { kind: 'proof', txid: TXID },
  { kind: 'network' },
  { kind: 'found' },
  { kind: 'join', query: '' },
  { kind: 'join', query: 'xt=urn:btih:00' },
  { kind: 'invite' },
  { kind: 'connect', code: '' },
  { kind: 'connect', code: 'ttxpair1qqqq' },
  { kind: 'leave', id: TXID },
  { kind: 'fork', txid: TXID },
  { kind: 'follow', txid: TXID },
  { kind: 'settings' },
  { kind: 'words' },
  { kind: 'words-check' },
  { kind: 'restore' },
  { kind: 'about' },
];

describe('routes', () => {
  it.each(ROUTES)('reads back the fragment of $kind', (route) => {
    expect(parseRoute(routeFragment(route))).toEqual(route);
  });

  it.each(['', '#', '#/', '/'])('opens the wallet for %j', (fragment) => {
    expect(parseRoute(fragment)).toEqual({ kind: 'wallet' });
  });

  it.each([
    '#/nonsense',
    '#/activity/zz',
    `#/activity/${TXID}/more`,
    `#/activity/${TXID}/proof/more`,
    `#/activity/${TXID.toUpperCase()}`,
    '#/network/leave',
    '#/__proto__',
    '#/constructor',
    '#/toString',
  ])('finds no screen for %s', (fragment) => {
    expect(parseRoute(fragment)).toEqual({ kind: 'not-found' });
  });

  it('forgives a slash at the end', () => {
    expect(parseRoute('#/network/')).toEqual({ kind: 'network' });
    expect(parseRoute('#/accept/?xt=1')).toEqual({ kind: 'accept', query: 'xt=1' });
  });

  it('keeps question marks inside a query', () => {
    expect(parseRoute('#/accept?tr=ws://a/?b')).toEqual({ kind: 'accept', query: 'tr=ws://a/?b' });
  });

  it('gives every route a section', () => {
    expect(ROUTES.map(sectionOf)).not.toContain(undefined);
  });
});
