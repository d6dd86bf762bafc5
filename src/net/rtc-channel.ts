/**
 * Stands in for RTCDataChannel: there at once when WebTorrent creates one, it adopts the real channel when that arrives, or
 * speaks to it through the page where it could not be transferred.
 */
import { RELAY_WINDOW_BYTES, type RelayEvent } from '../api/rtc.ts';
import type { RtcBridge } from './rtc-port.ts';

/** The part of the DOM's events that simple-peer reads. */
export interface ChannelEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly error?: Error;
}

type Handler = ((event: ChannelEvent) => void) | null;

/** The part of RTCDataChannel that simple-peer uses. */
export class RtcChannel {
  onopen: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;
  onmessage: Handler = null;
  onbufferedamountlow: Handler = null;

  readonly label: string;
  readonly #bridge: RtcBridge;
  readonly #connection: number;
  readonly #number: number;
  #channel: RTCDataChannel | undefined;
  #readyState = 'connecting';
  #binaryType: BinaryType = 'arraybuffer';
  #lowThreshold = 0;
  #sentBytes = 0;
  #drainedBytes = 0;

  constructor(bridge: RtcBridge, connection: number, number: number, label: string) {
    this.#bridge = bridge;
    this.#connection = connection;
    this.#number = number;
    this.label = label;
  }

  get readyState(): string {
    return this.#channel?.readyState ?? this.#readyState;
  }
  get bufferedAmount(): number {
    return this.#channel?.bufferedAmount ?? this.#sentBytes - this.#drainedBytes;
  }
  get bufferedAmountLowThreshold(): number {
    return this.#lowThreshold;
  }
  set bufferedAmountLowThreshold(bytes: number) {
    this.#lowThreshold = bytes;
    if (this.#channel !== undefined) this.#channel.bufferedAmountLowThreshold = bytes;
  }
  get binaryType(): BinaryType {
    return this.#binaryType;
  }
  set binaryType(type: BinaryType) {
    this.#binaryType = type;
    if (this.#channel !== undefined) this.#channel.binaryType = type;
  }

  /** @throws {DOMException} `InvalidStateError` unless open, like the real one */
  send(payload: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
    if (this.#channel !== undefined) {
      // The overloads of send() take one type each.
      if (typeof payload === 'string') this.#channel.send(payload);
      else if (payload instanceof ArrayBuffer) this.#channel.send(payload);
      else this.#channel.send(payload);
      return;
    }
    if (this.#readyState !== 'open') throw new DOMException('the channel is not open', 'InvalidStateError');
    const target = { kind: 'send', connection: this.#connection, channel: this.#number } as const;
    if (typeof payload === 'string') {
      const sizeBytes = new TextEncoder().encode(payload).length;
      this.#sentBytes += sizeBytes;
      this.#bridge.post({ ...target, payload, sizeBytes });
      return;
    }
    // Exactly the bytes to be sent, copied: WebTorrent sends views into large buffers, which must neither be cloned nor given away.
    const bytes =
      payload instanceof ArrayBuffer ? new Uint8Array(payload) : new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
    const copy = bytes.slice().buffer;
    this.#sentBytes += copy.byteLength;
    this.#bridge.post({ ...target, payload: copy, sizeBytes: copy.byteLength }, [copy]);
  }

  close(): void {
    if (this.#channel !== undefined) {
      this.#channel.close();
      return;
    }
    if (this.#readyState === 'closed') return;
    this.#readyState = 'closing';
    this.#bridge.post({ kind: 'close-channel', connection: this.#connection, channel: this.#number });
  }

  /** The page made the channel: it is `transferred` here, or stays there in `readyState` and is relayed. */
  adopt(transferred: RTCDataChannel | undefined, readyState: string): void {
    if (transferred === undefined) {
      this.#lowThreshold = Math.max(this.#lowThreshold, RELAY_WINDOW_BYTES);
      this.#readyState = readyState;
      if (readyState === 'open') this.#announceOpen();
      return;
    }
    this.#channel = transferred;
    transferred.binaryType = this.#binaryType;
    transferred.bufferedAmountLowThreshold = this.#lowThreshold;
    transferred.onopen = () => this.onopen?.({ type: 'open' });
    transferred.onclose = () => this.onclose?.({ type: 'close' });
    transferred.onerror = (event) => this.onerror?.({ type: 'error', error: errorOf(event) });
    transferred.onmessage = ({ data }) => this.onmessage?.({ type: 'message', data });
    transferred.onbufferedamountlow = () => this.onbufferedamountlow?.({ type: 'bufferedamountlow' });
    // It may have opened on the way, when nobody listened.
    if (transferred.readyState === 'open') this.#announceOpen();
  }

  /** An event of the relayed channel. */
  receive(event: RelayEvent): void {
    switch (event.kind) {
      case 'open':
        if (this.#readyState !== 'connecting') return;
        this.#readyState = 'open';
        this.onopen?.({ type: 'open' });
        return;
      case 'close':
        this.#readyState = 'closed';
        this.onclose?.({ type: 'close' });
        return;
      case 'error':
        this.onerror?.({ type: 'error', error: new Error(event.message) });
        return;
      case 'message':
        this.onmessage?.({ type: 'message', data: event.payload });
        return;
      case 'drained': {
        const before = this.bufferedAmount;
        this.#drainedBytes = event.totalBytes;
        if (before > this.#lowThreshold && this.bufferedAmount <= this.#lowThreshold)
          this.onbufferedamountlow?.({ type: 'bufferedamountlow' });
      }
    }
  }

  #announceOpen(): void {
    queueMicrotask(() => this.onopen?.({ type: 'open' }));
  }
}

/** RTCErrorEvent is not in the worker's type library. */
function errorOf(event: Event): Error {
  return 'error' in event && event.error instanceof Error ? event.error : new Error('data channel failed');
}
