/**
 * The WebSocket to one tracker: kept open, reconnected within seconds when it is lost, and bounded in what it delivers.
 * An unreachable tracker costs one attempt now and then, and nothing else.
 */

import type { Clock } from '../time/clock.ts';
import type { TrackerStatus } from './swarm.ts';

/** First wait before a lost socket is opened again; longer by {@link RETRY_GROWTH} with each failure. */
const FIRST_RETRY_MS = 1_000;
const RETRY_GROWTH = 1.6;
/** A tracker that has been away for long is still found within seconds of its return, if anybody waits for it. */
const LONGEST_RETRY_MS = { urgent: 15_000, calm: 300_000 } as const;
/**
 * While the browser believes to be offline. Not never: it may be wrong, and a tracker on this computer needs no network. An attempt
 * without a network fails at once and sends nothing.
 */
const OFFLINE_RETRY_MS = 60_000;
/** A socket that does not open in this time is given up: a firewall that drops packets would hold it for minutes. */
const CONNECT_TIMEOUT_MS = 15_000;
/** A tracker that answers nothing for this long is taken for dead, though its socket is open. */
const SILENCE_MS = 20_000;
/** The same for one that is doubted: an answer takes a second at most, and until then nobody is found. */
const DOUBTED_SILENCE_MS = 4_000;
/** Longest message read: an offer is about 1 kB; trackers that send more are not read further. */
const MAX_TRACKER_MESSAGE = 65_536;

/** The part of WebSocket that is used. */
export interface WebSocketLike {
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  send(text: string): void;
  close(): void;
}

/** What a socket needs of the tracker client. */
export interface TrackerSocketOptions {
  readonly url: string;
  /** May throw, as `new WebSocket` does for URLs that the page must not open. */
  readonly connect: (url: string) => WebSocketLike;
  readonly clock: Clock;
  readonly isOnline: boolean;
  /** Whether somebody waits for it. */
  readonly isUrgent: () => boolean;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly onConnected: () => void;
  /** A JSON object that the tracker sent; nothing in it has been checked. */
  readonly onMessage: (message: Readonly<Record<string, unknown>>) => void;
  readonly onStatus: () => void;
}

/** Opens on construction; closed for good with {@link close}. */
export class TrackerSocket {
  readonly url: string;
  readonly #options: TrackerSocketOptions;
  #socket: WebSocketLike | undefined;
  #status: TrackerStatus['status'] = 'connecting';
  #failures = 0;
  #closed = false;
  #isOnline: boolean;
  #isDoubted = false;
  #cancelTimer: () => void = () => {};
  /** Runs out when a tracker leaves a request unanswered. */
  #cancelSilence: (() => void) | undefined;

  constructor(options: TrackerSocketOptions) {
    this.url = options.url;
    this.#options = options;
    this.#isOnline = options.isOnline;
    this.#open();
  }

  get status(): TrackerStatus['status'] {
    return this.#status;
  }

  /** Whether it has said nothing since it was lost last. */
  get isDoubtful(): boolean {
    return this.#failures > 0;
  }

  /** Sends an object as JSON; dropped unless connected. */
  send(message: object): void {
    if (this.#status !== 'connected') return;
    try {
      this.#socket?.send(JSON.stringify(message));
    } catch {
      this.#lose();
    }
  }

  /** Sends an object that the tracker must answer: if nothing at all comes back, the socket is given up. */
  request(message: object): void {
    this.send(message);
    const silenceMs = this.#isDoubted ? DOUBTED_SILENCE_MS : SILENCE_MS;
    if (this.#status === 'connected') this.#cancelSilence ??= this.#options.clock.after(silenceMs, () => this.#lose());
  }

  /** Offline, a socket that is lost is hardly retried. Online again, it is opened anew at once: what was open may be dead and not know it. */
  setOnline(isOnline: boolean): void {
    if (this.#isOnline === isOnline) return;
    this.#isOnline = isOnline;
    if (isOnline) this.reopen();
    else if (this.#status === 'offline') this.#retryLater();
  }

  /** What is sent next must be answered soon, or the socket is given up. */
  doubt(): void {
    if (this.#status !== 'connected') return;
    this.#isDoubted = true;
    this.#endSilence();
  }

  /** Opens it anew, at once. */
  reopen(): void {
    if (this.#closed) return;
    this.#cancelTimer();
    this.#drop();
    this.#failures = 0;
    this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
    this.#drop();
  }

  #open(): void {
    if (this.#closed) return;
    this.#setStatus('connecting');
    let socket: WebSocketLike;
    try {
      socket = this.#options.connect(this.url);
    } catch {
      this.#lose();
      return;
    }
    this.#socket = socket;
    this.#cancelTimer = this.#options.clock.after(CONNECT_TIMEOUT_MS, () => this.#lose());
    socket.onopen = () => {
      this.#cancelTimer();
      this.#setStatus('connected');
      this.#options.onConnected();
    };
    socket.onclose = () => this.#lose();
    socket.onerror = () => this.#lose();
    socket.onmessage = ({ data }) => this.#receive(data);
  }

  #receive(data: unknown): void {
    this.#endSilence();
    this.#isDoubted = false;
    this.#failures = 0;
    if (typeof data !== 'string' || data.length > MAX_TRACKER_MESSAGE) return;
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (typeof message === 'object' && message !== null) this.#options.onMessage(message as Readonly<Record<string, unknown>>);
  }

  #lose(): void {
    if (this.#closed) return;
    this.#drop();
    this.#retryLater();
    this.#failures++;
    this.#setStatus('offline');
  }

  #retryLater(): void {
    this.#cancelTimer();
    const longestMs = LONGEST_RETRY_MS[this.#options.isUrgent() ? 'urgent' : 'calm'];
    const waitMs = this.#isOnline ? Math.min(longestMs, FIRST_RETRY_MS * RETRY_GROWTH ** this.#failures) : OFFLINE_RETRY_MS;
    // Spread over ±25 %, so that a tracker that restarts is not met by everybody at once.
    this.#cancelTimer = this.#options.clock.after(waitMs * (0.75 + 0.5 * this.#options.random()), () => this.#open());
  }

  #endSilence(): void {
    this.#cancelSilence?.();
    this.#cancelSilence = undefined;
  }

  #drop(): void {
    this.#endSilence();
    this.#isDoubted = false;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.onopen = socket.onclose = socket.onerror = socket.onmessage = null;
    try {
      socket.close();
    } catch {
      // Already closed; some browsers throw.
    }
  }

  #setStatus(status: TrackerStatus['status']): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#options.onStatus();
  }
}
