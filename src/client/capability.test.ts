import { describe, expect, it } from 'vitest';
import { type BrowserGlobals, findBlocker, findMissing } from './capability.ts';

const ALL: BrowserGlobals = {
  isSecureContext: true,
  Worker: class {},
  indexedDB: {},
  crypto: { subtle: {} },
  navigator: { locks: {} },
  RTCPeerConnection: class {},
};

describe('capabilities', () => {
  it('misses nothing in a current browser', () => {
    expect(findMissing(ALL)).toEqual([]);
  });

  it('names the unprotected connection before what it takes away', () => {
    const missing = findMissing({ ...ALL, isSecureContext: false, navigator: {}, crypto: {} });
    expect(missing).toEqual(['secure-context', 'locks', 'crypto']);
    expect(findBlocker(missing)).toBe('secure-context');
  });

  it('takes a database that is null for missing', () => {
    expect(findMissing({ ...ALL, indexedDB: null })).toEqual(['indexeddb']);
  });

  it('opens the wallet without WebRTC', () => {
    const { RTCPeerConnection: _, ...rest } = ALL;
    expect(findMissing(rest)).toEqual(['webrtc']);
    expect(findBlocker(['webrtc'])).toBeUndefined();
  });
});
