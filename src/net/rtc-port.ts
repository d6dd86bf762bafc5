/**
 * The worker's side of WebRTC: classes that stand in for RTCPeerConnection and its kin, which workers lack, and pass
 * everything on to the page (`src/client/rtc-host.ts`). They do what simple-peer, under WebTorrent, asks of them:
 * constructors and `createDataChannel` answer at once, properties answer from the state that came with the latest message.
 */
import type {
  ChannelInit,
  IceCandidate,
  RtcCall,
  RtcConfiguration,
  RtcReport,
  RtcRequest,
  RtcResult,
  RtcState,
  RtcStats,
  SessionDescription,
} from '../api/rtc.ts';
import { RtcChannel } from './rtc-channel.ts';

/** Passes requests to the page. */
export interface RtcBridge {
  post(request: RtcRequest, transfer?: Transferable[]): void;
  /** Names a new connection, whose reports go to `receive` until it is dropped. */
  register(receive: (report: RtcReport) => void): number;
  drop(connection: number): void;
}

/**
 * Connects the stand-ins to the page at the other end of `port` and installs them as globals where the platform has none.
 * Call it before WebTorrent is imported: simple-peer looks for the globals while its module is evaluated.
 */
export function installRtcPort(port: MessagePort): void {
  const bridge = createBridge(port);
  const scope: { RTCPeerConnection?: unknown; RTCSessionDescription?: unknown; RTCIceCandidate?: unknown } = globalThis as object;
  scope.RTCPeerConnection ??= class extends PeerConnection {
    constructor(configuration?: StandInConfiguration) {
      super(bridge, configuration);
    }
  };
  scope.RTCSessionDescription ??= Description;
  scope.RTCIceCandidate ??= Candidate;
}

function createBridge(port: MessagePort): RtcBridge {
  const receivers = new Map<number, (report: RtcReport) => void>();
  let next = 1;
  port.addEventListener('message', ({ data: report }: MessageEvent<RtcReport>) => {
    const receive = receivers.get(report.connection);
    if (receive !== undefined) receive(report);
    // The connection was closed while its channel was on the way: nobody else will close it.
    else if (report.kind === 'channel') report.transferred?.close();
  });
  port.start();
  return {
    post: (request, transfer = []) => port.postMessage(request, transfer),
    register(receive) {
      receivers.set(next, receive);
      return next++;
    },
    drop: (connection) => void receivers.delete(connection),
  };
}

type Handler = ((event: { readonly type: string; readonly [key: string]: unknown }) => void) | null;

/** What simple-peer passes on of our options. */
export interface StandInConfiguration extends RtcConfiguration {
  /**
   * The other side may be minutes away. A browser that finds nobody says `failed`, for which simple-peer closes the connection, and yet it
   * connects when the other side comes: so until it was connected once, it is just not connected yet.
   */
  readonly isPatient?: boolean;
}

interface PendingCall {
  readonly resolve: (result: RtcResult) => void;
  readonly reject: (error: DOMException) => void;
}

const GIVEN_UP: ReadonlySet<string> = new Set(['disconnected', 'failed']);
const WAITING = { iceConnectionState: 'checking', connectionState: 'connecting' } as const;

/** Stands in for RTCPeerConnection. */
export class PeerConnection {
  onconnectionstatechange: Handler = null;
  onicecandidate: Handler = null;
  oniceconnectionstatechange: Handler = null;
  onicegatheringstatechange: Handler = null;
  onsignalingstatechange: Handler = null;
  ondatachannel: Handler = null;
  ontrack: Handler = null;

