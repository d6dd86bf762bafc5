/** Who is to blame for a piece whose hash is wrong. */
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';

/**
 * Calls `listener` when a piece of a torrent that is being fetched came wrong. Must be called before its first connection.
 * @param listener is given the wire that all blocks of the piece came by; undefined where several brought some, of whom any may be honest
 */
export function onWrongPiece(torrent: Torrent, listener: (culprit: Wire | undefined) => void): void {
  /** By index of the piece: who brought its blocks; undefined once a second one has. */
  const sources = new Map<number, Wire | undefined>();
  torrent.on('wire', (wire) => {
    const request = wire.request.bind(wire);
    // The wire's own event also tells of blocks that nobody asked for: with one of each piece a stranger could cover up for another.
    wire.request = (index, offset, length, done) =>
      request(index, offset, length, (error, block) => {
        if (error === null) sources.set(index, sources.has(index) && sources.get(index) !== wire ? undefined : wire);
        done(error, block);
      });
  });
  torrent.on('warning', (warning) => {
    const index = /Piece (\d+) failed verification/.exec(String(warning))?.[1];
    if (index === undefined) return;
    const culprit = sources.get(Number(index));
    // All its blocks are asked for anew.
    sources.delete(Number(index));
    listener(culprit);
  });
}
