/** The swarm in Node, over made-up WebRTC connections: who is connected with whom. What WebTorrent itself does is tested in browsers. */
import { beforeEach, expect, test } from 'vitest';
import type { Message } from '../core/message.ts';
import { clock, connections, FakeConnection, genesis, inv, open, payment, reset, settle, tracker } from './webtorrent.contract.ts';

beforeEach(reset);

test('two seeders of a genesis meet and talk', async () => {
  const [a, b] = [await open('a'), await open('b')];
  a.swarm.seed(genesis);
  await settle();
  b.swarm.seed(genesis);
  await settle();
  expect([a.log, b.log]).toEqual([['peer b'], ['peer a']]);
  a.peers.get(b.id)?.send(inv);
  b.peers.get(a.id)?.send(inv);
  await settle();
  expect([a.messages, b.messages]).toEqual([[inv], [inv]]);
});

test('whoever waits for a peer to be drained goes on while it reads, though no piece of a torrent is uploaded', async () => {
  const [a, b] = [await open('a'), await open('b')];
  a.swarm.seed(genesis);
  await settle();
  b.swarm.seed(genesis);
  await settle();
  const peer = a.peers.get(b.id);
  const message: Message = { t: 'tx', files: Array(8).fill(new Uint8Array(16_000)), missing: [] };
  let sent = 0;
  const sending = (async () => {
    for (; sent < 24; sent++) {
      // Three at a time: more than fits below the mark, so that each round must wait.
      for (let i = 0; i < 3; i++) peer?.send(message);
      await peer?.drained();
    }
  })();
  await settle();
  await settle();
  expect(sent).toBe(24);
  await sending;
  expect(b.messages).toHaveLength(72);
});

test('whoever waits for a peer that goes away waits no longer', async () => {
  const [a, b] = [await open('a'), await open('b')];
  a.swarm.seed(genesis);
  await settle();
  b.swarm.seed(genesis);
  await settle();
  const peer = a.peers.get(b.id);
  for (let i = 0; i < 3; i++) peer?.send({ t: 'tx', files: Array(8).fill(new Uint8Array(16_000)), missing: [] });
  const drained = peer?.drained();
  await b.swarm.stop();
  await settle();
  await drained;
  expect(a.log).toEqual(['peer b', 'gone b']);
});

test('of two connections that both sides offered at once the same one stays, and nobody hears of it', async () => {
  const [a, b] = [await open('a'), await open('b')];
  tracker.held = [];
  a.swarm.seed(genesis);
  b.swarm.seed(genesis);
  await settle();
  tracker.release();
  await settle();
  expect([connections(a, genesis), connections(b, genesis)]).toEqual([2, 2]);
  clock.leap(1_000);
  await settle();
  expect([connections(a, genesis), connections(b, genesis)]).toEqual([1, 1]);
  a.peers.get(b.id)?.send(inv);
  await settle();
  expect([b.messages, a.log, b.log]).toEqual([[inv], ['peer b'], ['peer a']]);
});

test('a peer met in two swarms is one peer, and its idle second connection is closed', async () => {
  const [a, b] = [await open('a'), await open('b')];
  a.swarm.seed(genesis);
  await settle();
  b.swarm.seed(genesis);
  await settle();
  a.swarm.seed(payment);
  const fetched = b.swarm.fetch(payment.infohash, { signal: new AbortController().signal });
  await settle();
  expect(connections(a, payment)).toBe(1);
  b.swarm.seed(payment);
  expect(await fetched).toEqual(payment.bytes);
  for (let i = 0; i < 6; i++) {
    clock.leap(5_000);
    await settle();
  }
  expect([connections(a, payment), connections(a, genesis)]).toEqual([0, 1]);
  expect([a.log, b.log]).toEqual([['peer b'], ['peer a']]);
});

test('a peer is gone with its last connection', async () => {
  const [a, b] = [await open('a'), await open('b')];
  a.swarm.seed(genesis);
  b.swarm.seed(genesis);
  await settle();
  await b.swarm.stop();
  await settle();
  expect(a.log).toEqual(['peer b', 'gone b']);
  expect(a.swarm.status().torrents).toMatchObject([{ peers: 0, holders: [] }]);
});

test('a peer without score is disconnected and not let in again while barred', async () => {
  const [a, b] = [await open('a'), await open('b')];
  a.swarm.seed(genesis);
  await settle();
  b.swarm.seed(genesis);
  await settle();
  a.peers.get(b.id)?.penalize(100, 'test');
  await settle();
  for (let i = 0; i < 30; i++) {
    clock.leap(10_000);
    await settle();
  }
  expect([a.log, b.log]).toEqual([
    ['peer b', 'gone b'],
    ['peer a', 'gone a'],
  ]);
  for (let i = 0; i < 90; i++) {
    clock.leap(10_000);
    await settle();
  }
  expect(a.log).toEqual(['peer b', 'gone b', 'peer b']);
});

test('seeds of payments make no offers', async () => {
  const [a, b] = [await open('a'), await open('b')];
  a.swarm.seed(payment);
  b.swarm.seed(payment);
  await settle();
  clock.leap(300_000);
  await settle();
  expect(FakeConnection.all).toEqual([]);
});

test('where nobody looks, two peers are enough', async () => {
  const nodes = await Promise.all(['a', 'b', 'c'].map((digit) => open(digit)));
  for (const { swarm } of nodes) {
    swarm.setConditions({ online: true, visible: false });
    swarm.seed(genesis);
    await settle();
  }
  expect(nodes.map(({ peers }) => peers.size)).toEqual([2, 2, 2]);
  const before = FakeConnection.all.length;
  // The tracker claims that there are more.
  tracker.held = [];
  for (const { swarm } of nodes) swarm.wake();
  await settle();
  clock.leap(600_000);
  await settle();
  expect(FakeConnection.all.length).toBe(before);
  nodes[0]?.swarm.setConditions({ online: true, visible: true });
  await settle();
  clock.leap(1_000);
  await settle();
  expect(FakeConnection.all.length).toBeGreaterThan(before);
});
