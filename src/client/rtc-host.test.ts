/** The page's side and the worker's side of WebRTC, joined by a real MessageChannel over made-up connections. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RtcState } from '../api/rtc.ts';
import type { RtcChannel } from '../net/rtc-channel.ts';
import { installRtcPort, type PeerConnection } from '../net/rtc-port.ts';
import { type RtcHost, startRtcHost } from './rtc-host.ts';

type Handler = ((event: never) => void) | null;

/** Cannot be transferred, like data channels in older browsers. */
class FakeChannel {
  onopen: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;
  onmessage: Handler = null;
  onbufferedamountlow: Handler = null;
  binaryType = 'blob';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  readyState = 'connecting';
  readonly sent: unknown[] = [];
  readonly label: string;
  constructor(label: string) {
    this.label = label;
  }
  send(payload: ArrayBuffer | string): void {
    this.sent.push(payload);
    this.bufferedAmount += typeof payload === 'string' ? payload.length : payload.byteLength;
  }
  close(): void {
    this.readyState = 'closed';
    this.onclose?.({} as never);
  }
}

class FakeConnection {
  static readonly made: FakeConnection[] = [];
  static refuse = false;
  onconnectionstatechange: Handler = null;
  oniceconnectionstatechange: Handler = null;
  onicegatheringstatechange: Handler = null;
  onsignalingstatechange: Handler = null;
  onicecandidate: Handler = null;
  ondatachannel: Handler = null;
  connectionState = 'new';
  iceConnectionState = 'new';
  iceGatheringState = 'new';
  signalingState = 'stable';
  localDescription: { type: string; sdp: string } | null = null;
  remoteDescription: { type: string; sdp: string } | null = null;
  closed = false;
  readonly channels: FakeChannel[] = [];
  constructor() {
    if (FakeConnection.refuse) throw new Error('Cannot create so many PeerConnections');
    FakeConnection.made.push(this);
  }
  async createOffer() {
    return { type: 'offer', sdp: 'v=0' };
  }
  async setLocalDescription(description: { type: string; sdp: string }) {
    this.localDescription = description;
  }
  async setRemoteDescription() {
    throw new DOMException('bad sdp', 'OperationError');
  }
  async getStats() {
    return new Map([
      ['pair', { id: 'pair', type: 'candidate-pair', state: 'succeeded' }],
      ['codec', { id: 'codec', type: 'codec' }],
    ]);
  }
  createDataChannel(label: string): FakeChannel {
    const channel = new FakeChannel(label);
    this.channels.push(channel);
    return channel;
  }
  close(): void {
    this.closed = true;
  }
}

let host: RtcHost;
let ports: MessageChannel;
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
const scope = globalThis as { RTCPeerConnection?: unknown; RTCSessionDescription?: unknown; RTCIceCandidate?: unknown };
let StandIn: new (configuration?: object) => PeerConnection;

beforeEach(() => {
  FakeConnection.made.length = 0;
  FakeConnection.refuse = false;
  ports = new MessageChannel();
  delete scope.RTCPeerConnection;
  installRtcPort(ports.port2);
  StandIn = scope.RTCPeerConnection as typeof StandIn;
  scope.RTCPeerConnection = FakeConnection;
  host = startRtcHost(ports.port1);
});

afterEach(() => {
  host.stop();
  ports.port1.close();
  ports.port2.close();
  for (const name of ['RTCPeerConnection', 'RTCSessionDescription', 'RTCIceCandidate'] as const) delete scope[name];
});

async function connect(): Promise<{ standIn: PeerConnection; real: FakeConnection }> {
  const standIn = new StandIn({ iceServers: [] });
  await turn();
  const real = FakeConnection.made[0];
  if (real === undefined) throw new Error('no connection was made');
  return { standIn, real };
}

/** A relayed channel, open on both sides. */
async function openChannel(): Promise<{ standIn: PeerConnection; stood: RtcChannel; channel: FakeChannel }> {
  const { standIn, real } = await connect();
  const stood = standIn.createDataChannel('data');
  await turn();
  const channel = real.channels[0];
  if (channel === undefined) throw new Error('no channel was made');
  channel.readyState = 'open';
  channel.onopen?.({} as never);
  await turn();
  return { standIn, stood, channel };
}

test('calls reach the connection, and its answers, errors and state come back', async () => {
  const { standIn } = await connect();
  const offer = await standIn.createOffer();
  expect(offer).toEqual({ type: 'offer', sdp: 'v=0' });
  await standIn.setLocalDescription(offer);
  expect(standIn.localDescription).toMatchObject(offer);
  await expect(standIn.setRemoteDescription({ type: 'answer', sdp: '' })).rejects.toMatchObject({
    name: 'OperationError',
    message: 'bad sdp',
  });
  expect(await standIn.getStats()).toEqual([{ id: 'pair', type: 'candidate-pair', state: 'succeeded' }]);
  expect(standIn.getStats.length).toBe(0);
});

