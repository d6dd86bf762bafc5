/**
 * Bounds what a remote peer can do to us through bittorrent-protocol, which itself has no limit on the length of a message and
 * lets exceptions thrown while a message is handled escape into the stream. Works on one wire, by replacing two of its methods.
 */
import type Wire from 'bittorrent-protocol';
import { MAX_MESSAGE_BYTES } from '../core/limit.ts';
import type { Clock } from '../time/clock.ts';
import { TokenBucket } from '../time/token-bucket.ts';

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

/** Longest extended handshake (BEP 10): names of a dozen extensions and a few numbers. What it names is kept for good. */
export const MAX_HANDSHAKE_BYTES = 8_192;
/** Most extended handshakes on one wire. One is usual; a client that turns extensions on and off sends a few. */
export const MAX_HANDSHAKES = 8;
/** Number of the extended handshake among extension messages, behind the message's type. */
const EXTENDED = { type: 20, handshake: 0 } as const;

/** Bytes that were given to the wire and not yet taken by the connection. */
export const backlogBytes = (wire: Wire): number => wire._readableState.buffered;

/**
 * Calls `listener` while bytes given to `wire` leave it: after each time the connection had enough and wants more. Bytes that
 * it takes at once make no call, and are no backlog. Must be called once the wire is connected.
 */
export function onDrain(wire: Wire, listener: () => void): void {
  wire._readableState.pipeTo?.on('drain', listener);
}

/**
 * Guards `wire`. Must be called before its first message, so in the torrent's `wire` event. After a violation the wire hears
 * nothing more; the callee closes it.
 * @param maxBacklogBytes see {@link MAX_BACKLOG_BYTES}; of an attached file a fast peer asks for all blocks at once
 */
export function guardWire(wire: Wire, clock: Clock, onViolation: (what: string) => void, maxBacklogBytes = MAX_BACKLOG_BYTES): void {
  const budget = new TokenBucket(WIRE_MESSAGES, clock.nowMs());
  const onMessage = wire._onMessage.bind(wire);
  const onMessageLength = wire._onMessageLength.bind(wire);
  const write = wire._write.bind(wire);
  let closed = false;
  let handshakes = 0;
  let fragments = new Uint8Array(0);
  let fragmentsBytes = 0;

  const violate = (what: string) => {
    if (closed) return;
    closed = true;
    // Whatever follows is swallowed: the stream may deliver more before the close takes effect.
    wire._parse(Number.MAX_VALUE, () => {});
    wire._buffer = [];
    wire._bufferSize = 0;
    fragments = new Uint8Array(0);
    fragmentsBytes = 0;
    onViolation(what);
  };

  // bittorrent-protocol joins all it has with each piece that arrives: a long message in pieces of one byte would cost the
  // square of its length.
  wire._write = (piece, done) => {
    if (closed) return done(null);
    const missing = wire._parserSize - wire._bufferSize;
    if (fragmentsBytes + piece.length < missing) {
      fragments = appended(fragments, fragmentsBytes, piece);
      fragmentsBytes += piece.length;
      return done(null);
    }
    if (fragmentsBytes === 0) return write(piece, done);
    const whole = appended(fragments, fragmentsBytes, piece).subarray(0, fragmentsBytes + piece.length);
    fragments = new Uint8Array(0);
    fragmentsBytes = 0;
    write(whole, done);
  };

  wire._onMessageLength = (buffer) => {
    if (closed) return;
    const length = new DataView(buffer.buffer, buffer.byteOffset, 4).getUint32(0);
    if (length > MAX_WIRE_MESSAGE_BYTES) violate('message too long');
    else onMessageLength(buffer);
  };

  wire._onMessage = (buffer) => {
    if (closed) return;
    if (!budget.take(1, clock.nowMs())) violate('too many messages');
    else if (backlogBytes(wire) > maxBacklogBytes) violate('asks without reading');
    else if (isHandshake(buffer) && (buffer.length > MAX_HANDSHAKE_BYTES || ++handshakes > MAX_HANDSHAKES))
      violate('extended handshakes without end');
    else {
      try {
        onMessage(buffer);
      } catch (error) {
        violate(`message that cannot be handled: ${String(error)}`);
      }
    }
  };
}

const isHandshake = (message: Uint8Array) => message[0] === EXTENDED.type && message[1] === EXTENDED.handshake;

/** `bytes` behind the first `used` bytes of `target`, in place while they fit; else in a larger copy, so that a byte is copied a few times at most. */
function appended(target: Uint8Array<ArrayBuffer>, used: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let room = target;
  if (used + bytes.length > target.length) {
    room = new Uint8Array(Math.max(1_024, 2 * (used + bytes.length)));
    room.set(target.subarray(0, used));
  }
  room.set(bytes, used);
  return room;
}

/**
 * Makes ut_metadata refuse, before it allocates, metadata that cannot be the torrent's. Call it in the `wire` event too.
 * @param onSize the peer says how long the metadata is; `fits`: it may be so long. Anybody can say anything.
 * @param exactBytes the length, where it is known; else a transaction's may be as long as {@link MAX_INFO_BYTES}
 */
export function guardMetadata(wire: Wire, onSize: (fits: boolean) => void, exactBytes?: number): void {
  const extension = wire.ut_metadata;
  if (extension === undefined) return;
  const onExtendedHandshake = extension.onExtendedHandshake.bind(extension);
  extension.onExtendedHandshake = (handshake) => {
    const size: unknown = handshake.metadata_size;
    const isWrong = (bytes: number) => (exactBytes === undefined ? bytes > MAX_INFO_BYTES : bytes > 0 && bytes !== exactBytes);
    const fits = typeof size !== 'number' || !isWrong(size);
    if (fits) onExtendedHandshake(handshake);
    // Without metadata of its own, a peer says 0 or nothing.
    if (typeof size === 'number' && size > 0) onSize(fits);
  };
}
