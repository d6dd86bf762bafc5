import { expect, test } from 'vitest';
import type { Message, ReceivedMessage } from '../core/message.ts';
import { infohash as infohashOf } from '../core/torrent.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { LoopbackHub } from './loopback.ts';
import type { LoopbackSwarm } from './loopback-swarm.ts';
import type { Peer, SeededFile, TorrentRole } from './swarm.ts';

function file(text: string, role: TorrentRole): SeededFile {
  const bytes = new TextEncoder().encode(text);
  return { infohash: infohashOf(bytes), bytes, role };
}

const genesis = file('{"genesis":1}', 'genesis');
const payment = file('{"payment":1}', 'payment');
const get: Message = { t: 'get', txids: [] };

function network(latencyMs = 50) {
  const clock = new VirtualClock(0);
  const hub = new LoopbackHub({ clock, latencyMs: () => latencyMs });
  const open = async (...seeds: SeededFile[]) => {
    const swarm = hub.createSwarm();
    const peers = new Map<string, Peer>();
    const messages: ReceivedMessage[] = [];
    for (const seed of seeds) swarm.seed(seed);
    await swarm.start({
      peer: (peer) => void peers.set(peer.id, peer),
      message: (_, message) => void messages.push(message),
      gone: (peer) => void peers.delete(peer.id),
      changed: () => {},
    });
    return { swarm, peers, messages };
  };
  return { clock, hub, open };
}

const peerOf = (node: { peers: Map<string, Peer> }, swarm: LoopbackSwarm): Peer => {
  const peer = node.peers.get(swarm.id);
  if (peer === undefined) throw new Error('not connected');
  return peer;
};

test('seeders of a genesis meet once, and messages pass after the latency', async () => {
  const { clock, open } = network(50);
  const [a, b] = [await open(genesis), await open(genesis)];
  expect(a.peers.size).toBe(0);
  clock.leap(50);
  expect([a.peers.size, b.peers.size]).toEqual([1, 1]);
  peerOf(a, b.swarm).send(get);
  clock.leap(49);
  expect(b.messages).toEqual([]);
  clock.leap(1);
  expect(b.messages).toEqual([get]);
});

test('seeders of other torrents do not meet', async () => {
  const { clock, open } = network();
  const [a, b] = [await open(genesis, payment), await open(payment)];
  clock.leap(1_000);
  expect([a.peers.size, b.peers.size]).toEqual([0, 0]);
});

test('a fetch is served by whoever seeds the file, now or later', async () => {
  const { clock, open } = network();
  const [a, b] = [await open(), await open()];
  const fetched = a.swarm.fetch(payment.infohash, { signal: new AbortController().signal });
  clock.leap(1_000);
  b.swarm.seed(payment);
  clock.leap(1_000);
  expect(await fetched).toEqual(payment.bytes);
  expect(b.swarm.status().torrents).toMatchObject([{ infohash: payment.infohash, holders: [] }]);
});

test('a fetch ends with the signal', async () => {
  const { open } = network();
  const a = await open();
  const controller = new AbortController();
  const fetched = a.swarm.fetch(payment.infohash, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(fetched).rejects.toThrowError('enough');
});

test('cut nodes part, and meet again when mended', async () => {
  const { clock, hub, open } = network();
  const [a, b] = [await open(genesis), await open(genesis)];
  clock.leap(100);
  hub.cut(a.swarm, b.swarm);
  clock.leap(100);
  expect([a.peers.size, b.peers.size]).toEqual([0, 0]);
  hub.mend(a.swarm, b.swarm);
  clock.leap(100);
  expect([a.peers.size, b.peers.size]).toEqual([1, 1]);
});

test('a killed node is gone for the others after the latency, and what it sent is lost', async () => {
  const { clock, hub, open } = network();
  const [a, b] = [await open(genesis), await open(genesis)];
  clock.leap(100);
  peerOf(a, b.swarm).send(get);
  hub.kill(a.swarm);
  clock.leap(100);
  expect(b.peers.size).toBe(0);
  expect(b.messages).toEqual([]);
});

test('a peer without score is dropped and does not come back before its bar ends', async () => {
  const { clock, open } = network();
  const [a, b] = [await open(genesis), await open(genesis)];
  clock.leap(100);
  peerOf(a, b.swarm).penalize(100, 'test');
  clock.leap(1_000);
  expect([a.peers.size, b.peers.size]).toEqual([0, 0]);
});

test('drained waits until what was sent has arrived', async () => {
  const { clock, open } = network();
  const [a, b] = [await open(genesis), await open(genesis)];
  clock.leap(100);
  const peer = peerOf(a, b.swarm);
  const files = Array.from({ length: 12 }, () => new Uint8Array(16_384));
  for (let i = 0; i < 3; i++) peer.send({ t: 'tx', files, missing: [] });
  let drained = false;
  const waiting = peer.drained().then(() => {
    drained = true;
  });
  await Promise.resolve();
  expect(drained).toBe(false);
  clock.leap(50);
  await waiting;
  expect(b.messages).toHaveLength(3);
});

test('a node looks for no more peers than it wants', async () => {
  const clock = new VirtualClock(0);
  const hub = new LoopbackHub({ clock, wantedPeers: 3 });
  const swarms = Array.from({ length: 10 }, () => hub.createSwarm());
  for (const swarm of swarms) {
    swarm.seed(genesis);
    await swarm.start({ peer: () => {}, message: () => {}, gone: () => {}, changed: () => {} });
  }
  clock.leap(100);
  expect(swarms.at(-1)?.peerCount).toBe(3);
});
