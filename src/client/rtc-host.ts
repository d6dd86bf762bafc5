/**
 * The page's side of WebRTC: owns the real RTCPeerConnections on behalf of the worker, which has none. A data channel is
 * transferred to the worker as soon as it exists, so its bytes never touch the page; where that throws (older browsers), the
 * page relays them.
 */
import {
  FIRST_REMOTE_CHANNEL,
  RELAY_WINDOW_BYTES,
  type RelayEvent,
  type RtcCall,
  type RtcEventName,
  type RtcReport,
  type RtcRequest,
  type RtcResult,
  type RtcState,
  type SessionDescription,
} from '../api/rtc.ts';

/** What the host counts, for the network screen and for tests. */
export interface RtcHostCounts {
  /** Connections open now. */
  readonly open: number;
  readonly opened: number;
  /** Connections that the browser still counts against its limit of 500, closed ones included. */
  readonly uncollected: number;
  readonly transferredChannels: number;
  readonly relayedChannels: number;
  /** Allocated so far to make the browser collect closed connections. Reported so that no minifier drops the allocations as unused. */
  readonly pressureBytes: number;
}

/** @see startRtcHost */
export interface RtcHost {
  counts(): RtcHostCounts;
  /** Closes all connections and stops listening. */
  stop(): void;
}

interface HostedConnection {
  readonly connection: RTCPeerConnection;
  readonly relays: Map<number, Relay>;
  nextRemoteChannel: number;
}

interface Relay {
  readonly channel: RTCDataChannel;
  acceptedBytes: number;
}

/**
 * Chromium refuses the 501st RTCPeerConnection of a page, and a closed one counts until it is garbage-collected, which a
 * quiet page puts off for minutes. From this many closed ones on, a collection is provoked.
 */
const UNCOLLECTED_LIMIT = 100;
/** Collections are not provoked more often, in milliseconds: one takes a while to be noticed. */
const COLLECTION_PAUSE_MS = 500;
/** Allocating this much outside the heap, twice, makes Chromium run a major collection. */
const PRESSURE_BYTES = 67_108_864;

const STATS = new Set(['transport', 'candidate-pair', 'local-candidate', 'remote-candidate']);