  readonly #bridge: RtcBridge;
  readonly #id: number;
  readonly #calls = new Map<number, PendingCall>();
  readonly #channels = new Map<number, RtcChannel>();
  #nextCall = 1;
  #nextChannel = 1;
  #closed = false;
  #isPatient: boolean;
  #state: RtcState = {
    connectionState: 'new',
    iceConnectionState: 'new',
    iceGatheringState: 'new',
    signalingState: 'stable',
    localDescription: null,
    remoteDescription: null,
  };

  constructor(bridge: RtcBridge, configuration: StandInConfiguration = {}) {
    this.#bridge = bridge;
    this.#isPatient = configuration.isPatient ?? false;
    this.#id = bridge.register((report) => this.#receive(report));
    bridge.post({ kind: 'open', connection: this.#id, configuration: { iceServers: configuration.iceServers ?? [] } });
  }

  get connectionState(): string {
    return this.#state.connectionState;
  }
  get iceConnectionState(): string {
    return this.#state.iceConnectionState;
  }
  get iceGatheringState(): string {
    return this.#state.iceGatheringState;
  }
  get signalingState(): string {
    return this.#state.signalingState;
  }
  get localDescription(): Description | null {
    return this.#state.localDescription && new Description(this.#state.localDescription);
  }
  get remoteDescription(): Description | null {
    return this.#state.remoteDescription && new Description(this.#state.remoteDescription);
  }

  async createOffer(): Promise<SessionDescription> {
    return mutable(await this.#call({ method: 'createOffer' }));
  }
  async createAnswer(): Promise<SessionDescription> {
    return mutable(await this.#call({ method: 'createAnswer' }));
  }
  async setLocalDescription(description?: SessionDescription): Promise<void> {
    await this.#call({ method: 'setLocalDescription', description: description && { type: description.type, sdp: description.sdp } });
  }
  async setRemoteDescription(description: SessionDescription): Promise<void> {
    await this.#call({ method: 'setRemoteDescription', description: { type: description.type, sdp: description.sdp } });
  }
  async addIceCandidate(candidate?: Candidate): Promise<void> {
    await this.#call({ method: 'addIceCandidate', candidate: candidate?.toJSON() });
  }
  /** Takes no argument: simple-peer tells the promise form from the callback form by the function's length. */
  async getStats(): Promise<RtcStats> {
    const stats = await this.#call({ method: 'getStats' });
    return Array.isArray(stats) ? stats : [];
  }

  createDataChannel(label: string, init: ChannelInit = {}): RtcChannel {
    const number = this.#nextChannel++;
    const channel = new RtcChannel(this.#bridge, this.#id, number, label);
    this.#channels.set(number, channel);
    this.#bridge.post({ kind: 'create-channel', connection: this.#id, channel: number, label, init: { ...init } });
    return channel;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#state = { ...this.#state, connectionState: 'closed', iceConnectionState: 'closed', signalingState: 'closed' };
    for (const call of this.#calls.values()) call.reject(closedError());
    this.#calls.clear();
    this.#bridge.drop(this.#id);
    this.#bridge.post({ kind: 'close', connection: this.#id });
  }

  #call(request: RtcCall): Promise<RtcResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(closedError());
        return;
      }
      const call = this.#nextCall++;
      this.#calls.set(call, { resolve, reject });
      this.#bridge.post({ kind: 'call', connection: this.#id, call, request });
    });
  }

  #settle(call: number): PendingCall | undefined {
    const pending = this.#calls.get(call);
    this.#calls.delete(call);
    return pending;
  }

  #take(state: RtcState): void {
    if (state.iceConnectionState === 'connected' || state.iceConnectionState === 'completed') this.#isPatient = false;
    // With the page gone, or the connection refused, there is nothing to wait for.
    const isWaiting = this.#isPatient && state.signalingState !== 'closed';
    this.#state = isWaiting && GIVEN_UP.has(state.iceConnectionState) ? { ...state, ...WAITING } : state;
  }

  #receive(report: RtcReport): void {
    switch (report.kind) {
      case 'returned':
        this.#take(report.state);
        this.#settle(report.call)?.resolve(report.result);
        return;
      case 'threw':
        this.#settle(report.call)?.reject(new DOMException(report.message, report.name));
        return;
      case 'event':
        this.#take(report.state);
        this[`on${report.event}`]?.({ type: report.event, candidate: report.candidate ? new Candidate(report.candidate) : null });
        return;
      case 'channel': {
        const own = this.#channels.get(report.channel);
        const channel = own ?? new RtcChannel(this.#bridge, this.#id, report.channel, report.label);
        this.#channels.set(report.channel, channel);
        channel.adopt(report.transferred, report.readyState);
        if (own === undefined) this.ondatachannel?.({ type: 'datachannel', channel });
        return;
      }
      case 'relay':
        this.#channels.get(report.channel)?.receive(report.event);
    }
  }
}

/** simple-peer edits the text of the offers and answers that it gets. */
function mutable(result: RtcResult): { type: SessionDescription['type']; sdp: string } {
  if (result === undefined || !('sdp' in result)) throw new DOMException('no description', 'OperationError');
  return { type: result.type, sdp: result.sdp };
}

function closedError(): DOMException {
  return new DOMException('the connection is closed', 'InvalidStateError');
}

/** Stands in for RTCSessionDescription. */
class Description implements SessionDescription {
  readonly type: SessionDescription['type'];
  readonly sdp: string;
  constructor({ type, sdp }: SessionDescription) {
    this.type = type;
    this.sdp = sdp;
  }
}

/** Stands in for RTCIceCandidate. */
class Candidate implements IceCandidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
  /** Where the candidate points; simple-peer tells mDNS names by it. */
  readonly address: string | null;
  constructor({ candidate = '', sdpMid = null, sdpMLineIndex = null, usernameFragment = null }: Partial<IceCandidate>) {
    this.candidate = candidate;
    this.sdpMid = sdpMid;
    this.sdpMLineIndex = sdpMLineIndex;
    this.usernameFragment = usernameFragment;
    this.address = candidate.split(' ')[4] ?? null;
  }
  toJSON(): IceCandidate {
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = this;
    return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
  }
}
