import { describe, expect, it } from 'vitest';
import type { ActivityEntry, NodeState } from '../api/node.ts';
import { findStayReason } from './lifecycle.ts';

const NOW_MS = 1_790_000_000_000;
const HOUR_MS = 60 * 60 * 1_000;

function stateWith(entry: Partial<ActivityEntry>, jobs: readonly unknown[] = [], isDevnet = false): NodeState {
  const payment = { kind: 'sent', seenAtMs: NOW_MS - HOUR_MS, state: 'unconfirmed', holders: 0, delivered: false, ...entry };
  return { jobs, network: { isDevnet, activity: [payment] } } as unknown as NodeState;
}

describe('closing the tab', () => {
  it('is warned of while a job runs', () => {
    expect(findStayReason(stateWith({ delivered: true }, [{}]), NOW_MS)).toBe('working');
  });

  it('is warned of while an own payment has reached nobody, whichever page made it', () => {
    expect(findStayReason(stateWith({}), NOW_MS)).toBe('nobody-holds-it');
    expect(findStayReason(stateWith({ kind: 'self' }), NOW_MS)).toBe('nobody-holds-it');
  });

  it('is free once somebody has had it, even if all are gone again', () => {
    expect(findStayReason(stateWith({ delivered: true, holders: 0 }), NOW_MS)).toBeUndefined();
  });

  it('is free after a day', () => {
    expect(findStayReason(stateWith({ seenAtMs: NOW_MS - 24 * HOUR_MS + 1 }), NOW_MS)).toBe('nobody-holds-it');
    expect(findStayReason(stateWith({ seenAtMs: NOW_MS - 24 * HOUR_MS }), NOW_MS)).toBeUndefined();
  });

  it('is free for play money', () => {
    expect(findStayReason(stateWith({}, [], true), NOW_MS)).toBeUndefined();
  });

  it('is free for payments of others, void ones, and with no network', () => {
    expect(findStayReason(stateWith({ kind: 'received' }), NOW_MS)).toBeUndefined();
    expect(findStayReason(stateWith({ kind: 'founded' }), NOW_MS)).toBeUndefined();
    expect(findStayReason(stateWith({ state: 'conflicted' }), NOW_MS)).toBeUndefined();
    expect(findStayReason(stateWith({ state: 'rejected' }), NOW_MS)).toBeUndefined();
    expect(findStayReason({ jobs: [], network: undefined } as unknown as NodeState, NOW_MS)).toBeUndefined();
  });
});
