import { EventEmitter } from 'node:events';
import Wire from 'bittorrent-protocol';
import { beforeEach, expect, test } from 'vitest';
import type { Torrent } from 'webtorrent';
import { deliverBlock, sendBlock } from './wire.contract.ts';
import { onWrongPiece } from './wrong-piece.ts';

let torrent: EventEmitter;
let culprits: (Wire | undefined)[];
beforeEach(() => {
  torrent = new EventEmitter();
  culprits = [];
  onWrongPiece(torrent as unknown as Torrent, (culprit) => culprits.push(culprit));
});

/** Somebody connects. @returns how he sends a block of a piece, and how he does when he was asked for it */
function connect() {
  const wire = new Wire('webrtc');
  torrent.emit('wire', wire);
  return { wire, send: (index: number) => sendBlock(wire, index), deliver: (index: number) => deliverBlock(wire, index) };
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

test('who sends blocks that he was not asked for is neither to blame nor an excuse for another', () => {
  const [liar, helper] = [connect(), connect()];
  helper.send(0);
  liar.deliver(0);
  helper.send(0);
  fail(0);
  helper.send(1);
  fail(1);
  expect(culprits).toEqual([liar.wire, undefined]);
});

test('nothing is made of other warnings, nor of pieces that nobody delivered or that cannot be', () => {
  const { send } = connect();
  torrent.emit('warning', 'something else');
  expect(culprits).toEqual([]);
  send(2 ** 31);
  fail(2 ** 31);
  expect(culprits).toEqual([undefined]);
});
