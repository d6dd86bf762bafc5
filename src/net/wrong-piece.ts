/** Who is to blame for a piece whose hash is wrong. */
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';
import { PIECE_BYTES } from '../core/attachment.ts';
import { MAX_ATTACHMENT_BYTES } from '../core/limit.ts';

/** Of any torrent that is fetched. Strangers can deliver blocks of pieces that do not exist. */
const MAX_PIECES = MAX_ATTACHMENT_BYTES / PIECE_BYTES;

/**
 * Calls `listener` when a piece of a torrent that is being fetched came wrong. Must be called before its first connection.
 * @param listener is given the wire that all blocks of the piece came by; undefined where several brought some, of whom any may be honest
 */
export function onWrongPiece(torrent: Torrent, listener: (culprit: Wire | undefined) => void): void {
  /** By index of the piece: who brought its blocks; undefined once a second one has. */
  const sources = new Map<number, Wire | undefined>();
  torrent.on('wire', (wire) => {
    wire.on('piece', (index: number) => {
      if (index < MAX_PIECES) sources.set(index, sources.has(index) && sources.get(index) !== wire ? undefined : wire);
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
