/**
 * The peers of one network: greets them, checks who they are, passes what they say on to the topics, and finds out who has gone
 * silent. Knows no subject itself.
 */
import type { TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { type Hello, PROTOCOL, type ReceivedMessage, type StateSummary } from '../../core/message.ts';
import type { FoundBy, Peer } from '../../net/swarm.ts';
import type { Clock } from '../../time/clock.ts';
import type { Topic } from './topic.ts';

/** A peer that is probed answers within this or is gone: a busy one takes a few seconds. */
const PROBE_TIMEOUT_MS = 10_000;
/** Who does not belong here is let go after this long: until then our hello reaches it and says why. */
const FAREWELL_MS = 1_000;
/** Peers with a newer protocol that are counted. More say nothing that these do not. */
const MAX_NEWER = 64;

/** Points of 100 that a misdeed costs. */
const PENALTY = { beforeHello: 20 } as const;
/** Modules of transactions that this node makes something of. */
const MODULES: readonly string[] = ['attachment', 'comment', 'network'];

interface PeerRecord {
  readonly peer: Peer;
  readonly connectedAtMs: number;
  hello: Hello | undefined;
  /** Of another network or protocol: nothing more that it says counts. */
  isParting: boolean;
  /** Asked whether it is still there, and silent since. */
  isProbed: boolean;
}

interface ExchangeOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Software name and version told to peers. */
  readonly software: string;
  /** Whether this node has the files of everything it accepted. */
  readonly mode: () => Hello['mode'];
  /** The state told to a new peer. */
  readonly summary: () => StateSummary;
  /** Told in this order. */
  readonly topics: readonly Topic[];
  /** Asks a peer for something that every node has, so that whoever is there answers. */
  readonly ask: (peer: Peer) => void;
  readonly changed: () => void;
}

/** What a screen may know about a peer. */
export interface PeerFacts {
  readonly id: string;
  readonly software: string;
  readonly ready: boolean;
  readonly transactions: number;
  readonly connectedAtMs: number;
  readonly foundBy: FoundBy;
  /** What it says of itself; undefined until it greets. */
  readonly mode: Hello['mode'] | undefined;
}

/** All conversations of one network. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #peers = new Map<string, PeerRecord>();
  readonly #newer = new Set<string>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  get readyPeers(): number {
    return [...this.#peers.values()].filter((record) => record.hello !== undefined).length;
  }

  /** Peers of this network met so far that speak a newer protocol. Anybody can claim to: a few prove nothing. */
  get newerPeers(): number {
    return this.#newer.size;
  }

  peers(): readonly PeerFacts[] {
    return [...this.#peers.values()].map(({ peer, hello, connectedAtMs }) => ({
      id: peer.id,
      software: hello?.software ?? '',
      ready: hello !== undefined,
      transactions: hello?.summary.transactions ?? 0,
      connectedAtMs,
      foundBy: peer.foundBy,
      mode: hello?.mode,
    }));
  }

  /** A peer has connected: greets it. */
  join(peer: Peer): void {
    const { clock, changed } = this.#options;
    this.#peers.set(peer.id, { peer, connectedAtMs: clock.nowMs(), hello: undefined, isParting: false, isProbed: false });
    this.#greet(peer);
    changed();
  }

  /** Greets everybody again: what the hello said of this node is not true any more. */
  greetAgain(): void {
    for (const { peer, isParting } of this.#peers.values()) if (!isParting) this.#greet(peer);
  }

  #greet(peer: Peer): void {
    const { ledger, software, summary, mode } = this.#options;
    peer.send({
      t: 'hello',
      software,
      protocol: PROTOCOL,
      genesis: ledger.network.id,
      mode: mode(),
      modules: MODULES,
      summary: summary(),
    });
  }

  leave(peer: Peer): void {
    const record = this.#peers.get(peer.id);
    if (record?.peer !== peer) return;
    this.#peers.delete(peer.id);
    if (record.hello !== undefined) for (const topic of this.#options.topics) topic.left(peer);
    this.#options.changed();
  }

  receive(peer: Peer, message: ReceivedMessage): void {
    const record = this.#peers.get(peer.id);
    if (record?.peer !== peer || record.isParting) return;
    record.isProbed = false;
    if (message.t === 'newer-hello') return this.#outdatedBy(record, message.genesis);
    if (message.t === 'hello') return this.#greeted(record, message);
    if (record.hello === undefined) return peer.penalize(PENALTY.beforeHello, 'spoke before hello');
    if (message.t === 'state') record.hello = { ...record.hello, summary: message.summary };
    for (const topic of this.#options.topics) topic.receive(peer, message);
  }

  /**
   * Asks every peer for what every node has: who does not answer in time is disconnected, so that another connection can take its
   * place. WebRTC notices a dead peer after half a minute, and a frozen one never.
   */
  probe(): void {
    const { clock, ask } = this.#options;
    for (const record of this.#peers.values()) {
      if (record.hello === undefined || record.isProbed) continue;
      record.isProbed = true;
      ask(record.peer);
      clock.after(PROBE_TIMEOUT_MS, () => {
        if (record.isProbed && this.#peers.get(record.peer.id) === record) record.peer.close('does not answer');
      });
    }
  }

  #greeted(record: PeerRecord, hello: Hello): void {
    const { ledger, topics, changed } = this.#options;
    if (hello.genesis !== ledger.network.id) return this.#part(record, 'another network');
    const first = record.hello === undefined;
    record.hello = hello;
    for (const topic of topics) {
      if (first) topic.joined(record.peer, hello);
      else topic.receive(record.peer, hello);
    }
    changed();
  }
  #outdatedBy(record: PeerRecord, genesis: TxId): void {
    if (genesis === this.#options.ledger.network.id && this.#newer.size < MAX_NEWER) this.#newer.add(record.peer.id);
    this.#part(record, 'a newer protocol');
    this.#options.changed();
  }

  #part(record: PeerRecord, reason: string): void {
    record.isParting = true;
    this.#options.clock.after(FAREWELL_MS, () => record.peer.close(reason));
  }
}
