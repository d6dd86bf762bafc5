import { hexToBytes } from '@noble/hashes/utils.js';
import { expect, test } from 'vitest';
import { checkMessage, type SignedMessage } from '../../core/ed25519.ts';
import { ed25519Vectors } from '../../core/vectors/ed25519.ts';
import { type Ed25519Crypto, FastEd25519 } from './fast-ed25519.ts';

const messages = ed25519Vectors.map(({ key, signature, message, verdict }) => ({
  signed: { key: hexToBytes(key), signature: hexToBytes(signature), message: hexToBytes(message) },
  verdict,
}));
const native = crypto.subtle as Ed25519Crypto;
const keyOf = (data: BufferSource) => data as unknown as CryptoKey;

/** WebCrypto as it should be, but with `verify` of one's own. Counts its calls, and the keys it reads. */
function browser(verify: (signed: SignedMessage) => boolean) {
  let calls = 0;
  let keys = 0;
  const fake = {
    importKey: async (_: unknown, key: BufferSource) => {
      keys++;
      return keyOf(key);
    },
    verify: async (_: unknown, key: CryptoKey, signature: BufferSource, message: BufferSource) => {
      calls++;
      return verify({ key, signature, message } as unknown as SignedMessage);
    },
  } as unknown as Ed25519Crypto;
  return { fake, calls: () => calls, keys: () => keys };
}

test('the verdict on every vector is that of the authority', async () => {
  const ed25519 = new FastEd25519(native);
  expect(await ed25519.isTrusted()).toBe(true);
  const verdicts = await Promise.all(messages.map(({ signed }) => ed25519.check(signed)));
  expect(verdicts).toEqual(messages.map(({ verdict }) => verdict));
});

test('what WebCrypto accepts, the authority accepts, or the key is inadmissible', async () => {
  const ours = await Promise.all(
    messages.map(async ({ signed: { key, signature, message } }) => {
      const imported = await native.importKey('raw', key, 'Ed25519', false, ['verify']).catch(() => undefined);
      return imported !== undefined && (await native.verify('Ed25519', imported, signature, message));
    }),
  );
  expect(messages.filter(({ verdict }, n) => ours[n] === true && verdict === 'signature')).toEqual([]);
});

test('a yes is taken without the authority, a no is not', async () => {
  const { fake, calls } = browser((signed) => checkMessage(signed) === 'valid' && signed.message.length === 2);
  const ed25519 = new FastEd25519(fake);
  expect(await ed25519.isTrusted()).toBe(true);
  const before = calls();
  const valid = messages.find(({ verdict }) => verdict === 'valid')?.signed as SignedMessage;
  expect(await ed25519.check(valid)).toBe('valid');
  expect(calls()).toBe(before + 1);
});

test.each([
  ['that takes everything', () => true],
  [
    'that forgets the order of the group',
    (signed: SignedMessage) => checkMessage(signed) === 'valid' || (signed.signature[63] ?? 0) >= 0x20,
  ],
  ['that takes negative zero', (signed: SignedMessage) => checkMessage(signed) === 'valid' || signed.signature[31] === 0x80],
  ['that refuses everything', () => false],
])('a browser %s is not trusted', async (_, verify) => {
  const { fake, calls } = browser(verify);
  const ed25519 = new FastEd25519(fake);
  expect(await ed25519.isTrusted()).toBe(false);
  const before = calls();
  for (const { signed, verdict } of messages.slice(0, 20)) expect(await ed25519.check(signed)).toBe(verdict);
  expect(calls()).toBe(before);
});

test('a browser without ed25519, or without WebCrypto, leaves it to the authority', async () => {
  const throwing = { importKey: () => Promise.reject(new DOMException('', 'NotSupportedError')) } as unknown as Ed25519Crypto;
  for (const crypto of [throwing, undefined]) {
    const ed25519 = new FastEd25519(crypto);
    expect(await ed25519.isTrusted()).toBe(false);
    for (const { signed, verdict } of messages.slice(0, 5)) expect(await ed25519.check(signed)).toBe(verdict);
  }
});

test('a key is read once, and each of its signatures is checked', async () => {
  const { fake, calls, keys } = browser((signed) => checkMessage(signed) === 'valid');
  const ed25519 = new FastEd25519(fake);
  const valid = messages.find(({ verdict }) => verdict === 'valid')?.signed as SignedMessage;
  await ed25519.isTrusted();
  const before = [calls(), keys()] as const;
  for (const message of [valid.message, Uint8Array.of(1), valid.message]) await ed25519.check({ ...valid, message });
  expect([calls() - before[0], keys() - before[1]]).toEqual([3, 1]);
});

test('a key of small order is refused although WebCrypto takes its signature', async () => {
  const ed25519 = new FastEd25519(browser((signed) => signed.key[0] === 1 || checkMessage(signed) === 'valid').fake);
  expect(await ed25519.isTrusted()).toBe(true);
  const identity = new Uint8Array(32);
  identity[0] = 1;
  expect(await ed25519.check({ key: identity, signature: new Uint8Array(64), message: new Uint8Array(1) })).toBe('key');
});
