/** Connects two devices by an offer and an answer that two people hand each other, as QR codes or text: without a tracker. */
import { sha256 } from '@noble/hashes/sha2.js';
import { TtxError } from '../core/error.ts';
import { type Infohash, type Locator, locator, txidFromBytes } from '../core/id.ts';
import { decodePairing, encodePairing, nameOffer, type Transport } from '../core/pairing.ts';
import type { Clock } from '../time/clock.ts';
import { PAIRING, PAIRING_LIFETIME_MS, type Signaling } from './signaling.ts';
import type { Pairable, SeededFile } from './swarm.ts';

/** A browser describes itself within seconds: it waits that long for its candidates. */
const DESCRIBE_TIMEOUT_MS = 30_000;
/** Once both sides know each other's code, a connection is there within seconds or not at all. */
const CONNECT_TIMEOUT_MS = 30_000;

/** What it needs of the swarm. */
export interface PairerOptions {
  /** Own peer id. */
  readonly peerId: string;
  readonly signaling: Pick<Signaling<never>, 'offer' | 'takeOffer' | 'takeAnswer' | 'abandon'>;
  readonly clock: Clock;
  /** The genesis, in whose swarm nodes meet; undefined while there is none. */
  readonly genesis: () => SeededFile | undefined;
  /** Whether there is a place for a peer that we find. */
  readonly hasPlace: () => boolean;
}

/** An offer that somebody may answer. */
interface Offered {
  readonly infohash: Infohash;
  readonly offerId: string;
  readonly code: string;
}

/** One pairing at a time: a new one ends the one before. */
export class Pairer implements Pairable {
  readonly #options: PairerOptions;
  #offered: Offered | undefined;
  /** Ends what is waited for. */
  #reject: (reason: TtxError) => void = () => {};
  #awaited: { readonly peerId: string; readonly resolve: () => void } | undefined;
  /** How the connection to the peer whose offer was answered comes about. */
  #connected: Promise<void> | undefined;

  constructor(options: PairerOptions) {
    this.#options = options;
  }

  async startPairing(): Promise<string> {
    const { peerId, signaling, hasPlace } = this.#options;
    this.cancelPairing();
    const { infohash, network, genesis } = this.#meetingPlace();
    // Better now than when two people have handed codes to and fro.
    if (!hasPlace()) throw new TtxError('timeout', { what: 'room' });
    return this.#wait(DESCRIBE_TIMEOUT_MS, 'offer', (resolve, reject) => {
      const isMade = signaling.offer({
        infohash,
        source: PAIRING,
        lifetimeMs: PAIRING_LIFETIME_MS,
        described: (offer) => {
          if (offer === undefined) return reject(new TtxError('timeout', { what: 'offer' }));
          const code = encodePairing({ kind: 'offer', network, genesis, peerId, transport: offer.transport });
          this.#offered = { infohash, offerId: offer.offerId, code };
          resolve(code);
        },
      });
      if (!isMade) reject(new TtxError('timeout', { what: 'room' }));
    });
  }

  async answerPairing(code: string): Promise<string> {
    const { peerId, signaling } = this.#options;
    const offer = decodePairing(code);
    const { infohash, network } = this.#meetingPlace();
    if (offer.kind !== 'offer' || offer.peerId === peerId) throw new TtxError('pairing', { what: 'no offer of another' });
    if (offer.network !== network) throw new TtxError('pairing', { what: 'network', network: offer.network });
    this.cancelPairing();
    const named = nameOffer(code);
    return this.#wait(DESCRIBE_TIMEOUT_MS, 'answer', (resolve, reject) => {
      const told = { infohash, source: PAIRING, peerId: offer.peerId, offerId: named.padEnd(40, '0'), transport: offer.transport };
      let ended = () => reject(new TtxError('timeout', { what: 'answer' }));
      const answered = (_: unknown, transport: Transport) => {
        const connected = this.#connect(offer.peerId, PAIRING_LIFETIME_MS, 'lifetime', (fail) => {
          ended = fail;
        });
        // Nobody may ask.
        connected.catch(() => undefined);
        this.#connected = connected;
        resolve(encodePairing({ kind: 'answer', offer: named, peerId, transport }));
      };
      if (!signaling.takeOffer(told, answered, () => ended())) reject(new TtxError('timeout', { what: 'room' }));
    });
  }

  async awaitPairing(): Promise<void> {
    if (this.#connected === undefined) throw new TtxError('cancelled');
    return this.#connected;
  }

  async finishPairing(code: string): Promise<void> {
    const { signaling } = this.#options;
    const answer = decodePairing(code);
    const offered = this.#offered;
    if (answer.kind !== 'answer' || offered === undefined || answer.offer !== nameOffer(offered.code))
      throw new TtxError('pairing', { what: 'no answer to this offer' });
    const { infohash, offerId } = offered;
    const { peerId } = answer;
    this.#offered = undefined;
    await this.#connect(peerId, CONNECT_TIMEOUT_MS, 'connection', (fail) => {
      const outcome = signaling.takeAnswer({ infohash, source: PAIRING, peerId, offerId, transport: answer.transport }, fail);
      if (outcome === 'unknown-offer') this.#reject(new TtxError('pairing', { what: 'offer ended' }));
      if (outcome === 'unwelcome') this.#reject(new TtxError('timeout', { what: 'room' }));
    });
  }

  cancelPairing(): void {
    this.#offered = undefined;
    this.#awaited = undefined;
    this.#connected = undefined;
    this.#reject(new TtxError('cancelled'));
    this.#options.signaling.abandon(PAIRING);
  }

  /** A peer has proved who it is. */
  met(peerId: string): void {
    if (this.#awaited?.peerId === peerId) this.#awaited.resolve();
  }

  /** Until a peer has proved who it is. `begin` is given what to call when the connection fails. */
  #connect(peerId: string, timeoutMs: number, late: string, begin: (fail: () => void) => void): Promise<void> {
    return this.#wait<void>(timeoutMs, late, (resolve, reject) => {
      this.#awaited = { peerId, resolve };
      begin(() => reject(new TtxError('timeout', { what: 'connection' })));
    });
  }

  /** What takes too long is given up. `late`: what it is then called. */
  #wait<T>(timeoutMs: number, late: string, begin: (resolve: (value: T) => void, reject: (reason: TtxError) => void) => void): Promise<T> {
    const { clock, signaling } = this.#options;
    let cancelTimeout = () => {};
    const waiting = new Promise<T>((resolve, reject) => {
      cancelTimeout = clock.after(timeoutMs, () => {
        reject(new TtxError('timeout', { what: late }));
        signaling.abandon(PAIRING);
      });
      this.#reject = reject;
      begin(resolve, reject);
    });
    return waiting.finally(() => cancelTimeout());
  }

  #meetingPlace(): { readonly infohash: Infohash; readonly network: Locator; readonly genesis: Uint8Array } {
    const genesis = this.#options.genesis();
    if (genesis === undefined) throw new TtxError('no-network');
    const { infohash, bytes } = genesis;
    return { infohash, network: locator(infohash, txidFromBytes(sha256(bytes))), genesis: bytes };
  }
}
