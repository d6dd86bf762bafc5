import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMessage, type SignatureVerdict, type SignedMessage } from '../../core/ed25519.ts';
import { decodeTransaction, type TransactionFile } from '../../core/transaction.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';
import { packMessages, packVerdicts, unpackMessages, unpackVerdicts } from './signed-batch.ts';
import { BulkVerifier, type Shards } from './verifier.ts';

const alice = person('alice');
const { file: genesis } = makeGenesis(alice);
const good = Array.from({ length: 10 }, (_, i) => makePayment(alice, [genesis], alice.address, 1n, i + 10));
/** Another time than the one that was signed. */
const forged = good.map(({ bytes }) =>
  decodeTransaction(new TextEncoder().encode(new TextDecoder().decode(bytes).replace(/"time":\d+/, '"time":99'))),
);
/** Every third is forged. */
const many = (count: number) => Array.from({ length: count }, (_, i) => (i % 3 === 2 ? forged : good)[i % 10] as TransactionFile);
const expected = (count: number) => Array.from({ length: count }, (_, i): SignatureVerdict => (i % 3 === 2 ? 'signature' : 'valid'));

/** Shards whose every batch is checked when `answer` is called. */
function shardsOf(size: number) {
  const waiting: (() => void)[] = [];
  const sizes: number[] = [];
  const shards: Shards = {
    size,
    check: (batch) => {
      const messages = unpackMessages(batch);
      sizes.push(messages.length);
      return new Promise((resolve) => waiting.push(() => resolve(packVerdicts(messages.map((signed) => checkMessage(signed))))));
    },
  };
  return { shards, sizes, waiting, answerOne: () => waiting.shift()?.() };
}

function here() {
  let count = 0;
  const check = async (signed: SignedMessage) => {
    count++;
    return checkMessage(signed);
  };
  return { check, count: () => count };
}

test('messages and verdicts survive the way to another thread', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const message = fc.record({ key: bytes(32), signature: bytes(64), message: fc.uint8Array({ maxLength: 600 }) });
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      expect(unpackMessages(packMessages(messages))).toEqual(messages);
    }),
  );
  const verdict = fc.constantFrom<SignatureVerdict>('valid', 'key', 'signature');
  fc.assert(
    fc.property(fc.array(verdict), (verdicts) => {
      expect(unpackVerdicts(packVerdicts(verdicts))).toEqual(verdicts);
    }),
  );
});

test('a few are checked here', async () => {
  const { shards, sizes } = shardsOf(2);
  const local = here();
  const { verify } = new BulkVerifier(local.check, shards);
  expect(await Promise.all(many(20).map(verify))).toEqual(expected(20));
  expect([local.count(), sizes.length]).toEqual([20, 0]);
});

test('many are checked there, in batches, and no shard is given more than two', async () => {
  const { shards, sizes, waiting, answerOne } = shardsOf(2);
  const local = here();
  const { verify } = new BulkVerifier(local.check, shards);
  const verdicts = Promise.all(many(500).map(verify));
  await Promise.resolve();
  expect(waiting).toHaveLength(4);
  while (sizes.reduce((sum, size) => sum + size, 0) < 500 || waiting.length > 0) {
    answerOne();
    expect(waiting.length).toBeLessThanOrEqual(4);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await verdicts).toEqual(expected(500));
  expect(local.count()).toBe(0);
});

test('what comes while the shards are at work goes there too', async () => {
  const { shards, sizes, answerOne } = shardsOf(1);
  const local = here();
  const { verify } = new BulkVerifier(local.check, shards);
  const first = Promise.all(many(64).map(verify));
  const second = Promise.all(many(3).map(verify));
  await Promise.resolve();
  answerOne();
  answerOne();
  expect(await first).toEqual(expected(64));
  expect(await second).toEqual(expected(3));
  expect([sizes, local.count()]).toEqual([[64, 3], 0]);
});

test('shards that fail are done without', async () => {
  let asked = 0;
  const shards: Shards = {
    size: 1,
    check: async () => {
      asked++;
      throw new Error('not loaded');
    },
  };
  const local = here();
  const { verify } = new BulkVerifier(local.check, shards);
  expect(await Promise.all(many(300).map(verify))).toEqual(expected(300));
  expect(await Promise.all(many(100).map(verify))).toEqual(expected(100));
  expect([local.count(), asked <= 2]).toEqual([400, true]);
});

test('without shards everything is checked here', async () => {
  const local = here();
  const { verify } = new BulkVerifier(local.check);
  expect(await Promise.all(many(130).map(verify))).toEqual(expected(130));
});
