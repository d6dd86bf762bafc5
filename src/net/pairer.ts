/** Connects two devices without any server: an offer and an answer that two people hand each other, as QR codes or text. */
import { sha256 } from '@noble/hashes/sha2.js';
import { TtxError } from '../core/error.ts';
import { type Infohash, type Locator, locator, txidFromBytes } from '../core/id.ts';
import { decodePairing, encodePairing, nameOffer, type Transport } from '../core/pairing.ts';
import { parseDescription, writeDescription } from '../core/session-description.ts';
import type { Clock } from '../time/clock.ts';
import type { Description } from './description.ts';
import { PAIRING, PAIRING_LIFETIME_MS, type Signaling } from './signaling.ts';
import type { Pairable, SeededFile } from './swarm.ts';

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
}

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
    const { peerId, signaling } = this.#options;
    this.cancelPairing();
    const { infohash, network, genesis } = this.#meetingPlace();
    return this.#wait((resolve, reject) => {
      const isMade = signaling.offer({
        infohash,
        source: PAIRING,
        lifetimeMs: PAIRING_LIFETIME_MS,
        described: (offer) => {
          const transport = offer && parseDescription(offer.description.sdp);
          if (transport === undefined) return reject(new TtxError('timeout', { what: 'offer' }));
          const code = encodePairing({ kind: 'offer', network, genesis, peerId, transport });
          this.#offered = { infohash, offerId: offer?.offerId ?? '', code };
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
    return this.#wait((resolve, reject) => {
      const told = { infohash, source: PAIRING, peerId: offer.peerId, offerId: named.padEnd(40, '0') };
      let ended = () => reject(new TtxError('timeout', { what: 'answer' }));
      const answered = ({ sdp }: Description) => {
        const transport = parseDescription(sdp);
        if (transport === undefined) return ended();
        const connected = this.#connect(offer.peerId, PAIRING_LIFETIME_MS, 'lifetime', (fail) => {
          ended = fail;
        });
        // Nobody may ask.
        connected.catch(() => undefined);
        this.#connected = connected;
        resolve(encodePairing({ kind: 'answer', offer: named, peerId, transport }));
      };
      const isTaken = signaling.takeOffer({ ...told, description: describe('offer', offer.transport) }, answered, () => ended());
      if (!isTaken) reject(new TtxError('timeout', { what: 'room' }));
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
      const told = { infohash, source: PAIRING, peerId, offerId, description: describe('answer', answer.transport) };
      if (!signaling.takeAnswer(told, fail)) this.#reject(new TtxError('pairing', { what: 'offer ended' }));
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
    return this.#wait<void>((resolve, reject) => {
      const cancel = this.#options.clock.after(timeoutMs, () => reject(new TtxError('timeout', { what: late })));
      this.#awaited = {
        peerId,
        resolve: () => {
          cancel();
          resolve();
        },
      };
      begin(() => {
        cancel();
        reject(new TtxError('timeout', { what: 'connection' }));
      });
    });
  }

  #wait<T>(begin: (resolve: (value: T) => void, reject: (reason: TtxError) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      begin(resolve, reject);
    });
  }

  #meetingPlace(): { readonly infohash: Infohash; readonly network: Locator; readonly genesis: Uint8Array } {
    const genesis = this.#options.genesis();
    if (genesis === undefined) throw new TtxError('no-network');
    const { infohash, bytes } = genesis;
    return { infohash, network: locator(infohash, txidFromBytes(sha256(bytes))), genesis: bytes };
  }
}

const describe = (type: 'offer' | 'answer', transport: Transport) => ({ type, sdp: writeDescription(transport) });
