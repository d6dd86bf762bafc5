import { once } from 'node:events';
import { expect, test } from 'vitest';
// The client of the tracker's own package: what Node 20 lacks as a global.
import { WebSocket } from 'ws';
import { startTracker } from './tracker.mjs';

/** Announces to `url` and gives the answer. @param {string} url */
async function announce(url) {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const bytes = 'a'.repeat(20);
  socket.send(
    JSON.stringify({ action: 'announce', info_hash: bytes, peer_id: bytes, numwant: 0, uploaded: 0, downloaded: 0, left: 1, offers: [] }),
  );
  const [message] = await once(socket, 'message');
  return { socket, answer: JSON.parse(String(message)) };
}

test('answers an announce, drops everybody when it stops, and starts again on its port', async () => {
  const tracker = await startTracker();
  const first = await announce(tracker.url);
  expect(first.answer).toMatchObject({ action: 'announce', incomplete: 1 });
  expect(tracker.connections()).toBe(1);
  const closed = once(first.socket, 'close');
  await tracker.stop();
  await closed;

  const again = await startTracker({ port: tracker.port });
  const second = await announce(again.url);
  expect(second.answer).toMatchObject({ action: 'announce', incomplete: 1 });
  second.socket.terminate();
  await again.stop();
});

test('survives nonsense', async () => {
  const tracker = await startTracker();
  const socket = new WebSocket(tracker.url);
  await once(socket, 'open');
  socket.send('{"action":"announce","info_hash":1}');
  await once(socket, 'message');
  const { socket: other, answer } = await announce(tracker.url);
  expect(answer.action).toBe('announce');
  for (const one of [socket, other]) one.terminate();
  await tracker.stop();
});
