/**
 * The swarm in Node: real wires, real tracker client and real extension, over made-up WebRTC connections, a made-up tracker and
 * WebTorrent's torrents reduced to what the swarm touches. What WebTorrent itself does is tested in browsers.
 */
import { EventEmitter } from 'node:events';
import Wire from 'bittorrent-protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { encode } from '../core/bencode.ts';
import type { Infohash } from '../core/id.ts';
import type { Message } from '../core/message.ts';
import { infoDictionary, infohash as infohashOf } from '../core/torrent.ts';
import type { WebTorrentModules } from './load-webtorrent.ts';
import { ManualScheduler } from './scheduler.ts';
import type { Peer, SeededFile, TorrentRole } from './swarm.ts';
import type { WebSocketLike } from './tracker-socket.ts';
import { WebTorrentSwarm } from './webtorrent.ts';

const inv: Message = { t: 'inv', held: [] };

/** Lets streams and promises run until they rest. */
async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

class FakeConnection extends EventEmitter {
  static readonly all: FakeConnection[] = [];
  id?: string;
  destroyed = false;
  wire: Wire | undefined;
  readonly #number: number;
  #partner: FakeConnection | undefined;
  constructor({ initiator = false }: { initiator?: boolean }) {
    super();
    this.#number = FakeConnection.all.push(this) - 1;
    if (initiator) queueMicrotask(() => this.emit('signal', { type: 'offer', sdp: String(this.#number) }));
  }
  signal({ type, sdp }: { type: string; sdp: string }): void {
    this.#partner = FakeConnection.all[Number(sdp)];
    if (type === 'offer') queueMicrotask(() => this.emit('signal', { type: 'answer', sdp: String(this.#number) }));
    else queueMicrotask(() => this.#open());
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.wire?.destroy();
    queueMicrotask(() => {
      this.emit('close');
      this.#partner?.destroy();
    });
  }
  #open(): void {
    const partner = this.#partner;
    if (partner === undefined || this.destroyed || partner.destroyed) return;
    this.emit('connect');
    partner.emit('connect');
    if (this.wire !== undefined && partner.wire !== undefined) this.wire.pipe(partner.wire).pipe(this.wire);
  }
}

/** WebTorrent's extension for metadata (BEP 9), reduced to saying how long it is. */
class FakeMetadata {
  readonly heard: unknown[] = [];
  onExtendedHandshake(handshake: Readonly<Record<string, unknown>>): void {
    this.heard.push(handshake.metadata_size);
  }
}
Object.assign(FakeMetadata.prototype, { name: 'ut_metadata' });

class FakeTorrent extends EventEmitter {
  readonly wires: Wire[] = [];
  readonly uploaded = 0;
  destroyed = false;
  infoBuffer?: Uint8Array;
  readonly _peers = new Map<string, { conn: FakeConnection; wire: Wire | null }>();
  readonly infoHash: string;
  readonly #ownId: string;
  /** What it says of its metadata's length; undefined while it has none. */
  readonly #metadataSize: number | undefined;
  constructor(infohash: string, ownId: string, metadataSize: number | undefined) {
    super();
    this.infoHash = infohash;
    this.#ownId = ownId;
    this.#metadataSize = metadataSize;
  }
  addPeer(connection: FakeConnection): boolean {
    const peer: { conn: FakeConnection; wire: Wire | null } = { conn: connection, wire: null };
    this._peers.set(connection.id ?? '', peer);
    connection.once('connect', () => {
      const wire = new Wire('webrtc');
      peer.wire = wire;
      connection.wire = wire;
      wire.use(FakeMetadata);
      const { extendedHandshake } = wire as unknown as { extendedHandshake: object };
      if (this.#metadataSize !== undefined) Object.assign(extendedHandshake, { metadata_size: this.#metadataSize });
      wire.once('handshake', () => void this.emit('wire', wire));
      for (const event of ['finish', 'close']) wire.once(event, () => connection.destroy());
      wire.handshake(this.infoHash, this.#ownId, { fast: true });
    });
    return true;
  }
  destroy(): void {
    this.destroyed = true;
    for (const { conn } of this._peers.values()) conn.destroy();
  }
}

/** Knows who announced what, and passes offers and answers on, in the order in which it hears of them. */
class FakeTracker {
  /** Offers that wait until {@link release}, so that both sides have made theirs. */
  held: (() => void)[] | undefined;
  readonly #members = new Map<string, Map<string, FakeSocket>>();
  release(): void {
    for (const pass of this.held ?? []) pass();
    this.held = undefined;
  }
  hear(socket: FakeSocket, message: Record<string, unknown>): void {
    const { info_hash, peer_id, to_peer_id } = message as Record<string, string>;
    const members = this.#members.get(info_hash ?? '') ?? new Map<string, FakeSocket>();
    this.#members.set(info_hash ?? '', members);
    if (message.answer !== undefined) {
      const { answer, offer_id } = message;
      members.get(to_peer_id ?? '')?.tell({ action: 'announce', info_hash, peer_id, offer_id, answer });
      return;
    }
    if (message.event === 'stopped') members.delete(peer_id ?? '');
    else members.set(peer_id ?? '', socket);
    // While offers are held, it counts one more than it knows, so that nobody takes his offers back.
    const complete = members.size + (this.held === undefined ? 0 : 1);
    socket.tell({ action: 'announce', info_hash, interval: 120, complete, incomplete: 0 });
    const pass = () => {
      const others = [...members].filter(([id]) => id !== peer_id).map(([, other]) => other);
      for (const [i, offer] of ((message.offers ?? []) as object[]).entries())
        others[i]?.tell({ action: 'announce', info_hash, peer_id, ...offer });
    };
    if (this.held === undefined) pass();
    else this.held.push(pass);
  }
}

class FakeSocket implements WebSocketLike {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  readonly #tracker: FakeTracker;
  constructor(tracker: FakeTracker) {
    this.#tracker = tracker;
    queueMicrotask(() => this.onopen?.());
  }
  send(text: string): void {
    queueMicrotask(() => this.#tracker.hear(this, JSON.parse(text)));
  }
  tell(message: object): void {
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }
  close(): void {}
}

let scheduler: ManualScheduler;
let tracker: FakeTracker;
beforeEach(() => {
  scheduler = new ManualScheduler();
  tracker = new FakeTracker();
  FakeConnection.all.length = 0;
});

/** A node whose peer id consists of `digit`. @param metadataSize what it says of the metadata of torrents that it has */
async function open(digit: string, metadataSize = 112) {
  const torrents: FakeTorrent[] = [];
  const peers = new Map<string, Peer>();
  const messages: Message[] = [];
  const log: string[] = [];
  class FakeClient extends EventEmitter {
    readonly peerId = digit.repeat(40);
    add(torrent: string | Uint8Array): FakeTorrent {
      const infohash = typeof torrent === 'string' ? torrent : infohashOfMetainfo(torrent);
      const made = new FakeTorrent(infohash, this.peerId, typeof torrent === 'string' ? undefined : metadataSize);
      torrents.push(made);
      return made;
    }
    destroy(callback: () => void): void {
      callback();
    }
  }
  let random = Number.parseInt(digit, 16) * 1_000;
  const swarm = new WebTorrentSwarm({
    load: async () => ({ WebTorrent: FakeClient, SimplePeer: FakeConnection }) as unknown as WebTorrentModules,
    connectTracker: () => new FakeSocket(tracker),
    scheduler,
    random: () => 0.5,
    randomBytes: (count) => Uint8Array.from({ length: count }, () => ++random % 256),
    iceServers: [],
  });
  swarm.setTrackers(['wss://tracker.example']);
  await swarm.start({
    peer: (peer) => {
      peers.set(peer.id, peer);
      log.push(`peer ${peer.id[0]}`);
    },
    message: (_, message) => void messages.push(message),
    gone: (peer) => {
      peers.delete(peer.id);
      log.push(`gone ${peer.id[0]}`);
    },
    changed: () => {},
  });
  await settle();
  return { swarm, torrents, peers, messages, log, id: digit.repeat(40) };
}

const infohashes = new Map<string, Infohash>();
function infohashOfMetainfo(metainfo: Uint8Array): string {
  return infohashes.get(String(metainfo)) ?? 'unknown';
}

function file(text: string, role: TorrentRole): SeededFile {
  const bytes = new TextEncoder().encode(text);
  const info = infoDictionary(bytes);
  const metainfo = Uint8Array.from([...new TextEncoder().encode('d4:info'), ...info, 'e'.charCodeAt(0)]);
  infohashes.set(String(metainfo), infohashOf(bytes));
  return { infohash: infohashOf(bytes), bytes, role };
}

const genesis = file('{"genesis":1}', 'genesis');
const payment = file('{"payment":1}', 'payment');
const connections = (node: Awaited<ReturnType<typeof open>>, { infohash }: SeededFile) =>
  node.swarm.status().torrents.find((torrent) => torrent.infohash === infohash)?.peers;

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
  scheduler.advance(1_000);
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
    scheduler.advance(5_000);
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
  for (let i = 0; i < 10; i++) {
    scheduler.advance(30_000);
    await settle();
  }
  expect([a.log, b.log]).toEqual([
    ['peer b', 'gone b'],
    ['peer a', 'gone a'],
  ]);
  for (let i = 0; i < 30; i++) {
    scheduler.advance(30_000);
    await settle();
  }
  expect(a.log).toEqual(['peer b', 'gone b', 'peer b']);
});

test('seeds of payments make no offers', async () => {
  const [a, b] = [await open('a'), await open('b')];
  a.swarm.seed(payment);
  b.swarm.seed(payment);
  await settle();
  scheduler.advance(300_000);
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
  scheduler.advance(600_000);
  await settle();
  expect(FakeConnection.all.length).toBe(before);
  nodes[0]?.swarm.setConditions({ online: true, visible: true });
  scheduler.advance(1_000);
  expect(FakeConnection.all.length).toBeGreaterThan(before);
});

test('a torrent that is not a transaction ends its fetch', async () => {
  const a = await open('a');
  const fetched = a.swarm.fetch(payment.infohash, { signal: new AbortController().signal });
  await settle();
  const [torrent] = a.torrents;
  if (torrent === undefined) throw new Error('no torrent');
  torrent.infoBuffer = encode({ length: 7, name: 'tx.json', 'piece length': 16_384, pieces: new Uint8Array(20) });
  torrent.emit('metadata');
  await expect(fetched).rejects.toMatchObject({ code: 'schema' });
  expect(torrent.destroyed).toBe(true);
});

describe('a fetch whose peers say that the metadata is too long for a transaction', () => {
  /** Starts to fetch the payment from peers that name these lengths, and lets a moment pass. */
  async function fetchFrom(...sizes: number[]) {
    const seeders = await Promise.all(sizes.map((size, n) => open(String(n + 1), size)));
    for (const { swarm } of seeders) swarm.seed(payment);
    await settle();
    const a = await open('a');
    let verdict: unknown;
    let connected = 0;
    const options = { signal: new AbortController().signal, connected: (peers: number) => (connected = peers) };
    a.swarm.fetch(payment.infohash, options).catch((error: unknown) => {
      verdict = error;
    });
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        await settle();
        scheduler.advance(1_000);
      }
      await settle();
    };
    await pass(5);
    return { a, seeders, pass, verdict: () => verdict, connected: () => connected };
  }

  test('ends when two said so and nobody else came', async () => {
    const { a, pass, verdict } = await fetchFrom(20_000, 3_000);
    expect([verdict(), a.torrents[0]?.destroyed]).toEqual([undefined, false]);
    await pass(30);
    expect(verdict()).toMatchObject({ code: 'schema' });
    expect([a.torrents[0]?.destroyed, a.swarm.status().torrents]).toEqual([true, []]);
  });

  test('goes on while only one says so, again and again', async () => {
    const { a, pass, verdict } = await fetchFrom(20_000);
    await pass(90);
    expect([verdict(), a.torrents[0]?.destroyed]).toEqual([undefined, false]);
  });

  test('goes on if another one that comes later says otherwise', async () => {
    const { a, seeders, pass, verdict, connected } = await fetchFrom(20_000, 3_000);
    // The made-up tracker passes offers to the first two it knows.
    seeders[0]?.swarm.unseed(payment.infohash);
    const honest = await open('c');
    honest.swarm.seed(payment);
    await pass(90);
    expect([verdict(), a.torrents[0]?.destroyed, connected()]).toEqual([undefined, false, 1]);
  });

  test('ends for nobody once the metadata is here', async () => {
    const { a, pass, verdict } = await fetchFrom(20_000, 3_000);
    const [torrent] = a.torrents;
    if (torrent === undefined) throw new Error('no torrent');
    torrent.infoBuffer = infoDictionary(payment.bytes);
    torrent.emit('metadata');
    await pass(60);
    expect([verdict(), torrent.destroyed]).toEqual([undefined, false]);
  });
});

test('callers of one fetch share a torrent, which ends with the last of them', async () => {
  const a = await open('a');
  const [first, second] = [new AbortController(), new AbortController()];
  const fetches = [first, second].map(({ signal }) => a.swarm.fetch(payment.infohash, { signal }));
  const outcomes = Promise.allSettled(fetches);
  await settle();
  expect(a.torrents).toHaveLength(1);
  first.abort('first');
  expect(a.torrents[0]?.destroyed).toBe(false);
  second.abort('second');
  expect(a.torrents[0]?.destroyed).toBe(true);
  expect(await outcomes).toMatchObject([{ reason: 'first' }, { reason: 'second' }]);
  await expect(a.swarm.fetch(payment.infohash, { signal: first.signal })).rejects.toBe('first');
});

test('what is seeded is fetched from memory, and a file that arrives otherwise ends the fetch', async () => {
  const a = await open('a');
  const fetched = a.swarm.fetch(payment.infohash, { signal: new AbortController().signal });
  a.swarm.seed(payment);
  a.swarm.seed(payment);
  expect(await fetched).toEqual(payment.bytes);
  expect(await a.swarm.fetch(payment.infohash, { signal: new AbortController().signal })).toEqual(payment.bytes);
  expect(a.swarm.status().torrents).toHaveLength(1);
  a.swarm.unseed(payment.infohash);
  expect(a.swarm.status().torrents).toEqual([]);
});

test('what was asked for before the start happens after it, and stopping ends fetches', async () => {
  const a = await open('a');
  const b = new WebTorrentSwarm({
    load: () => new Promise(() => {}),
    connectTracker: () => new FakeSocket(tracker),
    scheduler,
    random: () => 0,
    randomBytes: (count) => new Uint8Array(count),
    iceServers: [],
  });
  b.seed(genesis);
  b.setTrackers(['wss://tracker.example']);
  void b.start({ peer: () => {}, message: () => {}, gone: () => {}, changed: () => {} });
  const fetched = b.fetch(payment.infohash, { signal: new AbortController().signal });
  const outcome = expect(fetched).rejects.toMatchObject({ code: 'cancelled' });
  expect(b.status()).toEqual({ torrents: [], trackers: [{ url: 'wss://tracker.example', status: 'offline' }] });
  await b.stop();
  await outcome;
  await a.swarm.stop();
  expect(a.swarm.status().torrents).toEqual([]);
});
