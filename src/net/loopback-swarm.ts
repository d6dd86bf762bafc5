/** One node's swarm on a {@link LoopbackHub}. */
import { TtxError } from '../core/error.ts';
import type { Infohash } from '../core/id.ts';
import type { Intro } from '../core/message.ts';
import type { Transport } from '../core/pairing.ts';
import { writeDescription } from '../core/session-description.ts';
import { Introducer } from './introducer.ts';
import type { LoopbackHub } from './loopback.ts';
import type { LoopbackPeer } from './loopback-peer.ts';
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

/** Here nobody describes a connection; but what is passed on must be a description. */
const TRANSPORT: Transport = { ufrag: 'loop', pwd: 'back'.repeat(6), fingerprint: '00'.repeat(32), setup: 'actpass', candidates: [] };
const SDP = writeDescription(TRANSPORT);

interface Waiter {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly connected: ((peers: number) => void) | undefined;
}

/** Made by {@link LoopbackHub.createSwarm}. */
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
          described({ offerId, description: { type: 'offer', sdp: SDP }, transport: TRANSPORT });
          return true;
        },
        takeOffer: ({ peerId }, answered) => {
          const isWelcome = !this.isConnected(peerId) && !this.isBarred(peerId);
          if (isWelcome) answered({ type: 'answer', sdp: SDP }, TRANSPORT);
          return isWelcome;
        },
        takeAnswer: ({ peerId }) => {
          const other = hub.find(peerId);
          const canMeet = other !== undefined && hub.canMeet(this, other);
          if (canMeet) hub.connect(this, other);
          return canMeet ? 'taken' : 'unwelcome';
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

  async awaitPairing(): Promise<void> {}

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

  isFetching(infohash: Infohash): boolean {
    return this.isRunning && this.#waiters.has(infohash);
  }

  /** Whether it seeds this genesis. */
  isMeetingIn(infohash: Infohash): boolean {
    return this.isRunning && this.#seeds.get(infohash)?.role === 'genesis';
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
    if (!peer?.isMet) return;
    const message = peer.read(bytes);
    if (message !== undefined) this.#events?.message(peer, message);
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
