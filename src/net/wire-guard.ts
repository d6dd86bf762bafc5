/**
 * Bounds what a remote peer can do to us through bittorrent-protocol, which itself has no limit on the length of a message and
 * lets exceptions thrown while a message is handled escape into the stream. Works on one wire, by replacing two of its methods.
 */
import type Wire from 'bittorrent-protocol';
import { MAX_MESSAGE_BYTES } from '../core/limit.ts';
import type { Scheduler } from './scheduler.ts';
import { TokenBucket } from './token-bucket.ts';

/** Longest message on the wire: a `ttx` message and the two bytes in front of it. A block of a transaction is far below. */
export const MAX_WIRE_MESSAGE_BYTES = MAX_MESSAGE_BYTES + 2;
/** Messages of all kinds. Fetching a one-piece torrent takes about ten; the rest is `ttx`, which has its own budget. */
export const WIRE_MESSAGES = { perSecond: 200, burst: 2_000 } as const;
/**
 * Most bytes that may wait to be sent to a peer when it sends something. A request of 17 bytes is answered with 16 KiB, so a
 * peer that asks and does not read would fill our memory.
 */
export const MAX_BACKLOG_BYTES = 4_194_304;
/** Longest bencoded info dictionary of a transaction's torrent is 112 bytes; ut_metadata would allocate up to 10 MB for one. */
export const MAX_INFO_BYTES = 128;

/** Bytes that were given to the wire and not yet taken by the connection. */
export const backlogBytes = (wire: Wire): number => wire._readableState.buffered;

/**
 * Guards `wire`. Must be called before its first message, so in the torrent's `wire` event. After a violation the wire hears
 * nothing more; the callee closes it.
 */
export function guardWire(wire: Wire, scheduler: Scheduler, onViolation: (what: string) => void): void {
  const budget = new TokenBucket(WIRE_MESSAGES, scheduler.nowMs());
  const onMessage = wire._onMessage.bind(wire);
  const onMessageLength = wire._onMessageLength.bind(wire);
  let closed = false;

  const violate = (what: string) => {
    if (closed) return;
    closed = true;
    // Whatever follows is swallowed: the stream may deliver more before the close takes effect.
    wire._parse(Number.MAX_VALUE, () => {});
    wire._buffer = [];
    wire._bufferSize = 0;
    onViolation(what);
  };

  wire._onMessageLength = (buffer) => {
    if (closed) return;
    const length = new DataView(buffer.buffer, buffer.byteOffset, 4).getUint32(0);
    if (length > MAX_WIRE_MESSAGE_BYTES) violate('message too long');
    else onMessageLength(buffer);
  };

  wire._onMessage = (buffer) => {
    if (closed) return;
    if (!budget.take(1, scheduler.nowMs())) violate('too many messages');
    else if (backlogBytes(wire) > MAX_BACKLOG_BYTES) violate('asks without reading');
    else {
      try {
        onMessage(buffer);
      } catch (error) {
        violate(`message that cannot be handled: ${String(error)}`);
      }
    }
  };
}

/** Makes ut_metadata refuse, before it allocates, metadata that cannot be a transaction's. Call it in the `wire` event too. */
export function guardMetadata(wire: Wire, onViolation: (what: string) => void): void {
  const extension = wire.ut_metadata;
  if (extension === undefined) return;
  const onExtendedHandshake = extension.onExtendedHandshake.bind(extension);
  extension.onExtendedHandshake = (handshake) => {
    const size: unknown = handshake.metadata_size;
    if (typeof size === 'number' && size > MAX_INFO_BYTES) onViolation('metadata too long');
    else onExtendedHandshake(handshake);
  };
}
