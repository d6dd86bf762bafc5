import { expect, test } from 'vitest';
import { VirtualClock } from '../time/virtual-clock.ts';
import { TrackerSocket, type WebSocketLike } from './tracker-socket.ts';

class FakeWebSocket implements WebSocketLike {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  readonly sent: string[] = [];
  closed = false;
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.closed = true;
  }
}

function open(connect?: (url: string) => WebSocketLike, isUrgent = true) {
  const clock = new VirtualClock(0);
  const sockets: FakeWebSocket[] = [];
  const seen: unknown[] = [];
  let connected = 0;
  const socket = new TrackerSocket({
    url: 'wss://tracker.example',
    connect:
      connect ??
      (() => {
        const fake = new FakeWebSocket();
        sockets.push(fake);
        return fake;
      }),
    clock,
    isOnline: true,
    isUrgent: () => isUrgent,
    random: () => 0.5,
    onConnected: () => connected++,
    onMessage: (message) => seen.push(message),
    onStatus: () => {},
  });
  return { clock, sockets, seen, socket, connected: () => connected };
}

test('connects, passes JSON objects on, and ignores everything else', () => {
  const { sockets, seen, socket, connected } = open();
  expect(socket.status).toBe('connecting');
  sockets[0]?.onopen?.();
  expect([socket.status, connected()]).toEqual(['connected', 1]);
  for (const data of ['{"a":1}', '{', '1', 'null', new ArrayBuffer(1), `{"a":"${'x'.repeat(70_000)}"}`]) sockets[0]?.onmessage?.({ data });
  expect(seen).toEqual([{ a: 1 }]);
});

test('opens a lost socket again within a second, then waits longer with each failure, at most 15 s', () => {
  const { clock, sockets, socket } = open();
  sockets[0]?.onopen?.();
  sockets[0]?.onclose?.();
  expect(socket.status).toBe('offline');
  clock.leap(1_000);
  expect(sockets).toHaveLength(2);
  const gaps: number[] = [];
  for (let i = 1; i < 12; i++) {
    sockets[i]?.onerror?.();
    const from = clock.nowMs();
    while (sockets.length === i + 1) clock.leap(100);
    gaps.push(clock.nowMs() - from);
  }
  expect(gaps[0]).toBe(1_600);
  expect(gaps.at(-1)).toBe(15_000);
  // One that opens and says nothing is no better than one that does not open.
  sockets.at(-1)?.onopen?.();
  sockets.at(-1)?.onclose?.();
  clock.leap(14_000);
  expect([sockets.length, socket.isDoubtful]).toEqual([13, true]);
  clock.leap(1_000);
  sockets.at(-1)?.onopen?.();
  sockets.at(-1)?.onmessage?.({ data: '{}' });
  expect(socket.isDoubtful).toBe(false);
  sockets.at(-1)?.onclose?.();
  clock.leap(1_000);
  expect(sockets).toHaveLength(15);
});

test('gives up a socket that does not open, and a tracker that leaves a request unanswered', () => {
  const { clock, sockets, socket } = open();
  clock.leap(15_000);
  expect([socket.status, sockets[0]?.closed]).toEqual(['offline', true]);
  clock.leap(1_000);
  sockets[1]?.onopen?.();
  clock.leap(60_000);
  expect(socket.status).toBe('connected');
  socket.request({ a: 1 });
  clock.leap(19_000);
  sockets[1]?.onmessage?.({ data: '{}' });
  clock.leap(60_000);
  expect(socket.status).toBe('connected');
  socket.request({ a: 2 });
  clock.leap(20_000);
  expect(socket.status).toBe('offline');
});

test('survives a browser that refuses to open the socket', () => {
  const { clock, socket } = open(() => {
    throw new DOMException('mixed content', 'SecurityError');
  });
  expect(socket.status).toBe('offline');
  clock.leap(60_000);
  expect(socket.status).toBe('offline');
});

test('sends nothing unless connected, and does not come back once closed', () => {
  const { clock, sockets, socket } = open();
  socket.send({ a: 1 });
  sockets[0]?.onopen?.();
  socket.send({ a: 2 });
  expect(sockets[0]?.sent).toEqual(['{"a":2}']);
  socket.close();
  clock.leap(60_000);
  expect(sockets).toHaveLength(1);
  expect(sockets[0]?.closed).toBe(true);
});

test('offline, a lost socket is left alone for a minute; online again, it is opened at once', () => {
  const { clock, sockets, socket } = open();
  sockets[0]?.onopen?.();
  socket.setOnline(false);
  expect(socket.status).toBe('connected');
  sockets[0]?.onclose?.();
  clock.leap(59_000);
  expect([sockets.length, socket.status]).toEqual([1, 'offline']);
  // The browser may be wrong.
  clock.leap(2_000);
  expect(sockets).toHaveLength(2);
  sockets[1]?.onclose?.();
  socket.setOnline(true);
  expect([sockets.length, socket.status]).toEqual([3, 'connecting']);
  sockets[2]?.onclose?.();
  clock.leap(1_000);
  expect(sockets).toHaveLength(4);
});

test('a socket that was being retried when the device went offline is left alone too', () => {
  const { clock, sockets, socket } = open();
  sockets[0]?.onclose?.();
  socket.setOnline(false);
  clock.leap(50_000);
  expect(sockets).toHaveLength(1);
});

test('a socket opened anew hears nothing more from the old one', () => {
  const { sockets, socket, seen, clock } = open();
  sockets[0]?.onopen?.();
  const { onmessage, onclose } = { ...sockets[0] };
  socket.reopen();
  expect([sockets.length, sockets[0]?.closed, sockets[0]?.onmessage]).toEqual([2, true, null]);
  sockets[1]?.onopen?.();
  expect([socket.status, seen, typeof onmessage, typeof onclose]).toEqual(['connected', [], 'function', 'function']);
  clock.leap(600_000);
  expect(sockets).toHaveLength(2);
});

test('a doubted socket that does not answer within seconds is given up, one that answers is kept', () => {
  const { sockets, socket, clock } = open();
  sockets[0]?.onopen?.();
  socket.request({});
  socket.doubt();
  socket.request({});
  sockets[0]?.onmessage?.({ data: '{}' });
  clock.leap(10_000);
  expect(socket.status).toBe('connected');
  socket.doubt();
  socket.request({});
  clock.leap(4_000);
  expect(socket.status).toBe('offline');
});

test('that is dead costs an attempt in five minutes while nobody waits for it', () => {
  const { clock, sockets } = open(undefined, false);
  for (let hour = 0; hour < 3; hour++) {
    const before = sockets.length;
    for (let second = 0; second < 3_600; second++) {
      clock.leap(1_000);
      sockets.at(-1)?.onclose?.();
    }
    expect(sockets.length - before).toBeLessThanOrEqual(hour === 0 ? 25 : 13);
  }
});
