/**
 * The swarm in Node: real wires, real tracker client and real extension, over made-up WebRTC connections, a made-up tracker and
 * WebTorrent's torrents reduced to what the swarm touches. What WebTorrent itself does is tested in browsers.
 */
import { EventEmitter } from 'node:events';
import Wire from 'bittorrent-protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeAttachment } from '../core/attachment.ts';
import { encode } from '../core/bencode.ts';
import type { Infohash } from '../core/id.ts';
import type { Intro, Message, ReceivedMessage } from '../core/message.ts';
import { infoDictionary, infohash as infohashOf } from '../core/torrent.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import type { WebTorrentModules } from './load-webtorrent.ts';
import { encodeMetainfo } from './metainfo.ts';
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
  /** Nothing gets through. */
  static isCut = false;
  id?: string;
  destroyed = false;
  connected = false;
  wire: Wire | undefined;
  readonly #number: number;
  #partner: FakeConnection | undefined;
  constructor({ initiator = false }: { initiator?: boolean }) {
    super();
    this.#number = FakeConnection.all.push(this) - 1;
    if (initiator) queueMicrotask(() => this.emit('signal', { type: 'offer', sdp: this.#describe('actpass') }));
  }
  /** Names itself, and its certificate. */
  #describe(setup: string): string {
    const byte = this.#number.toString(16).padStart(2, '0').toUpperCase();
    const fingerprint = `sha-256 ${Array(32).fill(byte).join(':')}`;
    const name = String(this.#number).padStart(4, '0');
    return `v=0\r\na=ice-ufrag:${name}\r\na=ice-pwd:${'x'.repeat(24)}\r\na=fingerprint:${fingerprint}\r\na=setup:${setup}\r\n`;
  }
  signal({ type, sdp }: { type: string; sdp: string }): void {
    this.#partner = FakeConnection.all[Number(/ice-ufrag:(\d+)/.exec(sdp)?.[1])];
    if (type === 'offer') queueMicrotask(() => this.emit('signal', { type: 'answer', sdp: this.#describe('active') }));
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
    if (FakeConnection.isCut || partner === undefined || this.destroyed || partner.destroyed) return;
    this.connected = true;
    partner.connected = true;
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
    const shakeHands = () => {
      const wire = new Wire('webrtc');
      peer.wire = wire;
      connection.wire = wire;
      wire.use(FakeMetadata);
      const { extendedHandshake } = wire as unknown as { extendedHandshake: object };
      if (this.#metadataSize !== undefined) Object.assign(extendedHandshake, { metadata_size: this.#metadataSize });
      wire.once('handshake', () => void this.emit('wire', wire));
      for (const event of ['finish', 'close']) wire.once(event, () => connection.destroy());
      wire.handshake(this.infoHash, this.#ownId, { fast: true });
    };
    if (connection.connected) shakeHands();
    else connection.once('connect', shakeHands);
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
  /** Does nothing more. */
  isDead = false;
  /** Passes on what it likes. */
  tell(id: string, infohash: string, message: object): void {
    const [key, to] = [infohash, id].map((hex) => String.fromCharCode(...Buffer.from(hex, 'hex')));
    this.#members
      .get(key ?? '')
      ?.get(to ?? '')
      ?.tell({ action: 'announce', info_hash: key, ...message });
  }
  /** Loses sight of a node. */
  forget(id: string): void {
    for (const members of this.#members.values()) members.delete(String.fromCharCode(...Buffer.from(id, 'hex')));
  }
  hear(socket: FakeSocket, message: Record<string, unknown>): void {
    if (this.isDead) return;
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

let clock: VirtualClock;
let tracker: FakeTracker;
beforeEach(() => {
  clock = new VirtualClock(0);
  tracker = new FakeTracker();
  FakeConnection.all.length = 0;
  FakeConnection.isCut = false;
});

/** Names of the nodes, by peer id. */
const names = new Map<string, string>();

/** A node called `digit`. @param metadataSize what it says of the metadata of torrents that it has */
async function open(digit: string, metadataSize = 112) {
  const torrents: FakeTorrent[] = [];
  const peers = new Map<string, Peer>();
  const messages: ReceivedMessage[] = [];
  const intros: { readonly from: Peer; readonly intro: Intro }[] = [];
  const log: string[] = [];
  let id = '';
  class FakeClient extends EventEmitter {
    readonly peerId: string;
    constructor({ peerId }: { readonly peerId: string }) {
      super();
      this.peerId = peerId;
      names.set(peerId, digit);
      id = peerId;
    }
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
    clock,
    random: () => 0.5,
    randomBytes: (count) => Uint8Array.from({ length: count }, () => ++random % 256),
    iceServers: [],
  });
  swarm.setTrackers(['wss://tracker.example']);
  await swarm.start({
    peer: (peer) => {
      peers.set(peer.id, peer);
      log.push(`peer ${names.get(peer.id)}`);
    },
    message: (from, message) => {
      if (message.t === 'intro') intros.push({ from, intro: message });
      else messages.push(message);
    },
    gone: (peer) => {
      peers.delete(peer.id);
      log.push(`gone ${names.get(peer.id)}`);
    },
    changed: () => {},
  });
  await settle();
  return { swarm, torrents, peers, messages, intros, log, id };
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
        clock.leap(1_000);
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
    clock,
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

describe('without a tracker', () => {
  /** Passes on what peers send each other by way of `relay`, as its node does. */
  function relay(nodes: readonly Awaited<ReturnType<typeof open>>[], relayed: Awaited<ReturnType<typeof open>>) {
    const passed: string[] = [];
    const forge = { current: (intro: Intro) => intro };
    const pass = () => {
      for (const { from, intro } of relayed.intros.splice(0)) {
        const target = intro.to ?? nodes.find(({ id }) => id !== from.id && id !== relayed.id && !intro.known.includes(id))?.id;
        const peer = target === undefined ? undefined : relayed.peers.get(target);
        if (target === undefined || peer === undefined) continue;
        passed.push(intro.kind);
        peer.send({ ...forge.current(intro), to: target });
      }
    };
    const deliver = () => {
      for (const node of nodes) {
        if (node === relayed) continue;
        for (const { from, intro } of node.intros.splice(0)) node.swarm.introduced(from, intro);
      }
    };
    const run = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        clock.leap(1_000);
        await settle();
        pass();
        await settle();
        deliver();
        await settle();
      }
    };
    return { run, passed, forge };
  }

  /** Two nodes that each met a third, and not each other. */
  async function meetThrough() {
    const nodes = [await open('a'), await open('b'), await open('c')] as const;
    const [a, b, c] = nodes;
    b.swarm.seed(genesis);
    a.swarm.seed(genesis);
    await settle();
    tracker.forget(a.id);
    c.swarm.seed(genesis);
    await settle();
    tracker.isDead = true;
    expect([a.log, b.log, c.log]).toEqual([['peer b'], ['peer a', 'peer c'], ['peer b']]);
    return { a, b, c, ...relay(nodes, b) };
  }

  test('a peer introduces two others, who then are connected', async () => {
    const { a, c, run, passed } = await meetThrough();
    await run(30);
    expect([a.log, c.log]).toEqual([
      ['peer b', 'peer c'],
      ['peer b', 'peer a'],
    ]);
    expect(passed).toEqual(expect.arrayContaining(['offer', 'answer']));
    a.peers.get(c.id)?.send(inv);
    await settle();
    expect(c.messages).toContainEqual(inv);
  });

  test('whoever puts its own certificate into what it passes on is not believed', async () => {
    const { a, c, run, forge } = await meetThrough();
    forge.current = (intro) => {
      const sdp = new TextDecoder().decode(intro.signal).replace(/sha-256 ..:/, 'sha-256 EE:');
      return { ...intro, signal: new TextEncoder().encode(sdp) };
    };
    await run(120);
    expect([a.log, c.log]).toEqual([['peer b'], ['peer b']]);
  });

  test('nobody is asked again and again where there is nobody else', async () => {
    const { b, run, passed } = await meetThrough();
    await run(40);
    const before = FakeConnection.all.length;
    await run(1_800);
    expect(FakeConnection.all.length - before).toBeLessThan(40);
    expect([passed.filter((kind) => kind === 'answer').length <= 2, b.peers.size]).toEqual([true, 2]);
  }, 20_000);
});

test('a crowd that wants to connect, by a tracker and by introductions, makes no more than 40 connections at any moment', async () => {
  const a = await open('a');
  a.swarm.seed(genesis);
  for (const extra of Array.from({ length: 20 }, (_, i) => file(`{"payment":${i}}`, 'payment'))) a.swarm.seed(extra);
  a.swarm.fetch(payment.infohash, { signal: new AbortController().signal }).catch(() => {});
  await settle();
  let most = 0;
  const made = { count: FakeConnection.all.length };
  const swarms = ['genesis', ...Array.from({ length: 20 }, (_, i) => i)].map((name) =>
    name === 'genesis' ? genesis.infohash : file(`{"payment":${name}}`, 'payment').infohash,
  );
  const binary = (hex: string) => String.fromCharCode(...Buffer.from(hex, 'hex'));
  for (let second = 0; second < 120; second++) {
    for (let n = 0; n < 30; n++) {
      const number = second * 30 + n;
      const infohash = swarms[number % swarms.length] ?? '';
      const offer = { type: 'offer', sdp: 'v=0' };
      const peerId = (n % 2 === 0 ? Buffer.from('-Tx0100-').toString('hex') : '') + number.toString(16).padStart(40, '0');
      tracker.tell(a.id, infohash, {
        peer_id: binary(peerId.slice(0, 16) + peerId.slice(-24)),
        offer_id: binary(peerId.slice(-40)),
        offer,
      });
    }
    await settle();
    most = Math.max(most, FakeConnection.all.filter(({ destroyed }) => !destroyed).length);
    clock.leap(1_000);
  }
  expect(FakeConnection.all.length - made.count).toBeGreaterThan(20);
  expect(most).toBeLessThanOrEqual(40);
}, 20_000);

describe('pairing', () => {
  async function openTwo() {
    tracker.isDead = true;
    const [a, b] = [await open('a'), await open('b')];
    a.swarm.seed(genesis);
    b.swarm.seed(genesis);
    await settle();
    return { a, b };
  }
  /** Lets the streams run while something is awaited. */
  async function during<T>(promise: Promise<T>): Promise<T> {
    await settle();
    return promise;
  }

  test('two devices that hand each other codes are connected, though it takes them minutes', async () => {
    const { a, b } = await openTwo();
    const answer = await during(b.swarm.answerPairing(await during(a.swarm.startPairing())));
    for (let second = 0; second < 590; second++) {
      clock.leap(1_000);
      await settle();
    }
    await during(a.swarm.finishPairing(answer.toUpperCase()));
    expect([a.log, b.log]).toEqual([['peer b'], ['peer a']]);
    a.peers.get(b.id)?.send(inv);
    await settle();
    expect(b.messages).toEqual([inv]);
  }, 20_000);

  test('after ten minutes, or when it is cancelled, it has ended on both sides', async () => {
    const { a, b } = await openTwo();
    for (const end of [() => clock.leap(600_000), () => [a, b].map(({ swarm }) => swarm.cancelPairing())]) {
      const answer = await during(b.swarm.answerPairing(await during(a.swarm.startPairing())));
      end();
      await settle();
      await expect(a.swarm.finishPairing(answer)).rejects.toMatchObject({ code: 'pairing' });
      expect(FakeConnection.all.every(({ destroyed }) => destroyed)).toBe(true);
    }
  });

  test('a code of another kind, of itself, of another network or of another pairing is refused', async () => {
    const { a, b } = await openTwo();
    const refused = { code: 'pairing' };
    await expect(a.swarm.answerPairing('ttxpair1')).rejects.toMatchObject(refused);
    const old = await during(a.swarm.startPairing());
    await expect(a.swarm.answerPairing(old)).rejects.toMatchObject(refused);
    await expect(a.swarm.finishPairing(old)).rejects.toMatchObject(refused);
    const oldAnswer = await during(b.swarm.answerPairing(old));
    await expect(b.swarm.answerPairing(oldAnswer)).rejects.toMatchObject(refused);
    await during(a.swarm.startPairing());
    await expect(a.swarm.finishPairing(oldAnswer)).rejects.toMatchObject(refused);
    const c = await open('c');
    await expect(c.swarm.startPairing()).rejects.toMatchObject({ code: 'no-network' });
    c.swarm.seed(file('{"genesis":2}', 'genesis'));
    await expect(c.swarm.answerPairing(old)).rejects.toMatchObject({ code: 'pairing', detail: { what: 'network' } });
  });

  test('whoever waits for a connection hears when there is none, or when he gives up', async () => {
    const { a, b } = await openTwo();
    const answer = await during(b.swarm.answerPairing(await during(a.swarm.startPairing())));
    FakeConnection.isCut = true;
    const failed = expect(a.swarm.finishPairing(answer)).rejects.toMatchObject({ code: 'timeout' });
    clock.leap(30_000);
    await failed;
    const second = await during(b.swarm.answerPairing(await during(a.swarm.startPairing())));
    const cancelled = expect(a.swarm.finishPairing(second)).rejects.toMatchObject({ code: 'cancelled' });
    a.swarm.cancelPairing();
    await cancelled;
  });
});

test('an attached file that no tracker brings is found at a connected peer, by an offer for that peer alone', async () => {
  const [a, b] = [await open('a', 91), await open('b')];
  a.swarm.seed(genesis);
  await settle();
  b.swarm.seed(genesis);
  await settle();
  tracker.isDead = true;
  const hashes = { size: 5, sha256: 'a'.repeat(64), pieces: new Uint8Array(20).fill(7) };
  const { attachment, info } = describeAttachment(hashes, 'letter.txt', 'text/plain');
  infohashes.set(String(encodeMetainfo(info)), attachment.infohash);
  a.swarm.seedContent({ ...attachment, info, load: async () => undefined });
  const ended = new AbortController();
  const found: number[] = [];
  const fetched = b.swarm.fetchContent(attachment, { signal: ended.signal, progress: ({ peers }) => found.push(peers) });
  await settle();
  clock.leap(3_000);
  await settle();
  expect(a.intros).toMatchObject([{ intro: { kind: 'offer', from: b.id, to: a.id, known: [], torrent: attachment.infohash } }]);
  for (const { from, intro } of a.intros) a.swarm.introduced(from, intro);
  await settle();
  expect(b.intros).toMatchObject([{ intro: { kind: 'answer', from: a.id, to: b.id, torrent: attachment.infohash } }]);
  for (const { from, intro } of b.intros) b.swarm.introduced(from, intro);
  await settle();
  expect(found).toContain(1);
  ended.abort('enough');
  await expect(fetched).rejects.toBe('enough');
});

test('an offer to meet in the swarm of a file that is not here, or that somebody else makes, is not answered', async () => {
  const [a, b, c] = [await open('a'), await open('b'), await open('c')];
  for (const { swarm } of [a, b, c]) {
    swarm.seed(genesis);
    await settle();
  }
  a.swarm.seed(payment);
  const peer = a.peers.get(b.id) as Peer;
  const signal = new TextEncoder().encode('v=0\r\na=ice-ufrag:0000\r\n');
  const intro: Intro = {
    t: 'intro',
    kind: 'offer',
    id: '1'.repeat(40),
    from: b.id,
    to: a.id,
    known: [],
    torrent: 'f'.repeat(40) as Infohash,
    signal,
  };
  a.swarm.introduced(peer, intro);
  a.swarm.introduced(peer, { ...intro, id: '2'.repeat(40), from: c.id, torrent: payment.infohash });
  await settle();
  expect([...b.intros, ...c.intros]).toEqual([]);
  a.swarm.introduced(peer, { ...intro, id: '3'.repeat(40), torrent: payment.infohash });
  await settle();
  expect(b.intros).toMatchObject([{ intro: { kind: 'answer', torrent: payment.infohash } }]);
});
