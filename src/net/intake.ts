/** What a peer says, before anybody reads it: limits and budgets first, then the codec. */
import { isTtxError } from '../core/error.ts';
import { MAX_FILE_BYTES, MAX_MESSAGE_BYTES } from '../core/limit.ts';
import type { Message, ReceivedMessage } from '../core/message.ts';
import { decodeMessage } from '../core/message-codec.ts';
import type { Clock } from '../time/clock.ts';
import { TokenBucket } from '../time/token-bucket.ts';

/**
 * Bytes that a peer may send unasked: a burst that names about 300,000 transactions, as when a large network is first
 * compared, and a lasting rate far above gossip. What we asked for comes on top.
 */
export const UNASKED_BYTES = { perSecond: 524_288, burst: 16_777_216 } as const;
/** Messages that a peer may send unasked. The burst covers that first comparison in full inventories. */
export const UNASKED_MESSAGES = { perSecond: 50, burst: 1_000 } as const;

/** Points of 100 that a violation costs. Malformed: a bug may do it once. Over length: nothing honest does it. */
const POINTS = { malformed: 50, tooLong: 100, overBudget: 20 } as const;

interface IntakeOptions {
  readonly clock: Clock;
  /** Told of what costs a peer score. */
  readonly violation: (points: number, what: string) => void;
  /** @throws {TtxError} as {@link decodeMessage}, which it is if absent */
  readonly decode?: (bytes: Uint8Array) => ReceivedMessage | undefined;
}

/** One peer's, over however many connections. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #bytes: TokenBucket;
  readonly #messages: TokenBucket;

  constructor(options: IntakeOptions) {
    this.#options = options;
    const nowMs = options.clock.nowMs();
    this.#bytes = new TokenBucket(UNASKED_BYTES, nowMs);
    this.#messages = new TokenBucket(UNASKED_MESSAGES, nowMs);
  }

  /** This was said to the peer: what it asks for may come beyond the budget. */
  said(message: Message): void {
    const { bytes, messages } = answerTo(message);
    this.#bytes.grant(bytes);
    this.#messages.grant(messages);
  }

  /** @returns undefined for what nobody may read, or knows how to */
  take(bytes: Uint8Array): ReceivedMessage | undefined {
    const { clock, violation, decode = decodeMessage } = this.#options;
    if (bytes.length > MAX_MESSAGE_BYTES) {
      violation(POINTS.tooLong, 'message too long');
      return undefined;
    }
    const nowMs = clock.nowMs();
    if (!this.#bytes.take(bytes.length, nowMs) || !this.#messages.take(1, nowMs)) {
      violation(POINTS.overBudget, 'more messages than the budget');
      return undefined;
    }
    try {
      return decode(bytes);
    } catch (error) {
      if (!isTtxError(error, 'message', 'bencode')) throw error;
      violation(POINTS.malformed, error.message);
      return undefined;
    }
  }
}

/** The most that a message asks for: what comes in answer is free. */
function answerTo(message: Message): { readonly bytes: number; readonly messages: number } {
  switch (message.t) {
    case 'get':
      return { bytes: message.txids.length * MAX_FILE_BYTES, messages: message.txids.length };
    case 'spent':
      return { bytes: message.coins.length * MAX_FILE_BYTES, messages: message.coins.length };
    case 'list':
    case 'node':
      return { bytes: MAX_MESSAGE_BYTES, messages: 1 };
    default:
      return { bytes: 0, messages: 0 };
  }
}