/** Serves the worker at the other end of `port` until stopped. */
export function startRtcHost(port: MessagePort): RtcHost {
  const hosted = new Map<number, HostedConnection>();
  let opened = 0;
  let transferredChannels = 0;
  let relayedChannels = 0;
  let uncollected = 0;
  let provokedAtMs = Number.NEGATIVE_INFINITY;
  let pressureBytes = 0;
  const collected = new FinalizationRegistry(() => {
    uncollected--;
  });

  const post = (report: RtcReport, transfer: Transferable[] = []) => port.postMessage(report, transfer);

  function provokeCollection(): void {
    if (uncollected - hosted.size < UNCOLLECTED_LIMIT || performance.now() - provokedAtMs < COLLECTION_PAUSE_MS) return;
    provokedAtMs = performance.now();
    for (let i = 0; i < 2; i++) pressureBytes += new ArrayBuffer(PRESSURE_BYTES).byteLength;
  }

  function open(id: number, configuration: RTCConfiguration): void {
    let connection: RTCPeerConnection;
    try {
      connection = new RTCPeerConnection(configuration);
    } catch {
      // The stand-in's constructor has long returned: the failure arrives like that of a connection.
      post({ kind: 'event', connection: id, event: 'connectionstatechange', state: FAILED });
      return;
    }
    opened++;
    uncollected++;
    collected.register(connection, undefined);
    const entry: HostedConnection = { connection, relays: new Map(), nextRemoteChannel: FIRST_REMOTE_CHANNEL };
    hosted.set(id, entry);
    provokeCollection();
    const pass = (event: RtcEventName) => () => post({ kind: 'event', connection: id, event, state: stateOf(connection) });
    connection.onconnectionstatechange = pass('connectionstatechange');
    connection.oniceconnectionstatechange = pass('iceconnectionstatechange');
    connection.onicegatheringstatechange = pass('icegatheringstatechange');
    connection.onsignalingstatechange = pass('signalingstatechange');
    connection.onicecandidate = ({ candidate }) =>
      post({
        kind: 'event',
        connection: id,
        event: 'icecandidate',
        candidate: candidate && plainCandidate(candidate),
        state: stateOf(connection),
      });
    connection.ondatachannel = ({ channel }) => handOver(id, entry, entry.nextRemoteChannel++, channel);
  }

  /** Must run in the task in which the channel came into being: later it can't be transferred any more. */
  function handOver(id: number, entry: HostedConnection, number: number, channel: RTCDataChannel): void {
    const report = { kind: 'channel', connection: id, channel: number, label: channel.label, readyState: channel.readyState } as const;
    try {
      // RTCDataChannel is transferable in browsers, but not yet in the type library's union.
      post({ ...report, transferred: channel }, [channel as unknown as Transferable]);
      transferredChannels++;
    } catch {
      relayedChannels++;
      startRelay(id, entry, number, channel);
      post(report);
    }
  }

  function startRelay(id: number, entry: HostedConnection, number: number, channel: RTCDataChannel): void {
    const relay: Relay = { channel, acceptedBytes: 0 };
    entry.relays.set(number, relay);
    const tell = (event: RelayEvent, transfer: Transferable[] = []) =>
      post({ kind: 'relay', connection: id, channel: number, event }, transfer);
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = RELAY_WINDOW_BYTES;
    channel.onopen = () => tell({ kind: 'open' });
    channel.onclose = () => tell({ kind: 'close' });
    channel.onerror = ({ error }) => tell({ kind: 'error', message: error.message });
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) =>
      tell({ kind: 'message', payload: data }, data instanceof ArrayBuffer ? [data] : []);
    channel.onbufferedamountlow = () => acknowledge(id, number, relay);
  }

  function acknowledge(id: number, number: number, relay: Relay): void {
    const totalBytes = relay.acceptedBytes - relay.channel.bufferedAmount;
    post({ kind: 'relay', connection: id, channel: number, event: { kind: 'drained', totalBytes } });
  }

  function send(id: number, number: number, relay: Relay, payload: ArrayBuffer | string, sizeBytes: number): void {
    try {
      // The overloads of send() take one type each.
      if (typeof payload === 'string') relay.channel.send(payload);
      else relay.channel.send(payload);
    } catch (error) {
      post({ kind: 'relay', connection: id, channel: number, event: { kind: 'error', message: String(error) } });
      return;
    }
    relay.acceptedBytes += sizeBytes;
    if (relay.channel.bufferedAmount <= RELAY_WINDOW_BYTES) acknowledge(id, number, relay);
  }

  async function answer(id: number, connection: RTCPeerConnection, call: number, request: RtcCall): Promise<void> {
    try {
      const result = await perform(connection, request);
      post({ kind: 'returned', connection: id, call, result, state: stateOf(connection) });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      post({ kind: 'threw', connection: id, call, name, message });
    }
  }

  function close(id: number, { connection, relays }: HostedConnection): void {
    hosted.delete(id);
    connection.onconnectionstatechange = connection.oniceconnectionstatechange = connection.onicegatheringstatechange = null;
    connection.onsignalingstatechange = connection.onicecandidate = connection.ondatachannel = null;
    for (const { channel } of relays.values()) {
      channel.onopen = channel.onclose = channel.onerror = channel.onmessage = channel.onbufferedamountlow = null;
    }
    connection.close();
  }

  function onMessage({ data: request }: MessageEvent<RtcRequest>): void {
    if (request.kind === 'open') {
      open(request.connection, request.configuration as RTCConfiguration);
      return;
    }
    const id = request.connection;
    const entry = hosted.get(id);
    if (entry === undefined) {
      if (request.kind === 'call')
        post({ kind: 'threw', connection: id, call: request.call, name: 'InvalidStateError', message: 'closed' });
      return;
    }
    switch (request.kind) {
      case 'call':
        void answer(id, entry.connection, request.call, request.request);
        return;
      case 'create-channel':
        handOver(id, entry, request.channel, entry.connection.createDataChannel(request.label, request.init));
        return;
      case 'send': {
        const relay = entry.relays.get(request.channel);
        if (relay !== undefined) send(id, request.channel, relay, request.payload, request.sizeBytes);
        return;
      }
      case 'close-channel':
        entry.relays.get(request.channel)?.channel.close();
        return;
      case 'close':
        close(id, entry);
    }
  }

  function closeAll(): void {
    for (const [id, entry] of hosted) {
      close(id, entry);
      post({ kind: 'event', connection: id, event: 'connectionstatechange', state: FAILED });
    }
  }

  port.addEventListener('message', onMessage);
  port.start();
  // A page that just goes away leaves its peers waiting for half a minute; one that comes back from the cache connects anew.
  globalThis.addEventListener?.('pagehide', closeAll);
  return {
    counts: () => ({ open: hosted.size, opened, uncollected, transferredChannels, relayedChannels, pressureBytes }),
    stop() {
      port.removeEventListener('message', onMessage);
      globalThis.removeEventListener?.('pagehide', closeAll);
      closeAll();
    },
  };
}

const FAILED: RtcState = {
  connectionState: 'failed',
  iceConnectionState: 'failed',
  iceGatheringState: 'complete',
  signalingState: 'closed',
  localDescription: null,
  remoteDescription: null,
};

async function perform(connection: RTCPeerConnection, request: RtcCall): Promise<RtcResult> {
  switch (request.method) {
    case 'createOffer':
      return plainDescription(await connection.createOffer()) ?? undefined;
    case 'createAnswer':
      return plainDescription(await connection.createAnswer()) ?? undefined;
    case 'setLocalDescription':
      await connection.setLocalDescription(request.description);
      return undefined;
    case 'setRemoteDescription':
      await connection.setRemoteDescription(request.description);
      return undefined;
    case 'addIceCandidate':
      await connection.addIceCandidate(request.candidate);
      return undefined;
    case 'getStats': {
      // simple-peer wants the selected candidate pair and its two ends, nothing else.
      const stats: Record<string, unknown>[] = [];
      for (const entry of (await connection.getStats()).values()) if (STATS.has(entry.type)) stats.push({ ...entry });
      return stats;
    }
  }
}

function stateOf(connection: RTCPeerConnection): RtcState {
  const { connectionState, iceConnectionState, iceGatheringState, signalingState } = connection;
  return {
    connectionState,
    iceConnectionState,
    iceGatheringState,
    signalingState,
    localDescription: plainDescription(connection.localDescription),
    remoteDescription: plainDescription(connection.remoteDescription),
  };
}

function plainDescription(description: RTCSessionDescriptionInit | null): SessionDescription | null {
  return description && { type: description.type, sdp: description.sdp ?? '' };
}

function plainCandidate({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: RTCIceCandidate) {
  return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
}
