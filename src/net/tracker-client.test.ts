import { describe, expect, test } from 'vitest';
import type { Infohash } from '../core/id.ts';
import { writeDescription } from '../core/session-description.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import type { Description } from './description.ts';
import { type Introduction, Signaling, type SignalingConnection } from './signaling.ts';
import { TrackerClient } from './tracker-client.ts';
import type { WebSocketLike } from './tracker-socket.ts';

const TORRENT = 'ab'.repeat(20) as Infohash;
const SELF = '01'.repeat(20);
const STRANGER = '02'.repeat(20);
const OFFER_ID = '0f'.repeat(20);
const URL = 'wss://tracker.example';
const sdpOf = (setup: 'actpass' | 'active') =>
  writeDescription({ ufrag: 'name', pwd: 'p'.repeat(24), fingerprint: 'ab'.repeat(32), setup, candidates: [] });
const OFFER = { type: 'offer', sdp: sdpOf('actpass') };
const ANSWER = { type: 'answer', sdp: sdpOf('active') };
const binary = (hex: string) => String.fromCharCode(...(hex.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16)));

class FakeConnection implements SignalingConnection {
  readonly initiator: boolean;
  readonly signaled: Description[] = [];
  destroyed = false;
  readonly #listeners = new Map<string, ((description: Description) => void)[]>();
  constructor(initiator: boolean) {
    this.initiator = initiator;
  }
  signal(description: Description): void {
    this.signaled.push(description);
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
  on(event: string, listener: (description: Description) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }
  emit(event: string, description: Description = { type: 'none', sdp: '' }): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(description);
  }
}

