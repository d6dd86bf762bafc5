/**
 * For the tests of the swarm in Node: real wires, real tracker client and real extension, over made-up WebRTC connections, a made-up tracker and
 * WebTorrent's torrents reduced to what the swarm touches. What WebTorrent itself does is tested in browsers.
 */
import { EventEmitter } from 'node:events';
import Wire from 'bittorrent-protocol';
import type { Infohash } from '../core/id.ts';
import type { Intro, Message, ReceivedMessage } from '../core/message.ts';
import type { Transport } from '../core/pairing.ts';
import { writeDescription } from '../core/session-description.ts';
import { infoDictionary, infohash as infohashOf } from '../core/torrent.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import type { WebTorrentModules } from './load-webtorrent.ts';
import type { Peer, SeededFile, SwarmEvents, TorrentRole } from './swarm.ts';
import type { WebSocketLike } from './tracker-socket.ts';
import { WebTorrentSwarm } from './webtorrent.ts';

export const inv: Message = { t: 'inv', held: [] };

/** Lets streams and promises run until they rest. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

export class FakeConnection extends EventEmitter {
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
  #describe(setup: Transport['setup']): string {
    const fingerprint = this.#number.toString(16).padStart(4, '0').repeat(16);
    return writeDescription({ ufrag: String(this.#number).padStart(4, '0'), pwd: 'x'.repeat(24), fingerprint, setup, candidates: [] });
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
export class FakeMetadata {
  readonly heard: unknown[] = [];
  onExtendedHandshake(handshake: Readonly<Record<string, unknown>>): void {
    this.heard.push(handshake.metadata_size);
  }
}
Object.assign(FakeMetadata.prototype, { name: 'ut_metadata' });

export class FakeTorrent extends EventEmitter {
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
export class FakeTracker {
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

export class FakeSocket implements WebSocketLike {
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

export let clock: VirtualClock;
export let tracker: FakeTracker;
/** Before each test. */
export function reset(): void {
  clock = new VirtualClock(0);
  tracker = new FakeTracker();
  FakeConnection.all.length = 0;
  FakeConnection.isCut = false;
}

/** Names of the nodes, by peer id. */
export const names = new Map<string, string>();

/** A node called `digit`, which has started. @param metadataSize what it says of the metadata of torrents that it has */
export async function open(digit: string, metadataSize = 112) {
  const node = create(digit, metadataSize);
  await node.start();
  await settle();
  return { ...node, id: node.id() };
}

/** A node that has not started. */
export function create(digit: string, metadataSize = 112) {
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
  const events: SwarmEvents = {
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
  };
  return { swarm, torrents, peers, messages, intros, log, id: () => id, start: () => swarm.start(events) };
}

export const infohashes = new Map<string, Infohash>();
export function infohashOfMetainfo(metainfo: Uint8Array): string {
  return infohashes.get(String(metainfo)) ?? 'unknown';
}

export function file(text: string, role: TorrentRole): SeededFile {
  const bytes = new TextEncoder().encode(text);
  const info = infoDictionary(bytes);
  const metainfo = Uint8Array.from([...new TextEncoder().encode('d4:info'), ...info, 'e'.charCodeAt(0)]);
  infohashes.set(String(metainfo), infohashOf(bytes));
  return { infohash: infohashOf(bytes), bytes, role };
}

export const genesis = file('{"genesis":1}', 'genesis');
export const payment = file('{"payment":1}', 'payment');
export const connections = (node: Awaited<ReturnType<typeof open>>, { infohash }: SeededFile) =>
  node.swarm.status().torrents.find((torrent) => torrent.infohash === infohash)?.peers;
