/** Who keeps a place, on real wires that are piped into each other. */
import Wire from 'bittorrent-protocol';
import { expect, test } from 'vitest';
import type { Infohash } from '../core/id.ts';
import { PeerBook } from './peer-book.ts';
import { PeerTable } from './peer-table.ts';
import { ManualScheduler } from './scheduler.ts';
import { offerTtx } from './ttx-extension.ts';

const INFOHASH = 'aa'.repeat(20) as Infohash;
const OWN = 'ff'.repeat(20);
const idOf = (n: number) => n.toString(16).padStart(40, '0');

function open() {
  const scheduler = new ManualScheduler();
  const peers: string[] = [];
  const table = new PeerTable({
    peerId: OWN,
    book: new PeerBook(),
    scheduler,
    events: { peer: ({ id }) => peers.push(id), message: () => {}, gone: () => {}, changed: () => {} },
    roleOf: () => 'genesis',
    onCount: () => {},
    onMetadataSize: () => {},
  });
  const connect = async (n: number, speaksTtx: boolean) => {
    const [ours, theirs] = [new Wire('webrtc'), new Wire('webrtc')];
    ours.pipe(theirs).pipe(ours);
    if (speaksTtx) offerTtx(theirs, scheduler, { ready: () => {}, message: () => {}, violation: () => {} });
    ours.once('handshake', () => table.open(ours, { infohash: INFOHASH, peerId: idOf(n), offerId: idOf(n), initiator: false }));
    ours.handshake(INFOHASH, OWN, { fast: true });
    theirs.handshake(INFOHASH, idOf(n), { fast: true });
    for (let i = 0; i < 4; i++) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return { table, scheduler, peers, connect, connected: () => table.connectionsOf(INFOHASH).map(({ peerId }) => peerId) };
}

test('quiet strangers in the genesis swarm keep their places while there are enough, and no nodes lose theirs to them', async () => {
  const { connect, scheduler, connected, peers } = open();
  for (let n = 1; n <= 20; n++) await connect(n, false);
  scheduler.advance(120_000);
  expect(connected()).toHaveLength(20);
  for (let n = 21; n <= 56; n++) await connect(n, n > 50);
  expect(connected()).toHaveLength(56);
  await connect(57, true);
  expect(connected()).toHaveLength(56);
  scheduler.advance(30_000);
  expect(connected()).toHaveLength(28);
  expect(connected()).toEqual(expect.arrayContaining(peers));
  await connect(58, true);
  expect(peers).toContain(idOf(58));
});
