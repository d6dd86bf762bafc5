/**
 * Connecting two devices by codes, as the page sees it: which side this one is, what it shows, and how it ends. It lives outside the
 * screens, because the way from one code to the next leads through the scanner.
 */
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorReport, NodeApi, NodeState, PeerState } from '../api/node.ts';
import { isTtxError, TtxError } from '../core/error.ts';
import type { Locator } from '../core/id.ts';
import { joinFragment, magnetLink } from '../core/link.ts';
import { decodePairing, type Pairing as PairingCode } from '../core/pairing.ts';
import type { Loadable } from './node-client.ts';
import { toReport } from './report.ts';

/** Where a pairing stands on this device. Who has `offered` began; who has `answered` read the other's code. */
export type PairingState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'offering' }
  /** `code` is to be read by the other device. `trouble`: what was read here instead of its answer. */
  | { readonly kind: 'offered'; readonly code: string; readonly trouble: ErrorReport | undefined }
  | { readonly kind: 'answering' }
  /** `code` is to be read by the device that began. */
  | { readonly kind: 'answered'; readonly code: string; readonly trouble: ErrorReport | undefined }
  | { readonly kind: 'finishing' }
  /** `already`: the two were connected before. */
  | { readonly kind: 'connected'; readonly already: boolean }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** What a {@link Pairing} needs from outside. */
export interface PairingDoors {
  readonly api: Pick<NodeApi, 'startPairing' | 'answerPairing' | 'awaitPairing' | 'finishPairing' | 'cancelPairing'>;
  readonly state: ReadonlySignal<Loadable<NodeState>>;
  readonly after: (delayMs: number, task: () => void) => () => void;
}

/** How long the node keeps an offer or an answer. */
export const LIFETIME_MS = 600_000;

/** One pairing at a time. No call rejects: how it went is in {@link state}. */
export class Pairing {
  readonly #doors: PairingDoors;
  readonly #state = signal<PairingState>({ kind: 'idle' });
  /** Changes with each begin and end, so that what comes late is dropped. */
  #turn = 0;
  #release = () => {};
  /** Read last. */
  #code = '';

  constructor(doors: PairingDoors) {
    this.#doors = doors;
  }

  /** What the screen shows. */
  get state(): ReadonlySignal<PairingState> {
    return this.#state;
  }

