/** What tests use of BitTorrent packages that come without types. */
declare module 'create-torrent' {
  export default function createTorrent(
    input: string | NodeJS.ReadableStream,
    options: { pieceLength: number; name?: string; comment?: string; announceList?: string[][] },
    callback: (error: Error | null, torrent: Uint8Array) => void,
  ): void;
}
declare module 'parse-torrent' {
  export default function parseTorrent(torrent: Uint8Array): Promise<{ infoHash: string; infoBuffer: Uint8Array }>;
}
