/**
 * A {@link Swarm} without a network: nodes of one process meet through a {@link LoopbackHub}. Messages pass the real codec, and
 * time is the clock's, so tests and simulations are as strict as the wire and run the same way each time.
 */
import { TtxError } from '../core/error.ts';
import type { Infohash } from '../core/id.ts';
import type { Intro, Message } from '../core/message.ts';
import { decodeMessage, encodeMessage } from '../core/message-codec.ts';
import { type Clock, monotonicClock } from '../time/clock.ts';
import { Introducer } from './introducer.ts';
import { PeerBook } from './peer-book.ts';
import type {
  ContentFetch,
  ContentName,
  FetchedContent,
  Peer,
  SeededContent,
  SeededFile,
  Swarm,
  SwarmConditions,
  SwarmEvents,
  SwarmStatus,
} from './swarm.ts';

/** How the nodes of a {@link LoopbackHub} are connected. */
export interface LoopbackOptions {
  readonly clock?: Clock;
  /** How long everything takes from one node to another: messages, files, learning of a peer. 0 if absent. */
  readonly latencyMs?: (from: LoopbackSwarm, to: LoopbackSwarm) => number;
  /** Peers that a node looks for in the genesis swarm; others may find it beyond that. 8 if absent. */
  readonly wantedPeers?: number;
  /** Peers with whom a node is not found by others any more. No bound if absent. */
  readonly mostPeers?: number;
  /** 0 ≤ x < 1; chooses among more peers than are wanted. The first ones if absent. */
  readonly random?: () => number;
  /** Whether nodes find each other by themselves, as by trackers; true if absent. Else through {@link LoopbackHub.connect} and their peers. */
  readonly trackers?: boolean;
  /** Called for every message that leaves. */
  readonly sent?: (from: LoopbackSwarm, to: LoopbackSwarm, bytes: number) => void;
}

/** {@link Peer.drained} waits while more than this is under way. */
const DRAINED_BYTES = 262_144;

/** What stands for the trackers and the cables between nodes. */
export class LoopbackHub {
  readonly clock: Clock;
  readonly #latencyMs: (from: LoopbackSwarm, to: LoopbackSwarm) => number;
  readonly #wantedPeers: number;
  readonly #mostPeers: number;
  readonly #random: () => number;
  readonly #sent: LoopbackOptions['sent'];
  readonly #members: LoopbackSwarm[] = [];
  readonly #cuts = new Set<string>();
  #hasTrackers: boolean;
  #created = 0;

  constructor(options: LoopbackOptions = {}) {
    this.clock = options.clock ?? monotonicClock;
    this.#latencyMs = options.latencyMs ?? (() => 0);
    this.#wantedPeers = options.wantedPeers ?? 8;
    this.#mostPeers = options.mostPeers ?? Number.POSITIVE_INFINITY;
    this.#random = options.random ?? (() => 0);
    this.#sent = options.sent;
    this.#hasTrackers = options.trackers ?? true;
  }

  get wantedPeers(): number {
    return this.#wantedPeers;
  }

  /** From now on nobody is found but through peers. */
  stopTrackers(): void {
    this.#hasTrackers = false;
  }

  /** The node that has this peer id, if it runs. */
  find(id: string): LoopbackSwarm | undefined {
    return this.#members.find((member) => member.id === id);
  }

