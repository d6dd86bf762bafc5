import { signal } from '@preact/signals';
import { expect, it } from 'vitest';
import type { Conditions } from '../api/node.ts';
import { watchConditions } from './conditions.ts';
import type { NodeClient } from './node-client.ts';

function open() {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState });
  const navigator = { onLine: true };
  const told: Conditions[] = [];
  const state = signal<unknown>({ kind: 'loading' });
  const client = { state, tell: (conditions: Conditions) => told.push(conditions) } as unknown as NodeClient;
  const undo = watchConditions(client, { window, document, navigator } as never);
  return { window, document, navigator, told, state, undo };
}

it('tells at the start and after each change, and what was resumed', () => {
  const { window, document, navigator, told, undo } = open();
  navigator.onLine = false;
  window.dispatchEvent(new Event('offline'));
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  document.dispatchEvent(new Event('resume'));
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
  undo();
  window.dispatchEvent(new Event('online'));
  const hidden = { online: false, visible: false };
  expect(told).toEqual([
    { online: true, visible: true, resumed: false },
    { online: false, visible: true, resumed: false },
    { ...hidden, resumed: false },
    { ...hidden, resumed: true },
    { ...hidden, resumed: true },
    { ...hidden, resumed: false },
  ]);
});

it('tells a node that has moved and does not know', () => {
  const { navigator, told, state } = open();
  navigator.onLine = false;
  state.value = { kind: 'ready', value: { isOnline: true } };
  state.value = { kind: 'ready', value: { isOnline: false } };
  expect(told).toEqual([
    { online: true, visible: true, resumed: false },
    { online: false, visible: true, resumed: false },
  ]);
});