test('events arrive with the state that they announce', async () => {
  const { standIn, real } = await connect();
  const seen: RtcState['connectionState'][] = [];
  standIn.onconnectionstatechange = () => seen.push(standIn.connectionState);
  real.connectionState = 'connected';
  real.onconnectionstatechange?.({} as never);
  const candidates: unknown[] = [];
  standIn.onicecandidate = ({ candidate }) => candidates.push(candidate);
  const candidate = { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' };
  real.onicecandidate?.({ candidate } as never);
  real.onicecandidate?.({ candidate: null } as never);
  await turn();
  expect(seen).toEqual(['connected']);
  expect(candidates).toMatchObject([{ ...candidate, address: '192.0.2.1' }, null]);
});

test('a connection that the browser refuses fails like one that did not come about', async () => {
  FakeConnection.refuse = true;
  const standIn = new StandIn();
  const failed = vi.fn();
  standIn.onconnectionstatechange = () => failed(standIn.connectionState);
  const offer = standIn.createOffer();
  await expect(offer).rejects.toMatchObject({ name: 'InvalidStateError' });
  expect(failed).toHaveBeenCalledWith('failed');
});

test('a channel that cannot be transferred is relayed both ways, byte for byte', async () => {
  const { stood, channel } = await openChannel();
  expect([stood.readyState, host.counts().relayedChannels]).toEqual(['open', 1]);
  const buffer = Uint8Array.of(9, 1, 2, 3, 9);
  stood.send(buffer.subarray(1, 4));
  stood.send('text');
  await turn();
  expect(buffer).toEqual(Uint8Array.of(9, 1, 2, 3, 9));
  expect(channel.sent.map((sent) => (sent instanceof ArrayBuffer ? [...new Uint8Array(sent)] : sent))).toEqual([[1, 2, 3], 'text']);
  const got: unknown[] = [];
  stood.onmessage = ({ data }) => got.push(data);
  channel.onmessage?.({ data: Uint8Array.of(4, 5).buffer } as never);
  await turn();
  expect(got).toEqual([Uint8Array.of(4, 5).buffer]);
});

test('a relayed channel counts as buffered what has not left the page', async () => {
  const { stood, channel } = await openChannel();
  const low = vi.fn();
  stood.onbufferedamountlow = low;
  stood.send(new Uint8Array(100_000));
  await turn();
  expect([stood.bufferedAmount, low.mock.calls.length]).toEqual([100_000, 0]);
  channel.bufferedAmount = 0;
  channel.onbufferedamountlow?.({} as never);
  await turn();
  expect([stood.bufferedAmount, low.mock.calls.length]).toEqual([0, 1]);
});

test('sending before the channel is open throws, as it does in browsers', async () => {
  const { standIn } = await connect();
  const stood = standIn.createDataChannel('data');
  expect(() => stood.send('x')).toThrowError(expect.objectContaining({ name: 'InvalidStateError' }));
});

test('a channel that the remote side opened arrives by event', async () => {
  const { standIn, real } = await connect();
  const arrived: unknown[] = [];
  standIn.ondatachannel = ({ channel }) => arrived.push((channel as RtcChannel).label);
  real.ondatachannel?.({ channel: new FakeChannel('theirs') } as never);
  await turn();
  expect(arrived).toEqual(['theirs']);
});

test('closing closes the connection, ends pending calls and silences it', async () => {
  const { standIn, real } = await connect();
  const pending = standIn.createOffer();
  standIn.close();
  await expect(pending).rejects.toMatchObject({ name: 'InvalidStateError' });
  await expect(standIn.createOffer()).rejects.toMatchObject({ name: 'InvalidStateError' });
  await turn();
  expect([real.closed, real.onconnectionstatechange, standIn.connectionState, host.counts().open]).toEqual([true, null, 'closed', 0]);
});

test('closed connections that the browser has not collected press it to, open ones do not', async () => {
  // The double remembers every connection, so none is ever collected.
  const standIns = Array.from({ length: 150 }, () => new StandIn({}));
  await vi.waitFor(() => expect(host.counts()).toMatchObject({ open: 150, uncollected: 150, pressureBytes: 0 }));
  for (const standIn of standIns) standIn.close();
  await connect();
  await vi.waitFor(() => expect(host.counts()).toMatchObject({ open: 1, uncollected: 151 }));
  expect(host.counts().pressureBytes).toBeGreaterThan(0);
});

describe('a connection that waits for somebody', () => {
  async function wait(isPatient: boolean) {
    const standIn = new StandIn({ iceServers: [], isPatient });
    const heard: string[] = [];
    standIn.oniceconnectionstatechange = () => heard.push(standIn.iceConnectionState);
    await turn();
    const real = FakeConnection.made[0];
    if (real === undefined) throw new Error('no connection was made');
    const become = async (...states: string[]) => {
      for (const state of states) {
        real.iceConnectionState = state;
        real.connectionState = state;
        real.oniceconnectionstatechange?.({} as never);
      }
      await turn();
      return heard.splice(0);
    };
    return { standIn, become };
  }

  test('has not failed while nobody has come, and has when he is gone again', async () => {
    const { standIn, become } = await wait(true);
    expect(await become('checking', 'disconnected', 'failed')).toEqual(['checking', 'checking', 'checking']);
    expect(standIn.connectionState).toBe('connecting');
    expect(await become('checking', 'connected', 'disconnected', 'failed')).toEqual(['checking', 'connected', 'disconnected', 'failed']);
    expect(standIn.connectionState).toBe('failed');
  });

  test('any other has', async () => {
    const { become } = await wait(false);
    expect(await become('checking', 'failed')).toEqual(['checking', 'failed']);
  });

  test('and so has one that the browser does not make', async () => {
    FakeConnection.refuse = true;
    const standIn = new StandIn({ iceServers: [], isPatient: true });
    await turn();
    expect(standIn.connectionState).toBe('failed');
  });
});
