/** Who keeps a place, on real wires that are piped into each other. */
import Wire from 'bittorrent-protocol';
import { expect, test } from 'vitest';
import { type Infohash, txidFromBytes } from '../core/id.ts';
import { createIdentity } from '../core/identity.ts';
import type { ReceivedMessage } from '../core/message.ts';
import { encodeMessage } from '../core/message-codec.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { UNASKED_MESSAGES } from './intake.ts';
import { PeerBook } from './peer-book.ts';
import { PeerTable } from './peer-table.ts';
import type { Peer } from './swarm.ts';
import { offerTtx } from './ttx-extension.ts';

const INFOHASH = 'aa'.repeat(20) as Infohash;
const OTHER_INFOHASH = 'bb'.repeat(20) as Infohash;
const own = createIdentity(new Uint8Array(32).fill(255));
const identityOf = (n: number) => createIdentity(new Uint8Array(32).fill(n));
const plainId = (n: number) => n.toString(16).padStart(40, '0');
const NO_FINGERPRINTS = { own: undefined, remote: undefined };

function open(role: 'genesis' | 'payment' = 'genesis') {
  const clock = new VirtualClock(0);
  const peers: Peer[] = [];
  const gone: string[] = [];
  const heard: ReceivedMessage[] = [];
  const book = new PeerBook();
  const table = new PeerTable({
    identity: own,
    book,
    clock,
    random: () => 0,
    events: {
      peer: (peer) => peers.push(peer),
      message: (_, message) => heard.push(message),
      gone: ({ id }) => gone.push(id),
      changed: () => {},
    },
    metadataBytes: () => undefined,
    roleOf: () => role,
    onCount: () => {},
    onMetadataSize: () => {},
    wantedPeers: () => 8,
  });
  /** Somebody connects under `peerId`, and shows `proof`, if he speaks `ttx`. */
  const connect = async (
    peerId: string,
    proof?: Uint8Array,
    { infohash = INFOHASH, initiator = false, source = 'wss://tracker.example' } = {},
  ) => {
    const [ours, theirs] = [new Wire('webrtc'), new Wire('webrtc')];
    ours.pipe(theirs).pipe(ours);
    const handlers = { ready: () => {}, impostor: () => {}, said: () => {} };
    if (proof !== undefined) offerTtx(theirs, { own: proof, check: () => true }, handlers);
    const offerId = plainId(Math.floor(clock.nowMs()));
    const origin = { infohash, peerId, offerId, initiator, source, fingerprints: NO_FINGERPRINTS };
    ours.once('handshake', () => table.open(ours, origin));
    ours.handshake(infohash, own.peerId, { fast: true });
    theirs.handshake(infohash, peerId, { fast: true });
    for (let i = 0; i < 4; i++) await new Promise<void>((resolve) => setImmediate(resolve));
    return theirs;
  };
  const prove = (n: number, infohash = INFOHASH) => {
    const ends = { infohash, to: own.peerId, fromFingerprint: undefined, toFingerprint: undefined };
    return identityOf(n).prove({ ...ends, from: identityOf(n).peerId });
  };
  const connectNode = (n: number, how?: { infohash?: Infohash; initiator?: boolean; source?: string }) =>
    connect(identityOf(n).peerId, prove(n, how?.infohash), how);
  const welcomes = (peerId: string) => table.welcomes({ infohash: INFOHASH, peerId, isIncoming: true });
  const connected = () => table.connectionsOf(INFOHASH).map(({ peerId }) => peerId);
  return { table, book, clock, peers, gone, heard, connect, connectNode, prove, welcomes, connected };
}

test('quiet strangers in the genesis swarm keep their places while there are enough, and no nodes lose theirs to them', async () => {
  const { connect, connectNode, clock, connected, peers, table } = open();
  for (let n = 1; n <= 20; n++) await connect(plainId(n));
  clock.leap(120_000);
  expect(connected()).toHaveLength(20);
  for (let n = 21; n <= 30; n++) await connect(plainId(n));
  for (let n = 1; n <= 4; n++) await connectNode(n);
  expect([connected().length, table.hasRoom(INFOHASH, 31), table.hasRoom(INFOHASH, 32)]).toEqual([34, true, false]);
  clock.leap(30_000);
  expect(connected()).toHaveLength(20);
  expect(connected()).toEqual(expect.arrayContaining(peers.map(({ id }) => id)));
});

