/** The guard and the extension on real wires that are piped into each other. */
import Wire from 'bittorrent-protocol';
import { describe, expect, test, vi } from 'vitest';
import { encode } from '../core/bencode.ts';
import { MAX_MESSAGE_BYTES } from '../core/limit.ts';
import type { Message, ReceivedMessage } from '../core/message.ts';
import { decodeMessage, encodeMessage } from '../core/message-codec.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { Intake, UNASKED_MESSAGES } from './intake.ts';
import { offerTtx, type TtxHandlers } from './ttx-extension.ts';
import {
  backlogBytes,
  guardMetadata,
  guardWire,
  MAX_HANDSHAKE_BYTES,
  MAX_HANDSHAKES,
  MAX_WIRE_MESSAGE_BYTES,
  onDrain,
  WIRE_MESSAGES,
} from './wire-guard.ts';

const INFOHASH = 'aa'.repeat(20);
const inv: Message = { t: 'inv', held: [] };
/** Shows `shown`, and takes what is `taken` for a proof. */
const proofs = (shown: string, taken: string) => ({
  own: new TextEncoder().encode(shown),
  check: (proof: unknown) => proof instanceof Uint8Array && new TextDecoder().decode(proof) === taken,
});
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** `ours` is guarded and speaks `ttx`; `theirs` is a stranger who may speak it too. */
async function connect(options: { theirsOffersTtx?: boolean; theirProof?: string; handlers?: Partial<TtxHandlers> } = {}) {
  const clock = new VirtualClock(0);
  const [ours, theirs] = [new Wire('webrtc'), new Wire('webrtc')];
  const got: ReceivedMessage[] = [];
  const violations: string[] = [];
  let readies = 0;
  ours.pipe(theirs).pipe(ours);
  guardWire(ours, clock, (what) => violations.push(what));
  const intake = new Intake({ clock, violation: (points, what) => violations.push(`${points} ${what}`) });
  const ttx = offerTtx(ours, proofs('ours', 'theirs'), {
    ready: () => readies++,
    impostor: () => violations.push('impostor'),
    said: (bytes) => {
      const message = intake.take(bytes);
      if (message !== undefined) got.push(message);
    },
    ...options.handlers,
  });
  const strangerGot: ReceivedMessage[] = [];
  const stranger =
    options.theirsOffersTtx === false
      ? undefined
      : offerTtx(theirs, proofs(options.theirProof ?? 'theirs', 'ours'), {
          ready: () => {},
          impostor: () => {},
          said: (bytes) => {
            const message = decodeMessage(bytes);
            if (message !== undefined) strangerGot.push(message);
          },
        });
  ours.handshake(INFOHASH, '01'.repeat(20), { fast: true });
  theirs.handshake(INFOHASH, '02'.repeat(20), { fast: true });
  await turn();
  return { clock, ours, theirs, ttx, stranger, intake, got, strangerGot, violations, readies: () => readies };
}

/** Bytes as they go over the connection, with the length in front. */
function framed(length: number, ...bytes: number[]): Uint8Array {
  const frame = new Uint8Array(4 + bytes.length);
  new DataView(frame.buffer).setUint32(0, length);
  frame.set(bytes, 4);
  return frame;
}

test('both sides become ready once, and messages pass both ways', async () => {
  const { ttx, stranger, got, strangerGot, readies, theirs } = await connect();
  expect([ttx.isReady, stranger?.isReady, readies()]).toEqual([true, true, 1]);
  ttx.send(inv);
  stranger?.send(inv);
  theirs.extended(0, encode({ m: { ttx: 9 } }));
  await turn();
  expect([got, strangerGot, readies()]).toEqual([[inv], [inv], 1]);
});

test('a peer that cannot prove who it is is told of once, and nothing that it says is heard', async () => {
  const { ttx, stranger, theirs, got, readies, violations } = await connect({ theirProof: 'somebody else' });
  stranger?.send(inv);
  theirs.extended('ttx', encode({ t: 'inv' }));
  // A second try counts no more.
  theirs.extended(0, encode({ m: { ttx: 1 }, ttx: 'theirs' }));
  await turn();
  expect([ttx.isReady, readies(), got, violations]).toEqual([false, 0, [], ['impostor']]);
});

test('a peer that takes its ttx back hears nothing more, and sending to it throws nothing', async () => {
  for (const number of [0, 1e9, 'x', -1]) {
    const { ttx, theirs, strangerGot, violations } = await connect();
    theirs.extended(0, encode({ m: { ttx: typeof number === 'string' || number < 0 ? 'x' : number } }));
    await turn();
    expect(ttx.isReady).toBe(true);
    ttx.send(inv);
    await turn();
    expect([strangerGot, violations]).toEqual([[], []]);
  }
});

