/**
 * Nodes that do everything right but where a coin was spent twice. They are real nodes between whose mouth and whose wire somebody sits.
 */

import type { TxId } from '../core/id.ts';
import type { Held, Message } from '../core/message.ts';
import { decodeTransaction, type TransactionFile } from '../core/transaction.ts';
import type { Peer, Swarm } from '../net/swarm.ts';

/**
 * - `silent`: says and passes on nothing of it
 * - `lying`: says that it holds the latest rival, to everybody
 * - `balancing`: tells each peer that it holds what that peer does not
 */
export type Hostility = 'silent' | 'lying' | 'balancing';

/** A double spend, as those know it who are behind it. */
export interface Plot {
  /** In order of release. */
  readonly sides: readonly TransactionFile[];
  /** Those that have been released. */
  released: number;
}

/** All double spends that are under way. */
export class Plots {
  readonly #bySide = new Map<TxId, Plot>();

  add(plot: Plot): void {
    for (const { txid } of plot.sides) this.#bySide.set(txid, plot);
  }

  /** The one that a file is a side of. */
  ofFile(bytes: Uint8Array): Plot | undefined {
    return this.of(decodeTransaction(bytes).txid);
  }

  /** The double spend that a transaction is part of. */
  of(txid: TxId): Plot | undefined {
    return this.#bySide.get(txid);
  }
}

const heldOf = ({ infohash, txid }: TransactionFile): Held => ({ infohash, txid });

/** The mouth of one hostile node. */
export class TwoFaced {
  readonly #kind: Hostility;
  readonly #plots: Plots;
  readonly #peers = new Map<string, { readonly peer: Peer; readonly wrapped: Peer; readonly sides: Map<Plot, TxId> }>();

  constructor(kind: Hostility, plots: Plots) {
    this.#kind = kind;
    this.#plots = plots;
  }

  /** The swarm as its node gets it. */
  wrap(swarm: Swarm): Swarm {
    const start: Swarm['start'] = (events) =>
      swarm.start({
        ...events,
        peer: (peer) => {
          const wrapped = this.#wrapPeer(peer);
          this.#peers.set(peer.id, { peer, wrapped, sides: new Map() });
          events.peer(wrapped);
        },
        message: (peer, message) => {
          const known = this.#peers.get(peer.id);
          if (known === undefined) return;
          if (message.t === 'inv') for (const { txid } of message.held) this.#note(known.sides, txid);
          events.message(known.wrapped, message);
        },
        gone: (peer) => {
          const known = this.#peers.get(peer.id);
          this.#peers.delete(peer.id);
          if (known !== undefined) events.gone(known.wrapped);
        },
      });
    return new Proxy(swarm, {
      get(target, key) {
        if (key === 'start') return start;
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** Tells its lie to everybody, unasked. */
  lie(plot: Plot): void {
    if (this.#kind === 'silent' || plot.released < 2) return;
    for (const known of this.#peers.values()) {
      const side = this.#claim(plot, known.sides);
      if (side !== undefined) known.peer.send({ t: 'inv', held: [heldOf(side)] });
    }
  }

  #note(sides: Map<Plot, TxId>, txid: TxId): void {
    const plot = this.#plots.of(txid);
    if (plot !== undefined) sides.set(plot, txid);
  }

  /** What it says that it holds; undefined: nothing. */
  #claim(plot: Plot, sides: ReadonlyMap<Plot, TxId>): TransactionFile | undefined {
    if (this.#kind === 'silent') return undefined;
    const known = plot.sides.slice(0, plot.released);
    if (this.#kind === 'lying') return known.at(-1);
    return known.find(({ txid }) => txid !== sides.get(plot));
  }

  #wrapPeer(peer: Peer): Peer {
    const speak = (message: Message) => this.#speak(peer, message);
    return {
      id: peer.id,
      foundBy: peer.foundBy,
      send: (message) => {
        const said = speak(message);
        if (said !== undefined) peer.send(said);
      },
      drained: () => peer.drained(),
      penalize: (points, reason) => peer.penalize(points, reason),
      commend: () => peer.commend(),
      close: (reason) => peer.close(reason),
    };
  }

  #speak({ id }: Peer, message: Message): Message | undefined {
    const sides = this.#peers.get(id)?.sides ?? new Map<Plot, TxId>();
    switch (message.t) {
      case 'dsp':
      case 'vote':
        return undefined;
      case 'inv': {
        // Until there is a rival they behave, but for the silent.
        const held = message.held.flatMap((one) => {
          const plot = this.#plots.of(one.txid);
          if (plot === undefined || (plot.released < 2 && this.#kind !== 'silent')) return [one];
          const claimed = this.#claim(plot, sides);
          return claimed === undefined ? [] : [heldOf(claimed)];
        });
        return held.length === 0 && message.from === undefined ? undefined : { ...message, held };
      }
      case 'spender':
        return {
          t: 'spender',
          spenders: message.spenders.map((answer) => {
            if (answer.kind !== 'spent') return answer;
            const plot = this.#plots.ofFile(answer.file);
            if (plot === undefined || (plot.released < 2 && this.#kind !== 'silent')) return answer;
            const claimed = this.#claim(plot, sides);
            if (claimed === undefined) return { kind: 'unknown', coin: answer.coin };
            return { ...answer, file: claimed.bytes, settled: true };
          }),
        };
      default:
        return message;
    }
  }
}
