/** How a pairing ends where something is in the way. Two that succeed: webtorrent-pairing.test.ts. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { locator, txidFromBytes } from '../core/id.ts';
import { decodePairing, encodePairing, type Transport } from '../core/pairing.ts';
import { writeDescription } from '../core/session-description.ts';
import { infohash } from '../core/torrent.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { Pairer } from './pairer.ts';
import { PAIRING, Signaling } from './signaling.ts';

const bytes = new TextEncoder().encode('{"genesis":1}');
const genesis = { infohash: infohash(bytes), bytes, role: 'genesis' } as const;
const TRANSPORT: Transport = { ufrag: 'name', pwd: 'p'.repeat(24), fingerprint: 'aa'.repeat(32), setup: 'actpass', candidates: [] };

interface Conditions {
  readonly hasPlace?: boolean;
  readonly welcomes?: () => boolean;
  /** What the browser does when it is given an offer. */
  readonly answers?: 'soon' | 'never' | 'refuses';
}

function open(peerId: string, { hasPlace = true, welcomes = () => true, answers = 'soon' }: Conditions = {}) {
  class Connection extends EventEmitter {
    constructor(initiator: boolean) {
      super();
      if (initiator) queueMicrotask(() => this.#describe('offer', 'actpass'));
    }
    signal({ type }: { type: string }): void {
      if (type !== 'offer' || answers === 'never') return;
      if (answers === 'refuses') queueMicrotask(() => this.emit('error', new Error('Invalid description')));
      else queueMicrotask(() => this.#describe('answer', 'active'));
    }
    destroy(): void {
      queueMicrotask(() => this.emit('close'));
    }
    #describe(type: string, setup: Transport['setup']): void {
      this.emit('signal', { type, sdp: writeDescription({ ...TRANSPORT, setup }) });
    }
  }
  const clock = new VirtualClock();
  const signaling = new Signaling<Connection>({
    createConnection: (initiator) => new Connection(initiator),
    clock,
    randomBytes: (count) => new Uint8Array(count).fill(1),
    hasRoom: () => true,
    welcomes,
    onIntroduction: () => {},
  });
  const pairer = new Pairer({ peerId, signaling, clock, genesis: () => genesis, hasPlace: () => hasPlace });
  return { clock, signaling, pairer };
}

const ADA = 'aa'.repeat(20);
const BOB = 'bb'.repeat(20);
const room = { code: 'timeout', detail: { what: 'room' } };

test('a code that the browser refuses ends the answer at once, and one that it is silent about in half a minute', async () => {
  const code = await open(ADA).pairer.startPairing();
  const refusal = { code: 'timeout', detail: { what: 'answer' } };
  await expect(open(BOB, { answers: 'refuses' }).pairer.answerPairing(code)).rejects.toMatchObject(refusal);
  const { clock, pairer, signaling } = open(BOB, { answers: 'never' });
  const ended = expect(pairer.answerPairing(code)).rejects.toMatchObject(refusal);
  clock.leap(29_000);
  expect(signaling.pending).toBe(1);
  clock.leap(1_000);
  await ended;
  await Promise.resolve();
  expect([signaling.pending, signaling.open]).toEqual([0, 0]);
});

test('who has no place for another peer is told before a code is shown, and when it has gone meanwhile', async () => {
  await expect(open(ADA, { hasPlace: false }).pairer.startPairing()).rejects.toMatchObject(room);
  const [a, b] = [open(ADA, { welcomes: () => false }), open(BOB)];
  const answer = await b.pairer.answerPairing(await a.pairer.startPairing());
  await expect(a.pairer.finishPairing(answer)).rejects.toMatchObject(room);
});

test('a crowd of strangers does not take the room of two people', async () => {
  const [a, b] = [open(ADA), open(BOB)];
  const { transport } = decodePairing(await a.pairer.startPairing());
  for (let n = 0; n < 12; n++) {
    const id = n.toString(16).padStart(40, '0');
    b.signaling.takeOffer({ infohash: genesis.infohash, source: 'wss://tracker', peerId: id, offerId: id, transport }, () => {});
  }
  expect(b.signaling.pending).toBe(12);
  expect(decodePairing(await b.pairer.answerPairing(await a.pairer.startPairing()))).toMatchObject({ kind: 'answer' });
});

test('a code that has ended is told apart from one that has no place', async () => {
  const [a, b] = [open(ADA), open(BOB)];
  const answer = await b.pairer.answerPairing(await a.pairer.startPairing());
  a.signaling.abandon(PAIRING);
  await expect(a.pairer.finishPairing(answer)).rejects.toMatchObject({ code: 'pairing', detail: { what: 'offer ended' } });
});

test('a password or a port that browsers refuse is no code', () => {
  const network = locator(genesis.infohash, txidFromBytes(new Uint8Array(32)));
  const port0 = { origin: 'host', address: '192.0.2.1', port: 0 } as const;
  for (const transport of [
    { ...TRANSPORT, pwd: 'p'.repeat(21) },
    { ...TRANSPORT, candidates: [port0] },
  ])
    expect(() => decodePairing(encodePairing({ kind: 'offer', network, peerId: ADA, transport }))).toThrow();
});
