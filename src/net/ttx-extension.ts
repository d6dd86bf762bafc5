/**
 * The BEP 10 extension `ttx` on one wire: who is there, and bytes in both directions.
 * See docs/protocol.md, The wire.
 */
import type Wire from 'bittorrent-protocol';
import type { Extension, ExtensionConstructor } from 'bittorrent-protocol';
import type { Message } from '../core/message.ts';
import { encodeMessage } from '../core/message-codec.ts';

/** Name in the extended handshake. */
export const TTX = 'ttx';

/** What the extension tells its owner. Handlers must not throw, but are guarded all the same. */
export interface TtxHandlers {
  /** The remote side offers `ttx` too and has proved who it is; from now on messages can be sent. */
  ready(): void;
  /** It offers `ttx`, but is not who it says it is. */
  impostor(): void;
  /** It says something, which may be anything. */
  said(bytes: Uint8Array): void;
}

/** Who is at the two ends, and how to tell. */
export interface TtxProofs {
  /** Shows the remote side who we are. */
  readonly own: Uint8Array;
  /** Whether what the remote side shows, which may be anything, proves who it is. */
  readonly check: (proof: unknown) => boolean;
}

/** One wire's end of the extension. */
export interface TtxChannel {
  /** Whether the remote side offered `ttx` and proved who it is. */
  readonly isReady: boolean;
  /** Sends, or drops the message if the wire is closing. @throws {TtxError} `message` for one over the limits: our own mistake */
  send(message: Message): void;
}

const isExtensionNumber = (number: unknown): number is number => Number.isInteger(number) && Number(number) >= 1 && Number(number) <= 255;

/** Offers `ttx` on `wire`, with a proof of who we are. Must be called before the extended handshake is sent, so in the torrent's `wire` event. */
export function offerTtx(wire: Wire, proofs: TtxProofs, handlers: TtxHandlers): TtxChannel {
  let isReady = false;
  let isImpostor = false;
  wire.extendedHandshake[TTX] = proofs.own;

  /** Nothing may escape into bittorrent-protocol: it would surface as an uncaught error of the whole worker. */
  const guarded = (run: () => void) => {
    try {
      run();
    } catch (error) {
      console.error('ttx handler failed', error);
    }
  };

  class Ttx implements Extension {
    onExtendedHandshake(handshake: Readonly<Record<string, unknown>>): void {
      // Called again for each extended handshake, and a peer may send many: what counts is the first that offers `ttx`.
      if (isReady || isImpostor) return;
      guarded(() => {
        isReady = proofs.check(handshake[TTX]);
        isImpostor = !isReady;
        if (isReady) handlers.ready();
        else handlers.impostor();
      });
    }
    onMessage(bytes: Uint8Array): void {
      if (isReady) guarded(() => handlers.said(bytes));
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
      // The remote side's number for `ttx`. It may change it, to nonsense too: then it hears nothing, and nothing is thrown here.
      const number = wire.peerExtendedMapping[TTX];
      if (isReady && !wire.destroyed && !wire.destroying && isExtensionNumber(number)) wire.extended(number, bytes);
    },
  };
}
