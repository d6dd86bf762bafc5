import { describe, expect, test } from 'vitest';
import type { Infohash } from '../../core/id.ts';
import type { Intro } from '../../core/message.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import type { SeededFile } from '../../net/swarm.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { ScriptedPeer } from '../testkit/scripted-peer.ts';
import { Introductions } from './introductions.ts';

const idOf = (name: string) => Buffer.from(name.padEnd(20, '.')).toString('hex');
let offers = 0;
const offer = (maker: ScriptedPeer, changes: Partial<Intro> = {}): Intro => ({
  t: 'intro',
  kind: 'offer',
  id: (++offers).toString(16).padStart(40, '0'),
  from: maker.id,
  known: [],
  signal: Uint8Array.of(1),
  ...changes,
});

function open(...names: readonly string[]) {
  const clock = new VirtualClock();
  const introduced: [string, Intro][] = [];
  const topic = new Introductions({ swarm: { introduced: (peer, intro) => introduced.push([peer.id, intro]) }, clock });
  const peers = names.map((name) => new ScriptedPeer(idOf(name)));
  for (const peer of peers) topic.joined(peer);
  const heard = (peer: ScriptedPeer | undefined) => peer?.heard.filter((message): message is Intro => message.t === 'intro') ?? [];
  const [a, b, c] = peers;
  if (a === undefined || b === undefined) throw new Error('two at least');
  return { clock, topic, peers, a, b, c: c ?? b, heard, introduced };
}

test('passes an offer on to one other peer, and his answer back', () => {
  const { topic, a, b, c, heard } = open('a', 'b', 'c');
  const made = offer(a);
  topic.receive(a, made);
  expect([heard(a), heard(b), heard(c)]).toEqual([[], [{ ...made, to: b.id }], []]);
  topic.receive(b, { ...made, kind: 'answer', from: b.id, to: a.id });
  expect(heard(a)).toEqual([{ ...made, kind: 'answer', from: b.id, to: a.id }]);
});

test('keeps to itself what is about an attached file: that is between two peers', () => {
  const { topic, a, b, heard, introduced } = open('a', 'b');
  const made = offer(a, { to: b.id, torrent: 'c'.repeat(40) as Infohash });
  topic.receive(a, made);
  expect(heard(b)).toEqual([]);
  expect(introduced).toEqual([[a.id, made]]);
});

test('passes on to whom it is for, to nobody who is known already, and to each in turn', async () => {
  const { topic, a, b, c, heard, clock } = open('a', 'b', 'c');
  topic.receive(a, offer(a, { to: c.id }));
  topic.receive(a, offer(a, { known: [b.id] }));
  expect([heard(b).length, heard(c).length]).toEqual([0, 2]);
  await clock.advance(30_000);
  topic.receive(a, offer(a));
  topic.receive(a, offer(a));
  expect([heard(b).length, heard(c).length]).toEqual([1, 3]);
  await clock.advance(30_000);
  topic.receive(a, offer(a, { known: [b.id, c.id] }));
  topic.receive(a, offer(a, { to: idOf('nobody') }));
  expect([heard(b).length, heard(c).length, a.penalties]).toEqual([1, 3, 0]);
});

test('what was passed on to us goes to the swarm, and no further', () => {
  const { topic, a, b, c, heard, introduced } = open('a', 'b', 'c');
  const passedOn = offer(a, { to: idOf('us') });
  topic.receive(b, passedOn);
  topic.receive(b, { ...passedOn, kind: 'answer' });
  expect([heard(a), heard(c), introduced.map(([from, { kind }]) => [from, kind])]).toEqual([
    [],
    [],
    [
      [b.id, 'offer'],
      [b.id, 'answer'],
    ],
  ]);
});