test('a peer under the id of another costs that one neither its name nor its place', async () => {
  const { connect, connectNode, prove, welcomes, connected, peers, book, clock } = open();
  const { peerId } = identityOf(1);
  await connect(peerId, prove(2));
  expect([connected(), peers]).toEqual([[], []]);
  // Silent, so that it might prove who it is any moment.
  await connect(peerId);
  await connect(peerId);
  expect([connected().length, welcomes(peerId)]).toEqual([2, true]);
  const third = await connect(peerId);
  // Garbage under a borrowed name bars nobody.
  third.push(new Uint8Array([255, 255, 255, 255]));
  for (let i = 0; i < 4; i++) await new Promise<void>((resolve) => setImmediate(resolve));
  expect([connected().length, book.isBarred(peerId, 0), welcomes(peerId)]).toEqual([2, false, true]);
  await connectNode(1);
  expect(peers.map(({ id }) => id)).toEqual([peerId]);
  clock.leap(15_000);
  expect(connected()).toEqual([peerId]);
  expect(welcomes(peerId)).toBe(false);
});

test('a node may say no more for being in several swarms', async () => {
  const { connectNode, peers, heard } = open();
  const [here, there] = [await connectNode(1), await connectNode(1, { infohash: OTHER_INFOHASH })];
  const say = async (wire: Wire, times: number) => {
    for (let n = 0; n < times; n++) wire.extended('ttx', encodeMessage({ t: 'inv', held: [] }));
    for (let i = 0; i < 4; i++) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  await say(here, UNASKED_MESSAGES.burst - 10);
  await say(there, 12);
  expect([peers.length, heard.length]).toEqual([1, UNASKED_MESSAGES.burst]);
  peers[0]?.send({ t: 'get', txids: [txidFromBytes(new Uint8Array(32))] });
  await say(there, 2);
  expect(heard.length).toBe(UNASKED_MESSAGES.burst + 1);
});

test('a node that misbehaves is barred, and so is a plain client', async () => {
  const { connectNode, connect, welcomes, peers, gone } = open();
  await connectNode(1);
  peers[0]?.penalize(100, 'test');
  const plain = await connect(plainId(7));
  plain.push(new Uint8Array([255, 255, 255, 255]));
  for (let i = 0; i < 4; i++) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(gone).toEqual([identityOf(1).peerId]);
  expect([welcomes(identityOf(1).peerId), welcomes(plainId(7)), welcomes(plainId(8))]).toEqual([false, false, true]);
});

test('there are never more than 12 ttx peers, of whom 8 came to us, and strangers do not push out those of long use', async () => {
  const { connectNode, peers, gone, clock, welcomes, table } = open();
  for (let n = 1; n <= 20; n++) await connectNode(n);
  expect([peers.length, gone]).toEqual([8, []]);
  for (let n = 21; n <= 30; n++) await connectNode(n, { initiator: true });
  expect([peers.length, gone, welcomes(identityOf(40).peerId)]).toEqual([12, [], false]);
  expect(table.hasPlace).toBe(false);
  const useful = peers.slice(0, 4);
  for (let minute = 0; minute < 9; minute++) {
    for (const peer of useful) peer.commend();
    clock.leap(60_000);
  }
  for (let n = 31; n <= 60; n++) {
    clock.leap(90_000);
    await connectNode(n);
    expect(table.peers.length).toBeLessThanOrEqual(12);
  }
  const left = table.peers.map(({ id }) => id);
  expect(left).toEqual(expect.arrayContaining(useful.map(({ id }) => id)));
  expect(table.peers.filter(({ isIncoming }) => isIncoming).length).toBeLessThanOrEqual(8);
  // Those that we found ourselves are not for strangers to replace; time replaces one in ten minutes.
  expect(gone.length).toBeGreaterThan(3);
});

test('of more peers than are wanted one is let go every ten minutes, and not taken back at once', async () => {
  const { connectNode, gone, clock, welcomes, table } = open();
  for (let n = 1; n <= 9; n++) await connectNode(n, { initiator: true });
  clock.leap(590_000);
  expect(gone).toEqual([]);
  clock.leap(15_000);
  expect([gone.length, table.peers.length]).toEqual([1, 8]);
  expect(table.hasPlace).toBe(true);
  expect(welcomes(gone[0] ?? '')).toBe(false);
  clock.leap(3_600_000);
  expect([gone.length, welcomes(gone[0] ?? '')]).toEqual([1, true]);
});

test('without a place for it, a node is served in the swarm of a payment as a plain client is', async () => {
  const { connectNode, connected, peers, clock } = open('payment');
  for (let n = 1; n <= 20; n++) await connectNode(n, { initiator: true });
  expect([peers.length, connected().length]).toEqual([12, 20]);
  clock.leap(10_000);
  expect(connected().length).toBe(20);
});
