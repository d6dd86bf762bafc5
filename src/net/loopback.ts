/**
 * A {@link Swarm} without a network: nodes of one process meet through a {@link LoopbackHub}. Messages pass the real codec and the real
 * limits, and time is the clock's, so tests and simulations are as strict as the wire and run the same way each time.
 */
import type { Infohash } from '../core/id.ts';
import type { Message, ReceivedMessage } from '../core/message.ts';
import { decodeMessage, encodeMessage } from '../core/message-codec.ts';
import { type Clock, monotonicClock } from '../time/clock.ts';
import { LoopbackPeer } from './loopback-peer.ts';
import { LoopbackSwarm } from './loopback-swarm.ts';

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

/** What stands for the trackers and the cables between nodes. */
export class LoopbackHub {
  readonly clock: Clock;
  readonly #latencyMs: (from: LoopbackSwarm, to: LoopbackSwarm) => number;
  readonly #wantedPeers: number;
  readonly #mostPeers: number;
  readonly #random: () => number;
  readonly #sent: LoopbackOptions['sent'];
  readonly #members = new Map<string, LoopbackSwarm>();
  readonly #written = new WeakMap<Message, Uint8Array>();
  readonly #read = new WeakMap<Uint8Array, ReceivedMessage>();
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

  /** From now on those that look for peers find them by themselves. */
  startTrackers(): void {
    this.#hasTrackers = true;
  }

  /** The node that has this peer id, if it runs. */
  find(id: string): LoopbackSwarm | undefined {
    return this.#members.get(id);
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
    this.#members.set(swarm.id, swarm);
  }

  leave(swarm: LoopbackSwarm): void {
    this.#members.delete(swarm.id);
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
    if (a === b || !a.isOnline || !b.isOnline || a.isBarred(b.id) || b.isBarred(a.id)) return false;
    return this.#cuts.size === 0 || !this.#cuts.has(pair(a, b));
  }

  /** Finds peers for a node that seeds a genesis, as trackers would. */
  introduce(swarm: LoopbackSwarm): void {
    if (!this.#hasTrackers || swarm.peerCount >= this.#wantedPeers) return;
    for (const infohash of swarm.genesisInfohashes) {
      const strangers = [...this.#members.values()].filter(
        (m) => m.peerCount < this.#mostPeers && m.isMeetingIn(infohash) && !swarm.isConnected(m.id) && this.canMeet(swarm, m),
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
    for (const fetcher of this.#members.values()) {
      if (!fetcher.isFetching(infohash)) continue;
      const seeder = this.#find((member) => member.seedOf(infohash) !== undefined && this.canMeet(fetcher, member));
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
    for (const fetcher of this.#members.values()) {
      if (!fetcher.isFetchingContent(infohash)) continue;
      const seeder = this.#find((member) => member.contentOf(infohash) !== undefined && this.canMeet(fetcher, member));
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
    return [...this.#members.values()].filter((member) => member !== swarm);
  }

  #find(isIt: (member: LoopbackSwarm) => boolean): LoopbackSwarm | undefined {
    for (const member of this.#members.values()) if (isIt(member)) return member;
    return undefined;
  }

  /** The bytes of a message: the same for all to whom it is sent, for messages do not change. @throws as {@link encodeMessage} */
  encode(message: Message): Uint8Array {
    const bytes = this.#written.get(message) ?? encodeMessage(message);
    this.#written.set(message, bytes);
    return bytes;
  }

  /** The message in `bytes`, read once for all who receive them. @throws as {@link decodeMessage} */
  decode(bytes: Uint8Array): ReceivedMessage | undefined {
    const message = this.#read.get(bytes) ?? decodeMessage(bytes);
    if (message !== undefined) this.#read.set(bytes, message);
    return message;
  }
}

const pair = (a: LoopbackSwarm, b: LoopbackSwarm) => [a.id, b.id].sort().join();
