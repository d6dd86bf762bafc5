/** A peer that speaks `ttx`, over however many connections; the node sees one {@link Peer}. */
import type Wire from 'bittorrent-protocol';
import type { Infohash } from '../core/id.ts';
import type { Message, ReceivedMessage } from '../core/message.ts';
import type { Clock } from '../time/clock.ts';
import { Intake } from './intake.ts';
import type { Place } from './places.ts';
import { PAIRING } from './signaling.ts';
import type { FoundBy, Peer, TorrentRole } from './swarm.ts';
import type { TtxChannel } from './ttx-extension.ts';
import { backlogBytes } from './wire-guard.ts';

/** One BitTorrent connection: one peer in one swarm. */
export interface Connection {
  readonly infohash: Infohash;
  readonly role: TorrentRole;
  readonly peerId: string;
  /** Whether this side made the offer. */
  readonly initiator: boolean;
  /** The same on both sides. */
  readonly offerId: string;
  readonly openedAtMs: number;
  readonly wire: Wire;
  readonly ttx: TtxChannel;
  close(): void;
}

/** {@link Peer.drained} resolves below this: enough to keep a fast connection busy while the next message is made. */
const DRAINED_BYTES = 262_144;
/** With more than this waiting, the peer does not read, or the node does not wait for `drained`: it is let go. */
const MAX_WAITING_BYTES = 33_554_432;

/** It is noted at most this often that a peer was of use: long service counts, not a burst. */
const USEFUL_MS = 60_000;

/** What a peer needs of the table that it is in. */
export interface RemotePeerOptions {
  readonly id: string;
  /** See {@link Place}. */
  readonly source: string;
  readonly isIncoming: boolean;
  readonly clock: Clock;
  readonly onPenalty: (points: number, reason: string) => void;
}

/** See {@link Peer}. Lives from its first connection to its last. */
export class RemotePeer implements Peer, Place {
  readonly id: string;
  readonly source: string;
  readonly isIncoming: boolean;
  readonly sinceMs: number;
  readonly #clock: Clock;
  readonly #onPenalty: RemotePeerOptions['onPenalty'];
  /** One for all connections: who is in twenty swarms may say no more than others. */
  readonly #intake: Intake;
  readonly #connections = new Set<Connection>();
  #waiting: (() => void)[] = [];
  #usefulMinutes = 0;
  #usefulAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RemotePeerOptions) {
    this.id = options.id;
    this.source = options.source;
    this.isIncoming = options.isIncoming;
    this.#clock = options.clock;
    this.sinceMs = options.clock.nowMs();
    this.#onPenalty = options.onPenalty;
    this.#intake = new Intake({ clock: options.clock, violation: options.onPenalty });
  }

  get foundBy(): FoundBy {
    if (this.source === PAIRING) return 'pairing';
    return /^wss?:/.test(this.source) ? 'tracker' : 'introduction';
  }

  get usefulMinutes(): number {
    return this.#usefulMinutes;
  }

  /** Connections whose remote side proved to be this peer. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** A further connection to the same peer. */
  attach(connection: Connection): void {
    this.#connections.add(connection);
  }

  /** @returns whether that was the last one */
  detach(connection: Connection): boolean {
    this.#connections.delete(connection);
    this.wake();
    return this.#connections.size === 0;
  }

  /** What arrives. @returns undefined for what nobody may read, or knows how to */
  read(bytes: Uint8Array): ReceivedMessage | undefined {
    return this.#intake.take(bytes);
  }

  send(message: Message): void {
    const connection = this.#preferred();
    if (connection === undefined) return;
    this.#intake.said(message);
    connection.ttx.send(message);
    if (backlogBytes(connection.wire) > MAX_WAITING_BYTES) this.close('does not read');
  }

  drained(): Promise<void> {
    if (this.#isDrained()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Bytes left a connection, or one is gone: lets those go on who wait for {@link drained}. */
  wake(): void {
    if (this.#waiting.length === 0 || !this.#isDrained()) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  penalize(points: number, reason: string): void {
    this.#onPenalty(points, reason);
  }

  commend(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#usefulAtMs < USEFUL_MS) return;
    this.#usefulAtMs = nowMs;
    this.#usefulMinutes++;
  }

  close(_reason: string): void {
    for (const connection of [...this.#connections]) connection.close();
  }

  /** The genesis swarm's connection if there is one: it is the one that stays. */
  #preferred(): Connection | undefined {
    let best: Connection | undefined;
    for (const connection of this.#connections) {
      if (best === undefined || (best.role !== 'genesis' && connection.role === 'genesis')) best = connection;
    }
    return best;
  }

  #isDrained(): boolean {
    const connection = this.#preferred();
    return connection === undefined || backlogBytes(connection.wire) < DRAINED_BYTES;
  }
}

/**
 * Of two connections to one peer in one swarm, as happens when both sides offer at once, both sides keep the same: the one
 * that the greater peer id offered; of two offered by one side, the one with the smaller offer id.
 */
export function preferredOf(a: Connection, b: Connection, ownPeerId: string): Connection {
  const offerer = (c: Connection) => (c.initiator ? ownPeerId : c.peerId);
  if (offerer(a) !== offerer(b)) return offerer(a) > offerer(b) ? a : b;
  return a.offerId < b.offerId ? a : b;
}
