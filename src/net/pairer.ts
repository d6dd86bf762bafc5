/** Connects two devices without any server: an offer and an answer that two people hand each other, as QR codes or text. */
import { sha256 } from '@noble/hashes/sha2.js';
import { TtxError } from '../core/error.ts';
import { type Infohash, type Locator, locator, txidFromBytes } from '../core/id.ts';
import { decodePairing, encodePairing, nameOffer, type Transport } from '../core/pairing.ts';
import { parseDescription, writeDescription } from '../core/session-description.ts';
import type { Clock } from '../time/clock.ts';
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

  constructor(options: PairerOptions) {
    this.#options = options;
  }

  async startPairing(): Promise<string> {
    const { peerId, signaling } = this.#options;
    this.cancelPairing();
    const { infohash, network } = this.#meetingPlace();
    return this.#wait((resolve, reject) => {
      const isMade = signaling.offer({
        infohash,
        source: PAIRING,
        lifetimeMs: PAIRING_LIFETIME_MS,
        described: (offer) => {
          const transport = offer && parseDescription(offer.description.sdp);
          if (transport === undefined) return reject(new TtxError('timeout', { what: 'offer' }));
          const code = encodePairing({ kind: 'offer', network, peerId, transport });
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
      const isTaken = signaling.takeOffer({ ...told, description: describe('offer', offer.transport) }, ({ sdp }) => {
        const transport = parseDescription(sdp);
        if (transport === undefined) reject(new TtxError('timeout', { what: 'answer' }));
        else resolve(encodePairing({ kind: 'answer', offer: named, peerId, transport }));
      });
      if (!isTaken) reject(new TtxError('timeout', { what: 'room' }));
    });
  }

  async finishPairing(code: string): Promise<void> {
    const { signaling, clock } = this.#options;
    const answer = decodePairing(code);
    const offered = this.#offered;
    if (answer.kind !== 'answer' || offered === undefined || answer.offer !== nameOffer(offered.code))
      throw new TtxError('pairing', { what: 'no answer to this offer' });
    const { infohash, offerId } = offered;
    const { peerId } = answer;
    this.#offered = undefined;
    await this.#wait<void>((resolve, reject) => {
      const cancel = clock.after(CONNECT_TIMEOUT_MS, () => reject(new TtxError('timeout', { what: 'connection' })));
      this.#awaited = {
        peerId,
        resolve: () => {
          cancel();
          resolve();
        },
      };
      const told = { infohash, source: PAIRING, peerId, offerId, description: describe('answer', answer.transport) };
      if (!signaling.takeAnswer(told)) reject(new TtxError('pairing', { what: 'offer ended' }));
    });
  }

  cancelPairing(): void {
    this.#offered = undefined;
    this.#awaited = undefined;
    this.#reject(new TtxError('cancelled'));
    this.#options.signaling.abandon(PAIRING);
  }

  /** A peer has proved who it is. */
  met(peerId: string): void {
    if (this.#awaited?.peerId === peerId) this.#awaited.resolve();
  }

  #wait<T>(begin: (resolve: (value: T) => void, reject: (reason: TtxError) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      begin(resolve, reject);
    });
  }

  #meetingPlace(): { readonly infohash: Infohash; readonly network: Locator } {
    const genesis = this.#options.genesis();
    if (genesis === undefined) throw new TtxError('no-network');
    const { infohash, bytes } = genesis;
    return { infohash, network: locator(infohash, txidFromBytes(sha256(bytes))) };
  }
}

const describe = (type: 'offer' | 'answer', transport: Transport) => ({ type, sdp: writeDescription(transport) });
