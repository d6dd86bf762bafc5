import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf } from './address.ts';
import { isTtxError } from './error.ts';
import { type Address, amount, infohashFromBytes, type Locator, locator, publicKeyFromBytes, txidFromBytes } from './id.ts';
import { MAX_MAGNET_LENGTH } from './limit.ts';
import { acceptFragment, joinFragment, type Link, type LinkTarget, magnetLink, parseLink, paymentRequestFragment } from './link.ts';
import { infohash } from './torrent.ts';
import vectors from './vectors/link.json' with { type: 'json' };

/** A link as the vectors write it. */
const written = (link: Link): unknown =>
  JSON.parse(
    JSON.stringify(link, (_, value: unknown) =>
      value instanceof Uint8Array ? bytesToHex(value) : typeof value === 'bigint' ? String(value) : value,
    ),
  );

function write(vector: (typeof vectors.write)[number]): string {
  const target = vector.target as LinkTarget | undefined;
  if (vector.make === 'join') return joinFragment(vector.genesis as Locator, vector.trackers ?? []);
  if (vector.make === 'pay') {
    const { to, note, network, amount: units } = vector.request ?? { to: '' };
    return paymentRequestFragment({
      to: to as Address,
      note,
      network: network as Locator | undefined,
      amount: units === undefined ? undefined : amount(BigInt(units)),
    });
  }
  if (target === undefined) throw new Error(`${vector.name} has no target`);
  if (vector.make === 'accept') return acceptFragment(target);
  return magnetLink(target, vector.file === undefined ? undefined : hexToBytes(vector.file));
}

describe('vectors', () => {
  test.each(vectors.write.map((v) => [v.name, v] as const))('writes %s', (_, vector) => {
    expect(write(vector)).toBe(vector.link);
  });

  test.each(vectors.valid.map((v) => [v.name, v] as const))('reads %s', (_, vector) => {
    expect(written(parseLink(vector.text))).toEqual(vector.link);
  });

  test.each(vectors.invalid.map((v) => [v.name, v] as const))('refuses %s', (_, vector) => {
    expect(() => parseLink(vector.text)).toThrowError(expect.objectContaining({ code: vector.error }));
  });
});

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const anyLocator = fc.tuple(bytes(20), bytes(32)).map(([hash, id]) => locator(infohashFromBytes(hash), txidFromBytes(id)));
const tracker = fc.webUrl({ validSchemes: ['ws', 'wss'], withQueryParameters: true }).filter((url) => url.length <= 200);
const trackers = fc.uniqueArray(tracker, { maxLength: 8 });
/** What people and programs put around a link. */
const around = fc.constantFrom(
  ['', ''],
  ['Paid: ', '.'],
  ['(', ')'],
  ['"', '"'],
  ['<', '>'],
  ['\n', '!\nBye'],
  ['https://app.example/', ' :)'],
);

test('a magnet link survives a chat', () => {
  const file = fc.uint8Array({ minLength: 1, maxLength: 1000 });
  fc.assert(
    fc.property(file, anyLocator, trackers, around, (bytes, network, urls, [before, after]) => {
      const tx = locator(infohash(bytes), txidFromBytes(sha256(bytes)));
      const text = magnetLink({ locator: tx, network, trackers: urls }, bytes);
      const inline = text.includes('&x.tx=');
      expect(inline ? text.length : 0).toBeLessThanOrEqual(MAX_MAGNET_LENGTH);
      expect(parseLink(`${before}${text}${after}`)).toEqual({
        kind: 'magnet',
        magnet: { infohash: tx.slice(0, 40), txid: tx.slice(41), network, trackers: urls, file: inline ? bytes : undefined },
      });
    }),
  );
});

test('an app link survives a chat', () => {
  fc.assert(
    fc.property(anyLocator, trackers, around, (genesis, urls, [before, after]) => {
      const magnet = { infohash: genesis.slice(0, 40), txid: genesis.slice(41), network: genesis, trackers: urls, file: undefined };
      expect(parseLink(`${before}${joinFragment(genesis, urls)}${after}`)).toEqual({ kind: 'invitation', magnet });
    }),
  );
});

test('a payment request keeps its note, whatever it says', () => {
  const note = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(bytes(32), fc.maxSafeNat(), note, around, (key, units, text, [before, after]) => {
      const to = addressOf(publicKeyFromBytes(key), 'ttx');
      const link = paymentRequestFragment({ to, amount: amount(units), note: text });
      expect(parseLink(`${before}${link}${after}`)).toEqual({
        kind: 'payment-request',
        to,
        hrp: 'ttx',
        amount: BigInt(units),
        note: text,
        network: undefined,
      });
    }),
  );
});

test('a lone surrogate in a note does no harm', () => {
  expect(paymentRequestFragment({ to: 'a' as Address, note: 'x\ud800' })).toBe('#/pay?to=a&note=x%EF%BF%BD');
});

test('any text is a link or a TtxError', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('magnet:?', 'xt=urn:btih:', '#/pay?to=', '#/accept?', '&', '%', '&x.tx=', 'a'.repeat(40)),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        parseLink(pieces.join(''));
      } catch (error) {
        expect(isTtxError(error, 'link', 'address', 'amount')).toBe(true);
      }
    }),
  );
});

test('a link of one field repeated takes no quadratic time', () => {
  expect(() => parseLink(`magnet:?${'tr=&'.repeat(16_000)}`)).toThrowError(expect.objectContaining({ code: 'link' }));
  expect(() => parseLink(`magnet:?${'.'.repeat(65_000)}a`)).toThrowError(expect.objectContaining({ code: 'link' }));
});
