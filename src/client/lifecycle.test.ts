import { describe, expect, it } from 'vitest';
import type { ActivityEntry, NodeState } from '../api/node.ts';
import type { TxId } from '../core/id.ts';
import { findStayReason } from './lifecycle.ts';

const TXID = 'ab'.repeat(32) as TxId;

function stateWith(entry: Partial<ActivityEntry>, jobs: readonly unknown[] = [], isDevnet = false): NodeState {
  return { jobs, network: { isDevnet, activity: [{ txid: TXID, holders: 0, state: 'unconfirmed', ...entry }] } } as unknown as NodeState;
}

describe('closing the tab', () => {
  it('is warned of while a job runs', () => {
    expect(findStayReason(stateWith({ holders: 1 }, [{}]), new Set())).toBe('working');
  });

  it('is warned of while nobody else holds a payment made here', () => {
    expect(findStayReason(stateWith({}), new Set([TXID]))).toBe('nobody-holds-it');
  });

  it('is free once somebody holds it', () => {
    expect(findStayReason(stateWith({ holders: 1 }), new Set([TXID]))).toBeUndefined();
  });

  it('is free for play money', () => {
    expect(findStayReason(stateWith({}, [], true), new Set([TXID]))).toBeUndefined();
  });

  it('is free for payments made elsewhere or void', () => {
    expect(findStayReason(stateWith({}), new Set())).toBeUndefined();
    expect(findStayReason(stateWith({ state: 'conflicted' }), new Set([TXID]))).toBeUndefined();
  });
});
