/** For tests: blocks that come over a wire. */
import type Wire from 'bittorrent-protocol';

interface Incoming {
  _onUnchoke(): void;
  _onPiece(index: number, offset: number, block: Uint8Array): void;
}

const BLOCK = new Uint8Array(16_384);

/** The remote side sends the first block of a piece, asked or not. */
export function sendBlock(wire: Wire, index: number): void {
  (wire as unknown as Incoming)._onPiece(index, 0, BLOCK);
}

/** The remote side is asked for it, and sends it. */
export function deliverBlock(wire: Wire, index: number): void {
  const blocks: (Uint8Array | null)[] = [];
  (wire as unknown as Incoming)._onUnchoke();
  wire.request(index, 0, BLOCK.length, (_, block) => blocks.push(block));
  sendBlock(wire, index);
  if (blocks[0] !== BLOCK) throw new Error('the block did not come');
}
