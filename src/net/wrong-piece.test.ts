import { EventEmitter } from 'node:events';
import Wire from 'bittorrent-protocol';
import { beforeEach, expect, test } from 'vitest';
import type { Torrent } from 'webtorrent';
import { onWrongPiece } from './wrong-piece.ts';

let torrent: EventEmitter;
let culprits: (Wire | undefined)[];
beforeEach(() => {
  torrent = new EventEmitter();
  culprits = [];
  onWrongPiece(torrent as unknown as Torrent, (culprit) => culprits.push(culprit));
});

/** Somebody connects. @returns how he delivers a block of a piece */
function connect() {
  const wire = new Wire('webrtc');
  torrent.emit('wire', wire);
  return { wire, deliver: (index: number) => (wire as unknown as EventEmitter).emit('piece', index, 0, new Uint8Array(16_384)) };
}
const fail = (index: number) => torrent.emit('warning', new Error(`Piece ${index} failed verification`));

test('who delivered all of a wrong piece is to blame, whoever else is there', () => {
  const [liar, honest] = [connect(), connect()];
  for (let block = 0; block < 4; block++) liar.deliver(0);
  honest.deliver(1);
  fail(0);
  expect(culprits).toEqual([liar.wire]);
});

test('nobody is where another one brought a block as well, be he gone, until the piece has come anew', () => {
  const [liar, honest] = [connect(), connect()];
  liar.deliver(3);
  honest.deliver(3);
  honest.deliver(3);
  fail(3);
  expect(culprits).toEqual([undefined]);
  honest.deliver(3);
  fail(3);
  expect(culprits).toEqual([undefined, honest.wire]);
});

test('nothing is made of other warnings, nor of pieces that nobody delivered or that cannot be', () => {
  const { deliver } = connect();
  torrent.emit('warning', 'something else');
  expect(culprits).toEqual([]);
  deliver(2 ** 31);
  fail(2 ** 31);
  expect(culprits).toEqual([undefined]);
});
