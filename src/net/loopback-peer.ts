/** A peer of a node on a {@link LoopbackHub}. */
import type { Message, ReceivedMessage } from '../core/message.ts';
import { Intake } from './intake.ts';
import type { LoopbackHub } from './loopback.ts';
import type { LoopbackSwarm } from './loopback-swarm.ts';
import type { Peer } from './swarm.ts';

/** {@link Peer.drained} waits while more than this is under way. */
const DRAINED_BYTES = 262_144;

/** `remote` as `local` sees it. */
export class LoopbackPeer implements Peer {
  readonly id: string;
  readonly foundBy = 'tracker';
  readonly remote: LoopbackSwarm;
  /** Whether the node was told of it. */
  isMet = false;
  readonly #hub: LoopbackHub;
  readonly #local: LoopbackSwarm;
  readonly #intake: Intake;
  #underWayBytes = 0;
  #ended = false;
  #waiting: (() => void)[] = [];

  constructor(hub: LoopbackHub, local: LoopbackSwarm, remote: LoopbackSwarm) {
    this.#hub = hub;
    this.#local = local;
    this.remote = remote;
    this.id = remote.id;
    this.#intake = new Intake({
      clock: hub.clock,
      violation: (points, what) => this.penalize(points, what),
      decode: (bytes) => hub.decode(bytes),
    });
  }

  /** What arrives. @returns undefined for what a node is not bothered with */
  read(bytes: Uint8Array): ReceivedMessage | undefined {
    return this.#intake.take(bytes);
  }

  send(message: Message): void {
    this.#intake.said(message);
    this.sendBytes(this.#hub.encode(message));
  }

  /** As it is with somebody who keeps to no codec. */
  sendBytes(bytes: Uint8Array): void {
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
