import { expect, test } from 'vitest';
import { checkMessage, type SignedMessage } from '../../core/ed25519.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';
import { examine } from './examine.ts';
import { packFindings, unpackBatch } from './file-batch.ts';
import { BulkVerifier, type Shards } from './verifier.ts';

const alice = person('alice');
const { file: genesis } = makeGenesis(alice);
const good = Array.from({ length: 10 }, (_, i) => makePayment(alice, [genesis], alice.address, 1n, i + 10).bytes);
/** Another time than the one that was signed. */
const forged = good.map((bytes) => new TextEncoder().encode(new TextDecoder().decode(bytes).replace(/"time":\d+/, '"time":99')));
/** Every third is forged, every seventh no transaction at all. */
const KINDS = ['valid', 'valid', 'signature', 'valid', 'valid', 'signature', 'encoding'];
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => (({ valid: good, signature: forged })[KINDS[i % 7] ?? ''] ?? [])[i % 10] ?? Uint8Array.of(0, i));
const expected = (count: number) => Array.from({ length: count }, (_, i) => KINDS[i % 7]);

const noble = async (signed: SignedMessage) => checkMessage(signed);

/** Shards whose every batch is checked when `answerOne` is called. */
function shardsOf(size: number) {
  const waiting: (() => void)[] = [];
  const sizes: number[] = [];
  let ended = 0;
  const shards: Shards = {
    size,
    check: (batch) => {
      const files = unpackBatch(batch);
      sizes.push(files.length);
      return new Promise((resolve) =>
        waiting.push(async () => resolve(packFindings(await Promise.all(files.map((bytes) => examine(bytes, noble)))))),
      );
    },
    end: () => ended++,
  };
  return { shards, sizes, waiting, answerOne: () => waiting.shift()?.(), ended: () => ended };
}

function open(shards?: Shards) {
  let here = 0;
  const clock = new VirtualClock();
  const { verify } = new BulkVerifier(
    (signed) => {
      here++;
      return noble(signed);
    },
    clock,
    shards,
  );
  const kinds = async (count: number) => (await verify.examine?.(many(count)))?.map((one) => ('code' in one ? one.code : one.verdict));
  return { verify, kinds, clock, here: () => here };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a few are not worth a shard, and without shards none are', () => {
  const { shards, sizes } = shardsOf(2);
  expect([open(shards).verify.examine?.(many(63)), sizes]).toEqual([undefined, []]);
  expect(open().verify.examine?.(many(500))).toBeUndefined();
});

test('many are examined there, in batches, and no shard is given more than two', async () => {
  const { shards, sizes, waiting, answerOne } = shardsOf(2);
  const { kinds, here } = open(shards);
  const examined = kinds(500);
  expect(waiting).toHaveLength(4);
  while (sizes.reduce((sum, size) => sum + size, 0) < 500 || waiting.length > 0) {
    answerOne();
    expect(waiting.length).toBeLessThanOrEqual(4);
    await settle();
  }
  expect(await examined).toEqual(expected(500));
  expect(here()).toBe(0);
});

test('what is found there is what is found here', async () => {
  const { shards, answerOne } = shardsOf(1);
  const examined = open(shards).verify.examine?.(many(64));
  answerOne();
  expect(await examined).toEqual(await Promise.all(many(64).map((bytes) => examine(bytes, noble))));
});

test('what comes while the shards are at work goes there too', async () => {
  const { shards, sizes, answerOne } = shardsOf(1);
  const { kinds, here } = open(shards);
  const first = kinds(128);
  const second = kinds(3);
  answerOne();
  answerOne();
  expect(await first).toEqual(expected(128));
  expect(await second).toEqual(expected(3));
  expect([sizes, here()]).toEqual([[128, 3], 0]);
});

test('shards that fail are ended and done without for a minute', async () => {
  let asked = 0;
  let ended = 0;
  const shards: Shards = {
    size: 1,
    check: async () => {
      asked++;
      throw new Error('not loaded');
    },
    end: () => ended++,
  };
  const { kinds, verify, clock } = open(shards);
  expect(await kinds(300)).toEqual(expected(300));
  expect(verify.examine?.(many(100))).toBeUndefined();
  expect([asked, ended]).toEqual([2, 1]);
  await clock.advance(60_000);
  expect(await kinds(64)).toEqual(expected(64));
  expect(asked).toBe(3);
});

test('a shard that hangs is ended after twenty seconds, and what it had is examined here', async () => {
  const { shards, sizes, waiting, answerOne, ended } = shardsOf(1);
  const { kinds, verify, clock } = open(shards);
  const examined = kinds(300);
  await clock.advance(19_999);
  expect([sizes.length, ended()]).toEqual([2, 0]);
  await clock.advance(1);
  expect(await examined).toEqual(expected(300));
  expect([sizes.length, ended()]).toEqual([2, 1]);
  // It wakes up after all, and nobody minds.
  answerOne();
  expect(verify.examine?.(many(100))).toBeUndefined();
  await clock.advance(60_000);
  waiting.length = 0;
  const later = kinds(64);
  answerOne();
  expect(await later).toEqual(expected(64));
});

test('an answer that is no answer is not believed', async () => {
  const shards: Shards = { size: 1, check: async () => new Uint8Array(2), end: () => undefined };
  expect(await open(shards).kinds(70)).toEqual(expected(70));
});
