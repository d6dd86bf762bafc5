import { describe, expect, it } from 'vitest';
import { findInstallHint, Installing } from './install.ts';

const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${WEBKIT} Version/18.5 Mobile/15E148 Safari/604.1`;
const MAC_SAFARI = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/18.5 Safari/605.1.15`;
const MAC_CHROME = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const ANDROID_FIREFOX = 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0';
const LINUX_FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

function open(userAgent: string, { standalone = false } = {}) {
  const host = Object.assign(new EventTarget(), {
    navigator: { userAgent, maxTouchPoints: 0 },
    matchMedia: () => ({ matches: standalone }),
  });
  const installing = new Installing(host as unknown as Window);
  installing.start();
  const offer = (outcome: string) =>
    host.dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt: async () => ({ outcome }) }));
  return { host, installing, offer };
}

describe('installing', () => {
  it('knows the way by hand where browsers make no offer', () => {
    expect(findInstallHint({ userAgent: IPHONE, maxTouchPoints: 5 })).toBe('ios');
    expect(findInstallHint({ userAgent: MAC_SAFARI, maxTouchPoints: 5 })).toBe('ios');
    expect(findInstallHint({ userAgent: MAC_SAFARI, maxTouchPoints: 0 })).toBe('mac-safari');
    expect(findInstallHint({ userAgent: ANDROID_FIREFOX, maxTouchPoints: 5 })).toBe('android-menu');
    expect(findInstallHint({ userAgent: MAC_CHROME, maxTouchPoints: 0 })).toBeUndefined();
    expect(findInstallHint({ userAgent: LINUX_FIREFOX, maxTouchPoints: 0 })).toBeUndefined();
  });

  it('keeps the offer for the click, and uses it once', async () => {
    const { installing, offer } = open(MAC_CHROME);
    expect(installing.state.value).toEqual({ kind: 'not-offered' });
    // Prevented: no banner.
    expect(offer('dismissed')).toBe(false);
    expect(installing.state.value).toEqual({ kind: 'offered' });
    expect(await installing.ask()).toBe(false);
    expect(installing.state.value).toEqual({ kind: 'not-offered' });
    expect(await installing.ask()).toBe(false);
    offer('accepted');
    expect(await installing.ask()).toBe(true);
    expect(installing.state.value).toEqual({ kind: 'installed' });
  });

  it('is silent in a window of its own', () => {
    expect(open(IPHONE, { standalone: true }).installing.state.value).toEqual({ kind: 'installed' });
  });

  it('hears that the app was installed through the browser’s menu', () => {
    const { host, installing } = open(MAC_CHROME);
    host.dispatchEvent(new Event('appinstalled'));
    expect(installing.state.value).toEqual({ kind: 'installed' });
  });
});