class FakeWebSocket implements WebSocketLike {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  sent: Record<string, unknown>[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {}
  tell(message: object): void {
    this.onmessage?.({ data: JSON.stringify({ action: 'announce', info_hash: binary(TORRENT), ...message }) });
  }
}

function open(demanded = { offers: 2, connections: 0 }, welcome = true) {
  const clock = new VirtualClock(0);
  const sockets: FakeWebSocket[] = [];
  const connections: FakeConnection[] = [];
  const introductions: Introduction<FakeConnection>[] = [];
  const demand = { ...demanded, longestWaitMs: 15_000, leftBytes: 1 };
  let counter = 0;
  const signaling = new Signaling<FakeConnection>({
    createConnection: (initiator) => {
      const connection = new FakeConnection(initiator);
      connections.push(connection);
      return connection;
    },
    clock,
    randomBytes: (count) => new Uint8Array(count).fill(++counter),
    hasRoom: () => true,
    welcomes: () => welcome,
    onIntroduction: (introduction) => introductions.push(introduction),
  });
  const client = new TrackerClient({
    peerId: SELF,
    signaling,
    connect: () => {
      const socket = new FakeWebSocket();
      sockets.push(socket);
      return socket;
    },
    clock,
    random: () => 0.5,
    demand: () => demand,
    isUrgent: () => true,
    onStatus: () => {},
  });
  client.setTrackers([URL]);
  client.add(TORRENT);
  const [socket] = sockets;
  if (socket === undefined) throw new Error('no socket');
  const describeOffers = () => {
    for (const connection of connections) if (connection.initiator) connection.emit('signal', OFFER);
  };
  return { clock, client, signaling, socket, sockets, connections, introductions, demand, describeOffers };
}

test('says that it started at once, and sends its offers when they are described', () => {
  const { socket, describeOffers } = open();
  socket.onopen?.();
  expect(socket.sent).toMatchObject([{ event: 'started', offers: [], info_hash: binary(TORRENT), peer_id: binary(SELF), left: 1 }]);
  describeOffers();
  expect(socket.sent).toHaveLength(2);
  expect(socket.sent[1]).toMatchObject({ numwant: 2, offers: [{ offer: OFFER }, {}] });
});

test('makes no offers to a tracker that was silent before, until it speaks', () => {
  const { socket, sockets, connections, clock } = open();
  socket.onclose?.();
  for (let minute = 0; minute < 10; minute++) {
    for (let second = 0; second < 60; second++) {
      clock.leap(1_000);
      sockets.at(-1)?.onopen?.();
    }
  }
  expect(connections).toEqual([]);
  sockets.at(-1)?.tell({ interval: 120, complete: 3, incomplete: 0 });
  clock.leap(500);
  expect(connections).toHaveLength(2);
});

test('makes no offers for a torrent that is only seeded', () => {
  const { socket, connections, clock } = open({ offers: 0, connections: 0 });
  socket.onopen?.();
  for (let minute = 0; minute < 10; minute++) {
    socket.tell({ interval: 120, complete: 5, incomplete: 5 });
    clock.leap(60_000);
  }
  expect(connections).toEqual([]);
  expect(socket.sent.length).toBeGreaterThan(3);
});

test('withdraws its offers when nobody is there to take them, and offers again when somebody is', () => {
  const { socket, connections, clock, describeOffers } = open();
  socket.onopen?.();
  describeOffers();
  socket.tell({ interval: 120, complete: 0, incomplete: 1 });
  expect(connections.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  clock.leap(10_000);
  expect(connections).toHaveLength(2);
  socket.tell({ interval: 120, complete: 1, incomplete: 1 });
  clock.leap(500);
  expect(connections).toHaveLength(3);
});

test('withdraws an offer that nobody answers', () => {
  const { socket, connections, clock, signaling, demand } = open();
  socket.onopen?.();
  demand.offers = 0;
  socket.tell({ interval: 120, complete: 5, incomplete: 5 });
  expect(signaling.pending).toBe(2);
  clock.leap(30_000);
  expect([connections.every(({ destroyed }) => destroyed), signaling.pending]).toEqual([true, 0]);
});

describe('an offer from a stranger', () => {
  const offer = { peer_id: binary(STRANGER), offer_id: binary(OFFER_ID), offer: { ...OFFER, transceiverRequest: {} } };

  test('is answered, with nothing of it passed on but its description', () => {
    const { socket, introductions } = open({ offers: 0, connections: 0 });
    socket.onopen?.();
    socket.tell(offer);
    expect(introductions).toMatchObject([{ infohash: TORRENT, peerId: STRANGER, initiator: false }]);
    const connection = introductions[0]?.connection;
    expect(connection?.signaled).toEqual([OFFER]);
    connection?.emit('signal', ANSWER);
    expect(socket.sent.at(-1)).toMatchObject({
      to_peer_id: binary(STRANGER),
      offer_id: binary(OFFER_ID),
      answer: ANSWER,
    });
  });

  test.each([
    ['our own', { ...offer, peer_id: binary(SELF) }],
    ['a malformed', { ...offer, offer: 'v=0' }],
    ['a wrongly typed', { ...offer, offer: { ...OFFER, type: 'answer' } }],
    ['an overlong', { ...offer, offer: { ...OFFER, sdp: OFFER.sdp + 'a=x\r\n'.repeat(4_000) } }],
    ['one that is no description', { ...offer, offer: { ...OFFER, sdp: 'v=0' } }],
    ['one with a short peer id', { ...offer, peer_id: 'x' }],
    ['one with a peer id that is not made of bytes', { ...offer, peer_id: '\u0400'.repeat(20) }],
    ['one for another torrent', { ...offer, info_hash: binary('cd'.repeat(20)) }],
    ['one of another action', { ...offer, action: 'scrape' }],
  ])('is ignored if it is %s', (_, message) => {
    const { socket, connections } = open({ offers: 0, connections: 0 });
    socket.onopen?.();
    socket.tell(message);
    expect(connections).toEqual([]);
  });

  test('is ignored if the peer is not welcome', () => {
    const { socket, connections } = open({ offers: 0, connections: 0 }, false);
    socket.onopen?.();
    socket.tell(offer);
    expect(connections).toEqual([]);
  });

  test('is ignored while too many come and go, whichever tracker passes them on', () => {
    const { socket, sockets, connections, client, signaling, clock } = open({ offers: 0, connections: 0 });
    client.setTrackers([URL, 'wss://other.example']);
    socket.onopen?.();
    sockets[1]?.onopen?.();
    const flood = () => {
      for (let i = 0; i < 200; i++) {
        sockets[i % 2]?.tell(offer);
        connections.at(-1)?.destroy();
      }
    };
    flood();
    expect([connections.length, signaling.pending]).toEqual([12, 0]);
    for (let second = 0; second < 10; second++) {
      clock.leap(1_000);
      flood();
    }
    expect(connections.length).toBe(32);
  });

  test('is ignored while too many connections are being set up', () => {
    const { socket, connections, signaling, clock } = open({ offers: 0, connections: 0 });
    socket.onopen?.();
    for (let i = 0; i < 100; i++) socket.tell(offer);
    expect([connections.length, signaling.pending]).toEqual([12, 12]);
    const [first, second] = connections;
    if (first !== undefined) signaling.settled(first);
    second?.destroy();
    clock.leap(10_000);
    for (let i = 0; i < 100; i++) socket.tell(offer);
    expect([connections.length, signaling.pending]).toEqual([14, 12]);
  });
});

test('an answer goes to the connection that made the offer, once', () => {
  const { socket, connections, introductions, describeOffers } = open();
  socket.onopen?.();
  describeOffers();
  const id = (socket.sent[1] as { offers: { offer_id: string }[] }).offers[0]?.offer_id;
  const answer = { peer_id: binary(STRANGER), offer_id: id, answer: ANSWER };
  socket.tell(answer);
  socket.tell(answer);
  expect(introductions).toHaveLength(1);
  expect(introductions[0]).toMatchObject({ peerId: STRANGER, initiator: true });
  expect(connections[0]?.signaled).toEqual([ANSWER]);
});

test('announces everything again when a lost socket is back', () => {
  const { socket, sockets, clock } = open({ offers: 0, connections: 0 });
  socket.onopen?.();
  socket.onclose?.();
  clock.leap(1_000);
  sockets[1]?.onopen?.();
  expect(sockets[1]?.sent).toMatchObject([{ event: 'started' }]);
});

test('changes trackers while running, and leaves a swarm politely', () => {
  const { socket, sockets, client } = open({ offers: 0, connections: 0 });
  socket.onopen?.();
  client.setTrackers(['wss://other.example', 'https://not-a-websocket.example']);
  expect(client.status()).toEqual([{ url: 'wss://other.example', status: 'connecting' }]);
  sockets[1]?.onopen?.();
  client.remove(TORRENT);
  expect(sockets[1]?.sent.map(({ event }) => event)).toEqual(['started', 'stopped']);
});

test('asks the extra trackers of a torrent as long as it is there', () => {
  const { client, sockets } = open({ offers: 0, connections: 0 });
  client.add(TORRENT, ['wss://extra.example']);
  sockets[1]?.onopen?.();
  expect(sockets[1]?.sent).toMatchObject([{ event: 'started' }]);
  client.remove(TORRENT);
  expect(client.status().map(({ url }) => url)).toEqual([URL]);
});

test('spreads the announces of a thousand torrents', () => {
  const { client, socket, clock } = open({ offers: 0, connections: 0 });
  for (let i = 0; i < 1_000; i++) client.add(i.toString(16).padStart(40, '0') as Infohash);
  socket.onopen?.();
  expect(socket.sent.length).toBe(100);
  clock.leap(5_000);
  expect(socket.sent.length).toBe(1_001);
});

describe('when the device', () => {
  test('goes offline, open sockets are asked something that they must answer soon', () => {
    const { client, socket, clock } = open();
    socket.onopen?.();
    socket.tell({ interval: 120, complete: 1, incomplete: 0 });
    const before = socket.sent.length;
    client.setOnline(false);
    expect(socket.sent.length).toBe(before + 1);
    clock.leap(5_000);
    expect(client.status()).toEqual([{ url: URL, status: 'offline' }]);
  });

  test('is online again, all is announced at once', () => {
    const { client, sockets, socket, clock } = open();
    client.setOnline(false);
    socket.onclose?.();
    clock.leap(30_000);
    expect(sockets).toHaveLength(1);
    client.setOnline(true);
    expect(sockets).toHaveLength(2);
    sockets[1]?.onopen?.();
    expect(sockets[1]?.sent).toMatchObject([{ event: 'started', info_hash: binary(TORRENT) }]);
  });

  test('wakes up, sockets that look open are opened anew and all is announced', () => {
    const { client, sockets, socket } = open();
    socket.onopen?.();
    client.wake();
    expect(sockets).toHaveLength(2);
    sockets[1]?.onopen?.();
    expect(sockets[1]?.sent).toMatchObject([{ event: 'started', info_hash: binary(TORRENT) }]);
  });
});