  /** Begins, unless something runs. */
  async start(): Promise<void> {
    if (this.#isBusy()) return;
    const turn = this.#next({ kind: 'offering' });
    try {
      const code = await this.#doors.api.startPairing();
      if (turn === this.#turn) this.#waitForAnswer({ kind: 'offered', code, trouble: undefined });
    } catch (thrown) {
      this.#fail(turn, toReport(thrown));
    }
  }

  /** Takes a code of the other device: answers an offer, finishes with an answer. A code read twice counts once. */
  async take(text: string): Promise<void> {
    if (this.#isBusy()) return;
    this.#code = text;
    const before = this.#state.value;
    const read = readCode(text);
    if ('code' in read) return this.#complain(read);
    const isOwn = (before.kind === 'offered' || before.kind === 'answered') && before.code === text;
    if (isOwn) return this.#complain({ code: 'pairing', detail: { what: 'own' } });
    if (this.#isConnected(read.peerId)) return void this.#next({ kind: 'connected', already: true });
    if (read.kind === 'offer') await this.#answer(text, read.peerId, before);
    else await this.#finish(text, before);
  }

  /** Takes the latest code again: the network that it is for is open now. */
  async retry(): Promise<void> {
    await this.take(this.#code);
  }

  /** The network of the latest code, if that is an offer, and a link to join it: a magnet link when the code carries all that it takes. */
  get invitation(): { readonly network: Locator; readonly link: string } | undefined {
    const read = readCode(this.#code);
    if ('code' in read || read.kind !== 'offer') return undefined;
    const { network, genesis } = read;
    return {
      network,
      link: genesis === undefined ? joinFragment(network, []) : magnetLink({ locator: network, network, trackers: [] }, genesis),
    };
  }

  /** Ends whatever goes on, and forgets how the last one ended. */
  cancel(): void {
    const { kind } = this.#state.value;
    this.#next({ kind: 'idle' });
    if (kind !== 'idle' && kind !== 'connected' && kind !== 'failed') this.#doors.api.cancelPairing().catch(() => undefined);
  }

  async #answer(offer: string, peerId: string, before: PairingState): Promise<void> {
    const turn = this.#next({ kind: 'answering' });
    try {
      const code = await this.#doors.api.answerPairing(offer);
      if (turn !== this.#turn) return;
      // The other side finishes; here the peer just comes.
      const waiting = this.#wait({ kind: 'answered', code, trouble: undefined }, () => this.#isConnected(peerId));
      this.#doors.api.awaitPairing().catch((thrown: unknown) => this.#fail(waiting, toReport(thrown)));
    } catch (thrown) {
      this.#refused(turn, before, toReport(thrown));
    }
  }

  async #finish(answer: string, before: PairingState): Promise<void> {
    const turn = this.#next({ kind: 'finishing' });
    try {
      await this.#doors.api.finishPairing(answer);
      if (turn === this.#turn) this.#next({ kind: 'connected', already: false });
    } catch (thrown) {
      this.#refused(turn, before, toReport(thrown));
    }
  }

  /** The node would not take a code. An offer that is shown still waits for its own answer. */
  #refused(turn: number, before: PairingState, error: ErrorReport): void {
    if (turn === this.#turn && error.code === 'pairing' && before.kind === 'offered') this.#waitForAnswer({ ...before, trouble: error });
    else this.#fail(turn, error);
  }

  /** Something wrong was read: what is shown stays, and so does what the node waits for. */
  #complain(error: ErrorReport): void {
    const state = this.#state.value;
    if (state.kind === 'offered' || state.kind === 'answered') this.#state.value = { ...state, trouble: error };
    else this.#next({ kind: 'failed', error });
  }

  /** The link of the answer may be opened in another tab: then somebody paired appears who was not there before. */
  #waitForAnswer(state: PairingState): void {
    const before = new Set(this.#peers().map(({ id }) => id));
    this.#wait(state, () => this.#peers().some(({ id, foundBy }) => foundBy === 'pairing' && !before.has(id)));
  }

  #wait(state: PairingState, isConnected: () => boolean): number {
    const turn = this.#next(state);
    const cancelTimeout = this.#doors.after(LIFETIME_MS, () => {
      if (turn !== this.#turn) return;
      this.#next({ kind: 'failed', error: { code: 'timeout', detail: { what: 'lifetime' } } });
      this.#doors.api.cancelPairing().catch(() => undefined);
    });
    const unsubscribe = effect(() => {
      if (isConnected() && turn === this.#turn) this.#next({ kind: 'connected', already: false });
    });
    const release = () => {
      cancelTimeout();
      unsubscribe();
    };
    // It may be connected by now.
    if (turn === this.#turn) this.#release = release;
    else release();
    return turn;
  }

  #fail(turn: number, error: ErrorReport): void {
    if (turn === this.#turn) this.#next({ kind: 'failed', error });
  }

  #next(state: PairingState): number {
    this.#turn++;
    this.#release();
    this.#release = () => {};
    this.#state.value = state;
    return this.#turn;
  }

  #isBusy(): boolean {
    const { kind } = this.#state.value;
    return kind === 'offering' || kind === 'answering' || kind === 'finishing';
  }

  #isConnected(peerId: string): boolean {
    return this.#peers().some(({ id }) => id === peerId);
  }

  #peers(): readonly PeerState[] {
    const state = this.#doors.state.value;
    return (state.kind === 'ready' ? state.value.network?.peers : undefined) ?? [];
  }
}

function readCode(text: string): PairingCode | ErrorReport {
  try {
    return decodePairing(text);
  } catch (error) {
    if (!isTtxError(error)) throw error;
    const { code, detail } = new TtxError('pairing', { what: 'damaged' });
    return { code, detail };
  }
}