describe('is not passed on:', () => {
  test.each([
    ['an answer to nothing', (_: Intro, a: ScriptedPeer, b: ScriptedPeer) => ({ ...offer(b), kind: 'answer' as const, to: a.id })],
    [
      'an answer to somebody else',
      (made: Intro, _: ScriptedPeer, b: ScriptedPeer) => ({ ...made, kind: 'answer' as const, from: b.id, to: b.id }),
    ],
  ])('%s', (_, answer) => {
    const { topic, a, b, heard } = open('a', 'b');
    const made = offer(a);
    topic.receive(a, made);
    topic.receive(b, answer(made, a, b));
    expect(heard(a)).toEqual([]);
  });

  test('an answer by somebody who was not asked, a second one, and one that comes too late', async () => {
    const { topic, a, b, c, heard, clock } = open('a', 'b', 'c');
    const made = offer(a);
    topic.receive(a, made);
    topic.receive(c, { ...made, kind: 'answer', from: c.id, to: a.id });
    expect(heard(a)).toEqual([]);
    const answer: Intro = { ...made, kind: 'answer', from: b.id, to: a.id };
    topic.receive(b, answer);
    topic.receive(b, answer);
    expect(heard(a)).toHaveLength(1);
    const later = offer(a);
    topic.receive(a, later);
    await clock.advance(30_000);
    topic.receive(c, { ...later, kind: 'answer', from: c.id, to: a.id });
    expect(heard(a)).toHaveLength(1);
  });

  test('an answer to a peer that has left', () => {
    const { topic, a, b, heard } = open('a', 'b');
    const made = offer(a);
    topic.receive(a, made);
    topic.left(a);
    topic.receive(b, { ...made, kind: 'answer', from: b.id, to: a.id });
    expect(heard(a)).toEqual([]);
  });
});

test('who asks without end gets two offers through in half a minute, and pays for the rest', async () => {
  const { topic, a, b, c, heard, clock } = open('a', 'b', 'c');
  for (let i = 0; i < 100; i++) topic.receive(a, offer(a));
  expect([heard(b).length + heard(c).length, a.penalties]).toEqual([2, 196]);
  await clock.advance(30_000);
  topic.receive(a, offer(a));
  expect(heard(b).length + heard(c).length).toBe(3);
});

test('many who ask bother each peer twice in half a minute, and 64 offers are remembered at most', () => {
  const names = Array.from({ length: 60 }, (_, i) => `peer ${i}`);
  const { topic, peers, heard } = open(...names);
  const taker = peers[0];
  for (const peer of peers.slice(1)) topic.receive(peer, offer(peer, { to: taker?.id }));
  expect(heard(taker)).toHaveLength(2);
  for (const peer of peers) for (let i = 0; i < 2; i++) topic.receive(peer, offer(peer));
  expect(peers.reduce((sum, peer) => sum + heard(peer).length, 0)).toBe(64);
});

test('a network that has met once lives on without trackers: nodes find each other through those they know', async () => {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 50, wantedPeers: 4, trackers: false });
  const seed: SeededFile = { infohash: 'aa'.repeat(20) as Infohash, bytes: new Uint8Array(1), role: 'genesis' };
  const swarms = [];
  for (let i = 0; i < 10; i++) {
    const swarm = hub.createSwarm();
    const topic = new Introductions({ swarm, clock });
    swarm.seed(seed);
    await swarm.start({
      peer: (peer) => topic.joined(peer),
      gone: (peer) => topic.left(peer),
      message: (peer, message) => message.t !== 'newer-hello' && topic.receive(peer, message),
      changed: () => {},
    });
    const first = swarms[0];
    if (first !== undefined) hub.connect(swarm, first);
    swarms.push(swarm);
  }
  await clock.advance(600_000);
  expect(Math.min(...swarms.map(({ peerCount }) => peerCount))).toBeGreaterThanOrEqual(4);
  // Whoever knew everybody is gone; the others know each other now.
  await swarms[0]?.stop();
  await clock.advance(600_000);
  expect(Math.min(...swarms.slice(1).map(({ peerCount }) => peerCount))).toBeGreaterThanOrEqual(4);
});

test('who passes on without end pays for it, and is listened to again later', async () => {
  const { topic, a, introduced, clock } = open('a', 'b');
  for (let n = 0; n < 20; n++) topic.receive(a, offer(a, { from: idOf('nobody') }));
  expect([introduced.length, a.penalties]).toEqual([8, 24]);
  await clock.advance(30_000);
  topic.receive(a, offer(a, { from: idOf('nobody') }));
  expect([introduced.length, a.penalties]).toEqual([9, 24]);
});
