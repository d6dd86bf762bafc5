/**
 * The BEP 10 extension `ttx` on one wire: bytes to messages and back, with every limit applied before anything is parsed.
 * See docs/protocol.md, The wire.
 */
import type Wire from 'bittorrent-protocol';
import type { Extension, ExtensionConstructor } from 'bittorrent-protocol';
import { isTtxError } from '../core/error.ts';
import { MAX_FILE_BYTES, MAX_MESSAGE_BYTES } from '../core/limit.ts';
import type { Message } from '../core/message.ts';
import { decodeMessage, encodeMessage } from '../core/message-codec.ts';
import type { Scheduler } from './scheduler.ts';
import { TokenBucket } from './token-bucket.ts';

/** Name in the extended handshake. */
export const TTX = 'ttx';

/**
 * Bytes that a peer may send unasked: a burst that names about 300,000 transactions, as when a large network is first
 * compared, and a lasting rate far above gossip. What we asked for comes on top.
 */
export const UNASKED_BYTES = { perSecond: 524_288, burst: 16_777_216 } as const;
/** Messages that a peer may send unasked. The burst covers that first comparison in full inventories. */
export const UNASKED_MESSAGES = { perSecond: 50, burst: 1_000 } as const;

/** Points of 100 that a violation costs. Malformed: a bug may do it once. Over length: nothing honest does it. */
const POINTS = { malformed: 50, tooLong: 100, overBudget: 20 } as const;

/** What the extension tells its owner. Handlers must not throw, but are guarded all the same. */
export interface TtxHandlers {
  /** The remote side offers `ttx` too; from now on messages can be sent. */
  ready(): void;
  message(message: Message): void;
  violation(points: number, what: string): void;
}

/** One wire's end of the extension. */
export interface TtxChannel {
  /** Whether the remote side offered `ttx`. */
  readonly isReady: boolean;
  /** Sends, or drops the message if the wire is closing. @throws {TtxError} `message` for one over the limits: our own mistake */
  send(message: Message): void;
}

const isExtensionNumber = (number: unknown): number is number => Number.isInteger(number) && Number(number) >= 1 && Number(number) <= 255;

/** Offers `ttx` on `wire`. Must be called before the extended handshake is sent, so in the torrent's `wire` event. */
export function offerTtx(wire: Wire, scheduler: Scheduler, handlers: TtxHandlers): TtxChannel {
  const bytesBudget = new TokenBucket(UNASKED_BYTES, scheduler.nowMs());
  const messageBudget = new TokenBucket(UNASKED_MESSAGES, scheduler.nowMs());
  let isReady = false;

  /** Nothing may escape into bittorrent-protocol: it would surface as an uncaught error of the whole worker. */
  const guarded = (run: () => void) => {
    try {
      run();
    } catch (error) {
      console.error('ttx handler failed', error);
    }
  };

  const receive = (bytes: Uint8Array) => {
    if (bytes.length > MAX_MESSAGE_BYTES) {
      handlers.violation(POINTS.tooLong, 'message too long');
      return;
    }
    const nowMs = scheduler.nowMs();
    if (!bytesBudget.take(bytes.length, nowMs) || !messageBudget.take(1, nowMs)) {
      handlers.violation(POINTS.overBudget, 'more messages than the budget');
      return;
    }
    let message: Message | undefined;
    try {
      message = decodeMessage(bytes);
    } catch (error) {
      if (!isTtxError(error, 'message', 'bencode')) throw error;
      handlers.violation(POINTS.malformed, error.message);
      return;
    }
    if (message !== undefined) handlers.message(message);
  };

  class Ttx implements Extension {
    onExtendedHandshake(): void {
      // Called again for each extended handshake, and a peer may send many.
      if (isReady) return;
      isReady = true;
      guarded(() => handlers.ready());
    }
    onMessage(bytes: Uint8Array): void {
      guarded(() => receive(bytes));
    }
  }
  Object.defineProperty(Ttx.prototype, 'name', { value: TTX });
  wire.use(Ttx as ExtensionConstructor);

  return {
    get isReady() {
      return isReady;
    },
    send(message) {
      const bytes = encodeMessage(message);
      if (message.t === 'get') {
        bytesBudget.grant(message.txids.length * MAX_FILE_BYTES);
        messageBudget.grant(message.txids.length);
      }
      // The remote side's number for `ttx`. It may change it, to nonsense too: then it hears nothing, and nothing is thrown here.
      const number = wire.peerExtendedMapping[TTX];
      if (isReady && !wire.destroyed && !wire.destroying && isExtensionNumber(number)) wire.extended(number, bytes);
    },
  };
}
