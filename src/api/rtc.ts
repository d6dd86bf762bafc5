/**
 * What the page and the worker tell each other so that WebRTC, which only pages have, works in the worker. The worker names
 * connections and the channels it creates; the page names the channels that the remote side created, from
 * {@link FIRST_REMOTE_CHANNEL} up. Both sides of the port are our own code.
 */

/** Channels are numbered per connection; those below were created by the worker. */
export const FIRST_REMOTE_CHANNEL = 1_000_000;

/** Sent through the relay without being acknowledged; also a channel's `bufferedAmountLowThreshold` there. As simple-peer's. */
export const RELAY_WINDOW_BYTES = 65_536;

/** RTCSessionDescriptionInit, which the worker's type library lacks. */
export interface SessionDescription {
  readonly type: 'answer' | 'offer' | 'pranswer' | 'rollback';
  readonly sdp: string;
}

/** RTCIceCandidateInit. */
export interface IceCandidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
}

/** RTCIceServer: where a STUN or TURN server is, and how to log in there. */
export interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** The part of RTCConfiguration that we use. */
export interface RtcConfiguration {
  readonly iceServers?: readonly IceServer[];
}

/** RTCDataChannelInit without what WebTorrent never sets. */
export interface ChannelInit {
  readonly ordered?: boolean;
  readonly maxRetransmits?: number;
}

/** The connection's properties at the time of an event: stand-ins answer from it synchronously. */
export interface RtcState {
  readonly connectionState: string;
  readonly iceConnectionState: string;
  readonly iceGatheringState: string;
  readonly signalingState: string;
  readonly localDescription: SessionDescription | null;
  readonly remoteDescription: SessionDescription | null;
}

/** A method of RTCPeerConnection with its argument. */
export type RtcCall =
  | { readonly method: 'createOffer' }
  | { readonly method: 'createAnswer' }
  | { readonly method: 'setLocalDescription'; readonly description: SessionDescription | undefined }
  | { readonly method: 'setRemoteDescription'; readonly description: SessionDescription }
  | { readonly method: 'addIceCandidate'; readonly candidate: IceCandidate | undefined }
  | { readonly method: 'getStats' };

/** Entries of an RTCStatsReport. */
export type RtcStats = readonly Readonly<Record<string, unknown>>[];
/** What an {@link RtcCall} resolves to. */
export type RtcResult = SessionDescription | RtcStats | undefined;

/** Worker → page. */
export type RtcRequest =
  | { readonly kind: 'open'; readonly connection: number; readonly configuration: RtcConfiguration }
  | { readonly kind: 'call'; readonly connection: number; readonly call: number; readonly request: RtcCall }
  | {
      readonly kind: 'create-channel';
      readonly connection: number;
      readonly channel: number;
      readonly label: string;
      readonly init: ChannelInit;
    }
  /** Relay only. */
  | {
      readonly kind: 'send';
      readonly connection: number;
      readonly channel: number;
      readonly payload: ArrayBuffer | string;
      readonly sizeBytes: number;
    }
  /** Relay only. */
  | { readonly kind: 'close-channel'; readonly connection: number; readonly channel: number }
  | { readonly kind: 'close'; readonly connection: number };

/** Events of RTCPeerConnection that are passed on; `datachannel` has its own message. */
export type RtcEventName =
  | 'connectionstatechange'
  | 'icecandidate'
  | 'iceconnectionstatechange'
  | 'icegatheringstatechange'
  | 'signalingstatechange';

/** An event of a relayed channel. */
export type RelayEvent =
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'message'; readonly payload: ArrayBuffer | string }
  /** `totalBytes` of what was sent have left the page's buffer. */
  | { readonly kind: 'drained'; readonly totalBytes: number };

/** Page → worker. */
export type RtcReport =
  | { readonly kind: 'returned'; readonly connection: number; readonly call: number; readonly result: RtcResult; readonly state: RtcState }
  | { readonly kind: 'threw'; readonly connection: number; readonly call: number; readonly name: string; readonly message: string }
  | {
      readonly kind: 'event';
      readonly connection: number;
      readonly event: RtcEventName;
      readonly candidate?: IceCandidate | null;
      readonly state: RtcState;
    }
  /** A channel is there. `transferred` is absent where it could not be transferred: then it is relayed. */
  | {
      readonly kind: 'channel';
      readonly connection: number;
      readonly channel: number;
      readonly label: string;
      readonly transferred?: RTCDataChannel;
      readonly readyState: string;
    }
  | { readonly kind: 'relay'; readonly connection: number; readonly channel: number; readonly event: RelayEvent };