test('a peer without ttx is never ready and gets no ttx message', async () => {
  const { ttx, theirs, violations } = await connect({ theirsOffersTtx: false });
  const extended: unknown[] = [];
  theirs.on('extended', (...values) => extended.push(values));
  ttx.send(inv);
  await turn();
  expect([ttx.isReady, extended, violations]).toEqual([false, [], []]);
});

describe('a ttx message', () => {
  test('of an unknown type is ignored', async () => {
    const { theirs, got, violations } = await connect();
    theirs.extended('ttx', encode({ t: 'later' }));
    await turn();
    expect([got, violations]).toEqual([[], []]);
  });

  test('that is malformed costs half the score', async () => {
    const { theirs, violations } = await connect();
    theirs.extended('ttx', encode({ t: 'inv' }));
    theirs.extended('ttx', Uint8Array.of(1, 2, 3));
    await turn();
    expect(violations.map((text) => text.split(' ')[0])).toEqual(['50', '50']);
  });

  test('beyond the budget is not passed on', async () => {
    const { stranger, got, violations, clock } = await connect();
    for (let i = 0; i < UNASKED_MESSAGES.burst + 3; i++) stranger?.send(inv);
    await turn();
    expect(got).toHaveLength(UNASKED_MESSAGES.burst);
    expect(violations).toEqual(Array(3).fill('20 more messages than the budget'));
    clock.leap(1_000);
    stranger?.send(inv);
    await turn();
    expect(got).toHaveLength(UNASKED_MESSAGES.burst + 1);
  });

  test('that was asked for is free', async () => {
    const { stranger, intake, got, violations } = await connect();
    const txid = '33'.repeat(32) as never;
    intake.said({ t: 'get', txids: Array(500).fill(txid) });
    for (let i = 0; i < UNASKED_MESSAGES.burst + 500; i++) stranger?.send(inv);
    await turn();
    expect([got.length, violations]).toEqual([UNASKED_MESSAGES.burst + 500, []]);
  });

  test('whose handler throws harms nobody, and is reported', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const handlers = {
      said: () => {
        throw new Error('handler');
      },
    };
    const { stranger, ours, violations } = await connect({ handlers });
    stranger?.send(inv);
    await turn();
    expect([ours.destroyed, violations, report.mock.calls.length]).toEqual([false, [], 1]);
    report.mockRestore();
  });
});

describe('the guard', () => {
  test('passes the longest ttx message', async () => {
    const { theirs, violations } = await connect();
    theirs.extended('ttx', encode({ t: 'later', x: new Uint8Array(MAX_MESSAGE_BYTES - 24) }));
    await turn();
    expect(violations).toEqual([]);
  });

  test('refuses a longer message before its bytes arrive, and hears nothing more', async () => {
    const { theirs, stranger, violations, got, ours } = await connect();
    theirs.push(framed(MAX_WIRE_MESSAGE_BYTES + 1, 20, 1));
    await turn();
    expect(violations).toEqual(['message too long']);
    stranger?.send(inv);
    theirs.push(new Uint8Array(1_000_000));
    await turn();
    expect([got, violations.length]).toEqual([[], 1]);
    expect(ours._bufferSize).toBeLessThan(2_000_000);
  });

  test('refuses a length that would be negative as a signed number', async () => {
    const { theirs, violations } = await connect();
    theirs.push(framed(0xffffffff));
    await turn();
    expect(violations).toEqual(['message too long']);
  });

  test('catches what bittorrent-protocol throws at a malformed extended handshake', async () => {
    const { theirs, violations } = await connect();
    // `m` holds a dictionary without a usable toString.
    theirs.extended(0, new TextEncoder().encode('d1:md1:xd8:toStringi1eeee'));
    await turn();
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain('cannot be handled');
  });

  test('survives an empty message and a truncated request', async () => {
    const { theirs, violations, stranger, got } = await connect();
    theirs.push(framed(1, 6));
    theirs.push(framed(0));
    theirs.push(framed(2, 20, 0));
    await turn();
    stranger?.send(inv);
    await turn();
    expect([violations.length <= 1, got.length <= 1]).toEqual([true, true]);
  });

  test('refuses a flood of small messages', async () => {
    const { theirs, violations } = await connect();
    const have = framed(5, 4, 0, 0, 0, 0);
    const flood = new Uint8Array(have.length * (WIRE_MESSAGES.burst + 10));
    for (let i = 0; i < flood.length; i += have.length) flood.set(have, i);
    theirs.push(flood);
    await turn();
    expect(violations).toEqual(['too many messages']);
  });

  test('puts a long message together from pieces of one byte in linear time', async () => {
    const { theirs, ours, got, violations } = await connect();
    const message = encodeMessage({ t: 'tx', files: Array(15).fill(new Uint8Array(16_000)), missing: [] });
    const frame = Uint8Array.from(Buffer.concat([framed(2 + message.length, 20, 1), message]));
    let done = 0;
    for (let i = 0; i < frame.length; i++) ours._write(frame.subarray(i, i + 1), () => done++);
    expect([done, got.length, violations]).toEqual([frame.length, 1, []]);
    // What follows in the same piece is read too.
    const next = framed(2 + encodeMessage(inv).length, 20, 1, ...encodeMessage(inv));
    theirs.push(Uint8Array.from([...next, ...next.subarray(0, 7)]));
    await turn();
    theirs.push(next.subarray(7));
    await turn();
    expect([got.length, violations]).toEqual([3, []]);
  }, 2_000);

  test('refuses extended handshakes that are endless or enormous, because what they name is kept', async () => {
    const many = await connect();
    for (let i = 0; i <= MAX_HANDSHAKES; i++) many.theirs.extended(0, encode({ m: { [`x${i}`]: 7 } }));
    await turn();
    expect(many.violations).toEqual(['extended handshakes without end']);
    const long = await connect();
    long.theirs.extended(0, encode({ v: new Uint8Array(MAX_HANDSHAKE_BYTES) }));
    await turn();
    expect(long.violations).toEqual(['extended handshakes without end']);
  });

  test('refuses a peer that asks and does not read', async () => {
    const clock = new VirtualClock(0);
    const wire = new Wire('webrtc');
    const violations: string[] = [];
    guardWire(wire, clock, (what) => violations.push(what));
    // Nothing reads from the wire, so what it answers piles up.
    wire.push(new Uint8Array(5_000_000));
    expect(backlogBytes(wire)).toBe(5_000_000);
    wire._onMessage(Uint8Array.of(2));
    expect(violations).toEqual(['asks without reading']);
  });
});

