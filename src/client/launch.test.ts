import { describe, expect, it } from 'vitest';
import { OPEN_LINK, OPEN_SHARED_FILE } from '../api/service-worker.ts';
import { readLaunch } from './launch.ts';
import { parseRoute, routeFragment } from './route.ts';

const GENESIS = `${'c'.repeat(40)}:${'d'.repeat(64)}`;
const PAYMENT = `xt=urn:btih:${'a'.repeat(40)}&x.ttx=${'b'.repeat(64)}&x.net=${GENESIS}`;
const opened = (link: string) => readLaunch(OPEN_LINK + encodeURIComponent(link));

describe('what the app was opened with', () => {
  it('is a screen for a link that the system handed over', () => {
    expect(opened(`magnet:?${PAYMENT}`)).toEqual({ kind: 'screen', route: { kind: 'accept', query: PAYMENT } });
    expect(opened(`web+ttx:accept?${PAYMENT}`)).toEqual({ kind: 'screen', route: { kind: 'accept', query: PAYMENT } });
  });

  it('is a screen for a message that was shared with a link in it', () => {
    expect(opened(`For lunch: https://x.example/#/accept?${PAYMENT}`)).toEqual({
      kind: 'screen',
      route: { kind: 'accept', query: PAYMENT },
    });
  });

  it('is a shared file when one waits', () => {
    expect(readLaunch(OPEN_SHARED_FILE)).toEqual({ kind: 'shared-file' });
  });

  it('is nothing for the app’s own screens', () => {
    for (const fragment of ['', '#/', '#/pay', `#/accept?${PAYMENT}`]) expect(readLaunch(fragment)).toBeUndefined();
  });

  it('goes to accepting for what is not a link, so that a sentence says so', () => {
    for (const fragment of [`${OPEN_LINK}hello`, `${OPEN_LINK}%`, OPEN_LINK]) {
      const launch = readLaunch(fragment);
      expect(launch).toMatchObject({ kind: 'screen', route: { kind: 'accept' } });
      // The address that is shown instead never leads back here.
      if (launch?.kind === 'screen') expect(parseRoute(routeFragment(launch.route)).kind).toBe('accept');
    }
  });
});
