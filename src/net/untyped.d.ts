/** The parts that we use of packages which come without types. Names and shapes as in the versions pinned in package.json. */

declare module 'bencode' {
  const bencode: {
    encode(data: unknown): Uint8Array;
    decode(data: Uint8Array | string): unknown;
  };
  export default bencode;
}

declare module 'bittorrent-protocol' {
  /** A handler that {@link Wire.use} constructs. */
  export interface Extension {
    onHandshake?(infohash: string, peerId: string): void;
    onExtendedHandshake?(handshake: Readonly<Record<string, unknown>>): void;
    onMessage?(bytes: Uint8Array): void;
  }
  /** `name` of the prototype is the extension's name. */
  export type ExtensionConstructor = new (wire: Wire) => Extension;

  /** One BitTorrent connection (BEP 3): a duplex stream of bytes. Underscored members are internals of 5.0.9. */
  export default class Wire {
    constructor(type?: string);
    /** 40 hex digits, once the handshake is there. */
    readonly peerId: string | null;
    readonly type: string;
    readonly amInterested: boolean;
    readonly peerInterested: boolean;
    readonly uploaded: number;
    readonly downloaded: number;
    readonly destroyed: boolean;
    readonly destroying: boolean;
    readonly peerPieces: { get(index: number): boolean };
    readonly peerExtendedMapping: Readonly<Record<string, number>>;
    /** What the extended handshake carries beside `m`. */
    readonly extendedHandshake: Record<string, unknown>;
    readonly ut_metadata?: { onExtendedHandshake(handshake: Readonly<Record<string, unknown>>): void };
    readonly _readableState: {
      readonly buffered: number;
      /** Where it is piped to. */
      readonly pipeTo: { on(event: 'drain', listener: () => void): unknown } | null;
    };
    /** Bytes that the parser waits for, those in `_buffer` included. */
    readonly _parserSize: number;
    _buffer: Uint8Array[];
    _bufferSize: number;
    _parse(size: number, parser: (buffer: Uint8Array) => void): void;
    _onMessageLength(buffer: Uint8Array): void;
    _onMessage(buffer: Uint8Array): void;
    _write(bytes: Uint8Array, done: (error: Error | null) => void): void;
    use(extension: ExtensionConstructor): void;
    handshake(infohash: string, peerId: string, extensions?: { readonly fast?: boolean }): void;
    extended(extension: string | number, message: Uint8Array | object): void;
    readonly amChoking: boolean;
    readonly peerChoking: boolean;
    unchoke(): void;
    /** Asks for a block. `done` is called once, with the block or with why there will be none. */
    request(index: number, offset: number, length: number, done: (error: Error | null, block: Uint8Array | null) => void): void;
    destroy(): void;
    pipe<T>(to: T): T;
    push(bytes: Uint8Array): boolean;
    on(event: string, listener: (...values: never[]) => void): this;
    once(event: string, listener: (...values: never[]) => void): this;
  }
}

declare module '@thaunknown/simple-peer/lite.js' {
  export interface SignalDescription {
    readonly type: string;
    readonly sdp: string;
  }
  /** A WebRTC connection with one data channel, as a duplex stream. */
  export default class SimplePeer {
    constructor(options: { initiator?: boolean; trickle?: boolean; config?: object });
    /** Set by whoever creates it: WebTorrent tells connections apart by it. */
    id?: string;
    readonly connected: boolean;
    readonly destroyed: boolean;
    signal(told: SignalDescription | { readonly type: 'candidate'; readonly candidate: object }): void;
    destroy(error?: Error): void;
    on(event: 'signal', listener: (description: SignalDescription) => void): this;
    on(event: 'connect' | 'close' | 'end' | 'finish', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }
}

declare module 'webtorrent' {
  import type SimplePeer from '@thaunknown/simple-peer/lite.js';
  import type Wire from 'bittorrent-protocol';

  type StoreCallback = (error: Error | null, bytes?: Uint8Array) => void;
  /** abstract-chunk-store. */
  export interface ChunkStore {
    readonly chunkLength: number;
    put(index: number, bytes: Uint8Array, callback?: StoreCallback): void;
    get(index: number, options: { readonly offset?: number; readonly length?: number } | null | undefined, callback?: StoreCallback): void;
    close(callback?: StoreCallback): void;
    destroy(callback?: StoreCallback): void;
  }

  export interface TorrentOptions {
    readonly store?: new (chunkLength: number) => ChunkStore;
    readonly preloadedStore?: ChunkStore;
    readonly skipVerify?: boolean;
    readonly storeCacheSlots?: number;
    readonly announce?: readonly string[];
  }

  export interface Torrent {
    readonly infoHash: string;
    /** The info dictionary, re-encoded; its SHA-1 is `infoHash`. Set with the metadata. */
    readonly infoBuffer?: Uint8Array;
    readonly wires: readonly Wire[];
    readonly uploaded: number;
    readonly destroyed: boolean;
    /** Internal of 3.0.21: connections by id, with their stream and, once connected, their wire. */
    readonly _peers: ReadonlyMap<string, { readonly conn: unknown; readonly wire: Wire | null }> | null;
    addPeer(connection: SimplePeer): boolean;
    destroy(options?: object): void;
    on(event: 'wire', listener: (wire: Wire) => void): this;
    on(event: 'error' | 'warning', listener: (error: Error | string) => void): this;
    on(event: 'infoHash' | 'metadata' | 'ready' | 'done' | 'close', listener: () => void): this;
  }

  export interface ClientOptions {
    readonly peerId: string;
    readonly tracker: false;
    readonly dht: false;
    readonly lsd: false;
    readonly utPex: false;
    readonly natUpnp: false;
    readonly natPmp: false;
    readonly webSeeds: false;
  }

  export default class WebTorrent {
    constructor(options: ClientOptions);
    readonly peerId: string;
    add(torrent: string | Uint8Array, options: TorrentOptions): Torrent;
    destroy(callback?: () => void): void;
    on(event: 'error', listener: (error: Error | string) => void): this;
  }
}