  /** A new node's swarm. Its peer id counts up: 40 hex digits. */
  createSwarm(): LoopbackSwarm {
    return new LoopbackSwarm(this, (++this.#created).toString(16).padStart(40, '0'));
  }

  /** Runs `task` when what `from` does now has reached `to`. */
  deliver(from: LoopbackSwarm, to: LoopbackSwarm, task: () => void): void {
    this.clock.after(this.#latencyMs(from, to), task);
  }

  /** A message of `bytes` leaves. */
  count(from: LoopbackSwarm, to: LoopbackSwarm, bytes: number): void {
    this.#sent?.(from, to, bytes);
  }

  /** A node starts; called by its swarm, like {@link leave}, {@link introduce} and {@link serve}. */
  enter(swarm: LoopbackSwarm): void {
    this.#members.push(swarm);
  }

  leave(swarm: LoopbackSwarm): void {
    this.#members.splice(0, this.#members.length, ...this.#members.filter((member) => member !== swarm));
  }

  /** Disconnects two nodes and keeps them apart until {@link mend}. */
  cut(a: LoopbackSwarm, b: LoopbackSwarm): void {
    this.#cuts.add(pair(a, b));
    a.lose(b);
    b.lose(a);
  }

  /** Undoes {@link cut}: the two may meet again, and do if they look for peers. */
  mend(a: LoopbackSwarm, b: LoopbackSwarm): void {
    this.#cuts.delete(pair(a, b));
    this.introduce(a);
    this.introduce(b);
    for (const infohash of [...a.fetching, ...b.fetching]) this.serve(infohash);
  }

  /** Takes a node away as if its tab had been killed: it does not hear of it, the others do. */
  kill(swarm: LoopbackSwarm): void {
    swarm.die();
  }

  /** Whether two nodes run, can reach each other and have not barred each other. */
  canMeet(a: LoopbackSwarm, b: LoopbackSwarm): boolean {
    return a !== b && a.isOnline && b.isOnline && !this.#cuts.has(pair(a, b)) && !a.isBarred(b.id) && !b.isBarred(a.id);
  }

  /** Finds peers for a node that seeds a genesis, as trackers would. */
  introduce(swarm: LoopbackSwarm): void {
    if (!this.#hasTrackers) return;
    for (const infohash of swarm.genesisInfohashes) {
      const strangers = this.#members.filter(
        (m) =>
          m.peerCount < this.#mostPeers && m.genesisInfohashes.includes(infohash) && !swarm.isConnected(m.id) && this.canMeet(swarm, m),
      );
      while (strangers.length > 0 && swarm.peerCount < this.#wantedPeers) {
        const [stranger] = strangers.splice(Math.floor(this.#random() * strangers.length), 1);
        if (stranger !== undefined) this.connect(swarm, stranger);
      }
    }
  }

  /** Lets go of one of a full node's peers, by chance, so that it finds another. */
  rotate(swarm: LoopbackSwarm): void {
    if (swarm.peerCount >= this.#wantedPeers) swarm.loseOne(this.#random());
  }

  /** Connects two nodes, unless they are; each hears of it after the latency. */
  connect(a: LoopbackSwarm, b: LoopbackSwarm): void {
    if (a.isConnected(b.id)) return;
    const [ofB, ofA] = [new LoopbackPeer(this, a, b), new LoopbackPeer(this, b, a)];
    a.expect(ofB);
    b.expect(ofA);
    this.deliver(b, a, () => a.meet(ofB));
    this.deliver(a, b, () => b.meet(ofA));
  }

  /** Brings a file to everybody who fetches it, from somebody who seeds it and can be reached. */
  serve(infohash: Infohash): void {
    for (const fetcher of this.#members) {
      if (!fetcher.fetching.includes(infohash)) continue;
      const seeder = this.#members.find((member) => member.seedOf(infohash) !== undefined && this.canMeet(fetcher, member));
      if (seeder === undefined) continue;
      this.connect(fetcher, seeder);
      // There and back: the request and the file.
      this.deliver(fetcher, seeder, () => {
        const bytes = seeder.seedOf(infohash)?.slice();
        if (bytes !== undefined) this.deliver(seeder, fetcher, () => this.canMeet(fetcher, seeder) && fetcher.receiveFile(infohash, bytes));
      });
    }
  }

  /** The same for attached files. */
  serveContent(infohash: Infohash): void {
    for (const fetcher of this.#members) {
      if (!fetcher.isFetchingContent(infohash)) continue;
      const seeder = this.#members.find((member) => member.contentOf(infohash) !== undefined && this.canMeet(fetcher, member));
      const content = seeder?.contentOf(infohash);
      if (seeder === undefined || content === undefined) continue;
      this.connect(fetcher, seeder);
      content.load().then((bytes) => {
        if (bytes !== undefined)
          this.deliver(seeder, fetcher, () => fetcher.receiveContent(infohash, { info: content.info, bytes: bytes.slice() }));
      });
    }
  }

  membersWithout(swarm: LoopbackSwarm): readonly LoopbackSwarm[] {
    return this.#members.filter((member) => member !== swarm);
  }
}

const pair = (a: LoopbackSwarm, b: LoopbackSwarm) => [a.id, b.id].sort().join();

interface Waiter {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly connected: ((peers: number) => void) | undefined;
}

/** One node's swarm. Made by {@link LoopbackHub.createSwarm}. */
export class LoopbackSwarm implements Swarm {
  readonly id: string;
  readonly #hub: LoopbackHub;
  readonly #book = new PeerBook();
  readonly #seeds = new Map<Infohash, SeededFile>();
  readonly #waiters = new Map<Infohash, Set<Waiter>>();
  readonly #peers = new Map<string, LoopbackPeer>();
  readonly #introducer: Introducer;
  readonly #contents = new Map<Infohash, SeededContent>();
  readonly #contentWaiters = new Map<Infohash, (content: FetchedContent) => void>();
  #trackers: readonly string[] = [];
  #hasNetwork = true;
  #offers = 0;
  #events: SwarmEvents | undefined;

  constructor(hub: LoopbackHub, id: string) {
    this.#hub = hub;
    this.id = id;
    this.#introducer = new Introducer({
      peerId: id,
      clock: hub.clock,
      peers: () => [...this.#peers.values()].filter(({ isMet }) => isMet),
      meetingPlace: () => this.genesisInfohashes[0],
      wants: () => this.isOnline && this.peerCount < hub.wantedPeers,
      signaling: {
        offer: ({ described }) => {
          const offerId = (this.id.slice(20) + (++this.#offers).toString(16).padStart(20, '0')).slice(-40);
          described({ offerId, description: { type: 'offer', sdp: this.id } });
          return true;
        },
        takeOffer: ({ peerId }, answered) => {
          const isWelcome = !this.isConnected(peerId) && !this.isBarred(peerId);
          if (isWelcome) answered({ type: 'answer', sdp: this.id });
          return isWelcome;
        },
        takeAnswer: ({ peerId }) => {
          const other = hub.find(peerId);
          const canMeet = other !== undefined && hub.canMeet(this, other);
          if (canMeet) hub.connect(this, other);
          return canMeet;
        },
      },
    });
  }

  async start(events: SwarmEvents): Promise<void> {
    this.#events = events;
    this.#hub.enter(this);
    this.#hub.introduce(this);
    for (const infohash of this.#seeds.keys()) this.#hub.serve(infohash);
    for (const infohash of this.fetching) this.#hub.serve(infohash);
    for (const infohash of [...this.#contents.keys(), ...this.#contentWaiters.keys()]) this.#hub.serveContent(infohash);
  }

  async stop(): Promise<void> {
    this.die();
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter.reject(new TtxError('cancelled'));
    this.#waiters.clear();
    this.#seeds.clear();
  }

  setTrackers(urls: readonly string[]): void {
    this.#trackers = urls;
    this.#changed();
  }

  /** As with a cable: without a network nobody is connected, and peers notice. */
  setConditions({ online }: SwarmConditions): void {
    if (this.#hasNetwork === online) return;
    this.#hasNetwork = online;
    if (!online) for (const peer of [...this.#peers.values()]) this.disconnect(peer.remote);
    else if (this.isRunning) this.wake();
    this.#changed();
  }

  wake(): void {
    this.#hub.introduce(this);
    for (const infohash of [...this.#seeds.keys(), ...this.fetching]) this.#hub.serve(infohash);
  }

  seed(file: SeededFile): void {
    this.#seeds.set(file.infohash, file);
    this.receiveFile(file.infohash, file.bytes);
    if (!this.isRunning) return;
    this.#hub.introduce(this);
    this.#hub.serve(file.infohash);
    this.#changed();
  }

  unseed(infohash: Infohash): void {
    this.#seeds.delete(infohash);
    this.#changed();
  }

  fetch(
    infohash: Infohash,
    options: { trackers?: readonly string[]; signal: AbortSignal; connected?: (peers: number) => void },
  ): Promise<Uint8Array> {
    const { signal, connected } = options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const held = this.seedOf(infohash);
      if (held !== undefined) {
        resolve(held);
        return;
      }
      const waiters = this.#waiters.get(infohash) ?? new Set();
      this.#waiters.set(infohash, waiters);
      const waiter: Waiter = { resolve, reject, connected };
      waiters.add(waiter);
      const onAbort = () => {
        waiters.delete(waiter);
        if (waiters.size === 0 && this.#waiters.get(infohash) === waiters) this.#waiters.delete(infohash);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (this.isRunning) this.#hub.serve(infohash);
    });
  }

  seedContent(content: SeededContent): void {
    this.#contents.set(content.infohash, content);
    if (this.isRunning) this.#hub.serveContent(content.infohash);
  }

  unseedContent(infohash: Infohash): void {
    this.#contents.delete(infohash);
  }

  fetchContent({ infohash }: ContentName, { signal }: ContentFetch): Promise<FetchedContent> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      this.#contentWaiters.set(infohash, resolve);
      signal.addEventListener(
        'abort',
        () => {
          this.#contentWaiters.delete(infohash);
          reject(signal.reason);
        },
        { once: true },
      );
      if (this.isRunning) this.#hub.serveContent(infohash);
    });
  }

  /** Codes name the two sides and nothing else. */
  async startPairing(): Promise<string> {
    return `offer ${this.id}`;
  }

  async answerPairing(code: string): Promise<string> {
    if (!code.startsWith('offer ')) throw new TtxError('pairing');
    return `answer ${this.id}`;
  }

  async finishPairing(code: string): Promise<void> {
    const other = this.#hub.find(code.replace('answer ', ''));
    if (other === undefined || !this.#hub.canMeet(this, other)) throw new TtxError('pairing');
    this.#hub.connect(this, other);
  }

  cancelPairing(): void {}

  introduced(peer: Peer, intro: Intro): void {
    this.#introducer.receive(peer, intro);
  }

  status(): SwarmStatus {
    const torrents = [...this.#seeds.values()].map(({ infohash, role }) => {
      const holders = this.#hub
        .membersWithout(this)
        .filter((member) => this.isConnected(member.id) && member.seedOf(infohash) !== undefined);
      return { infohash, role, peers: holders.length, holders: holders.map(({ id }) => id), uploadedBytes: 0 };
    });
    return { torrents, trackers: this.#trackers.map((url) => ({ url, status: this.isOnline ? 'connected' : 'offline' })) };
  }

  // What the hub and the peers at the other end do. A node never calls these.

  get isRunning(): boolean {
    return this.#events !== undefined;
  }

  get isOnline(): boolean {
    return this.isRunning && this.#hasNetwork;
  }

  get peerCount(): number {
    return this.#peers.size;
  }

  get fetching(): readonly Infohash[] {
    return this.isRunning ? [...this.#waiters.keys()] : [];
  }

  get genesisInfohashes(): readonly Infohash[] {
    return this.isRunning ? [...this.#seeds.values()].filter(({ role }) => role === 'genesis').map(({ infohash }) => infohash) : [];
  }

  isConnected(id: string): boolean {
    return this.#peers.has(id);
  }

  isBarred(id: string): boolean {
    return this.#book.isBarred(id, this.#hub.clock.nowMs());
  }

  seedOf(infohash: Infohash): Uint8Array | undefined {
    return this.#seeds.get(infohash)?.bytes;
  }

  isFetchingContent(infohash: Infohash): boolean {
    return this.isRunning && this.#contentWaiters.has(infohash);
  }

  contentOf(infohash: Infohash): SeededContent | undefined {
    return this.#contents.get(infohash);
  }

  receiveContent(infohash: Infohash, content: FetchedContent): void {
    const receive = this.#contentWaiters.get(infohash);
    this.#contentWaiters.delete(infohash);
    receive?.(content);
  }

  receiveFile(infohash: Infohash, bytes: Uint8Array): void {
    const waiters = this.#waiters.get(infohash);
    this.#waiters.delete(infohash);
    for (const waiter of waiters ?? []) waiter.resolve(bytes);
  }

  expect(peer: LoopbackPeer): void {
    this.#peers.set(peer.id, peer);
    for (const waiters of this.#waiters.values()) for (const { connected } of waiters) connected?.(1);
  }

  meet(peer: LoopbackPeer): void {
    if (this.#peers.get(peer.id) !== peer) return;
    peer.isMet = true;
    this.#introducer.refresh();
    this.#events?.peer(peer);
    this.#changed();
  }

  receive(from: LoopbackSwarm, bytes: Uint8Array): void {
    const peer = this.#peers.get(from.id);
    const message = decodeMessage(bytes);
    if (peer?.isMet && message !== undefined) this.#events?.message(peer, message);
  }

  lose(other: LoopbackSwarm): void {
    const peer = this.#peers.get(other.id);
    if (peer === undefined) return;
    this.#peers.delete(other.id);
    peer.end();
    if (peer.isMet) this.#events?.gone(peer);
    this.#introducer.refresh();
    this.#hub.introduce(this);
    this.#changed();
  }

  /** Disconnects one of the peers; the first if `chance` is 0. */
  loseOne(chance: number): void {
    const peer = [...this.#peers.values()][Math.floor(chance * this.#peers.size)];
    if (peer !== undefined) this.disconnect(peer.remote);
  }

  penalize(other: LoopbackSwarm, points: number): void {
    if (this.#book.penalize(other.id, points, this.#hub.clock.nowMs())) this.disconnect(other);
  }

  disconnect(other: LoopbackSwarm): void {
    this.#hub.deliver(this, other, () => other.lose(this));
    this.lose(other);
  }

  die(): void {
    this.#events = undefined;
    this.#introducer.stop();
    this.#hub.leave(this);
    for (const peer of this.#peers.values()) {
      peer.end();
      this.#hub.deliver(this, peer.remote, () => peer.remote.lose(this));
    }
    this.#peers.clear();
  }

  #changed(): void {
    this.#events?.changed();
  }
}

/** `remote` as `local` sees it. */
class LoopbackPeer implements Peer {
  readonly id: string;
  readonly foundBy = 'tracker';
  readonly remote: LoopbackSwarm;
  /** Whether the node was told of it. */
  isMet = false;
  readonly #hub: LoopbackHub;
  readonly #local: LoopbackSwarm;
  #underWayBytes = 0;
  #ended = false;
  #waiting: (() => void)[] = [];

  constructor(hub: LoopbackHub, local: LoopbackSwarm, remote: LoopbackSwarm) {
    this.#hub = hub;
    this.#local = local;
    this.remote = remote;
    this.id = remote.id;
  }

  send(message: Message): void {
    const bytes = encodeMessage(message);
    if (this.#ended) return;
    this.#underWayBytes += bytes.length;
    this.#hub.count(this.#local, this.remote, bytes.length);
    this.#hub.deliver(this.#local, this.remote, () => {
      this.#underWayBytes -= bytes.length;
      if (!this.#ended) this.remote.receive(this.#local, bytes);
      this.#wake();
    });
  }

  drained(): Promise<void> {
    if (this.#ended || this.#underWayBytes < DRAINED_BYTES) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Places are not taken here. */
  commend(): void {}

  penalize(points: number, _reason: string): void {
    this.#local.penalize(this.remote, points);
  }

  close(_reason: string): void {
    if (!this.#ended) this.#local.disconnect(this.remote);
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    if (!this.#ended && this.#underWayBytes >= DRAINED_BYTES) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