test('metadata that is too long for a transaction is refused before it is allocated', () => {
  const seen: unknown[] = [];
  const sizes: boolean[] = [];
  const extension = { onExtendedHandshake: (handshake: unknown) => void seen.push(handshake) };
  guardMetadata({ ut_metadata: extension } as unknown as Wire, (fits) => sizes.push(fits));
  extension.onExtendedHandshake({ metadata_size: 10_000_000 });
  extension.onExtendedHandshake({ metadata_size: 112 });
  for (const nothing of [{}, { metadata_size: 0 }, { metadata_size: 'x' }]) extension.onExtendedHandshake(nothing);
  expect(seen).toEqual([{ metadata_size: 112 }, {}, { metadata_size: 0 }, { metadata_size: 'x' }]);
  expect(sizes).toEqual([false, true]);
});

test('metadata of an attached file has exactly the length that follows from its name and size', () => {
  const seen: unknown[] = [];
  const sizes: boolean[] = [];
  const extension = { onExtendedHandshake: (handshake: unknown) => void seen.push(handshake) };
  guardMetadata({ ut_metadata: extension } as unknown as Wire, (fits) => sizes.push(fits), 5_200);
  for (const size of [10_000_000, 112, 5_199, 5_200, 0]) extension.onExtendedHandshake({ metadata_size: size });
  expect(seen).toEqual([{ metadata_size: 5_200 }, { metadata_size: 0 }]);
  expect(sizes).toEqual([false, false, false, true]);
});

test('messages are encoded as the codec says', async () => {
  const { ttx, theirs } = await connect();
  const payloads: Uint8Array[] = [];
  theirs.on('extended', (name: never, payload: never) => name === ('ttx' as never) && payloads.push(payload));
  ttx.send(inv);
  await turn();
  expect(payloads).toEqual([encodeMessage(inv)]);
});

test('whoever waits for a wire to drain is called until it has', async () => {
  const { ours, ttx, strangerGot } = await connect();
  let calls = 0;
  const left: number[] = [];
  onDrain(ours, () => {
    calls++;
    left.push(backlogBytes(ours));
  });
  const files = [new Uint8Array(16_000)];
  for (let i = 0; i < 40; i++) ttx.send({ t: 'tx', files, missing: [] });
  expect(backlogBytes(ours)).toBeGreaterThan(600_000);
  await turn();
  expect(strangerGot).toHaveLength(40);
  expect(calls).toBeGreaterThan(10);
  expect(left.at(-1)).toBeLessThan(33_000);
});
