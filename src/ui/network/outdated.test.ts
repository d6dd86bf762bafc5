import { describe, expect, it } from 'vitest';
import type { PeerState } from '../../api/node.ts';
import { isOutdated } from './outdated.ts';

const peers = (count: number, status: PeerState['status'] = 'ready') => Array.from({ length: count }, () => ({ status }) as PeerState);

describe('the app', () => {
  it('is not called outdated by one or two, who may lie', () => {
    expect(isOutdated({ newerPeers: 2, peers: [] })).toBe(false);
  });

  it('is outdated when more devices speak a newer protocol than this one can talk to', () => {
    expect(isOutdated({ newerPeers: 3, peers: peers(2) })).toBe(true);
    expect(isOutdated({ newerPeers: 3, peers: [...peers(2), ...peers(9, 'greeting')] })).toBe(true);
    expect(isOutdated({ newerPeers: 3, peers: peers(3) })).toBe(false);
  });
});
