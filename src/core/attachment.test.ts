import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import createTorrent from 'create-torrent';
import fc from 'fast-check';
import parseTorrent from 'parse-torrent';
import { describe, expect, test } from 'vitest';
import {
  attachmentInfoBytes,
  attachmentModule,
  attachmentsOf,
  type ContentHashes,
  describeAttachment,
  isAttachmentInfo,
} from './attachment.ts';
import { MAX_ATTACHMENTS } from './limit.ts';
import vectors from './vectors/attachment.json' with { type: 'json' };

const content = (length: number, fill = 7) => new Uint8Array(length).fill(fill);

function hashesOf(bytes: Uint8Array): ContentHashes {
  const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) => bytes.subarray(n * 65_536, (n + 1) * 65_536));
  return {
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    pieces: new Uint8Array(Buffer.concat(pieces.map((piece) => createHash('sha1').update(piece).digest()))),
  };
}

const { attachment: receipt, info: receiptInfo } = describeAttachment(hashesOf(content(70_000)), 'receipt.pdf', 'application/pdf');

/** The infohash that BitTorrent software gives a file of this name. */
async function stockInfohash(bytes: Uint8Array, name: string): Promise<string | undefined> {
  const stream = Object.assign(Readable.from([Buffer.from(bytes)]), { name });
  const torrent = await new Promise<Uint8Array>((resolve, reject) =>
    createTorrent(stream, { name, pieceLength: 65_536 }, (error: Error | null, made: Uint8Array) =>
      error ? reject(error) : resolve(made),
    ),
  );
  return (await parseTorrent(torrent)).infoHash;
}

/** Any code points, halves of pairs too. */
const anyText = fc.array(fc.nat(0x10_ffff)).map((points) => String.fromCodePoint(...points));

describe('vectors', () => {
  test.each(vectors.torrents.map((v) => [v.description, v] as const))('%s', (_, { fill, file, info, infohash, sha256 }) => {
    const [byte = 0, length = 0] = fill;
    const described = describeAttachment(hashesOf(content(length, byte)), file, 'text/plain');
    expect(described.attachment).toEqual({ infohash, sha256, name: file, size: length, type: 'text/plain' });
    expect(Buffer.from(described.info).toString('hex')).toBe(info);
    expect(isAttachmentInfo(described.info, { name: file, size: length })).toBe(true);
  });

  test.each(vectors.others.map((v) => [v.description, v] as const))('another torrent: %s', (_, { info }) => {
    expect(isAttachmentInfo(Buffer.from(info, 'hex'), { name: 'letter.txt', size: 5 })).toBe(false);
  });

  test.each(vectors.modules.map((v) => [v.description, v] as const))('a module: %s', (_, { module, count }) => {
    expect(attachmentsOf({ modules: { attachment: module as never } })).toHaveLength(count);
  });
});

describe('a file of this device', () => {
  test.each([1, 65_536, 65_537, 200_000])('of %d bytes has the infohash that BitTorrent software gives it', async (length) => {
    const { attachment } = describeAttachment(hashesOf(content(length)), 'Größe – 5 €.png', 'image/png');
    expect(attachment.infohash).toBe(await stockInfohash(content(length), 'Größe – 5 €.png'));
  });

  test('has a torrent that is told from any other by its info dictionary', () => {
    expect(receiptInfo).toHaveLength(attachmentInfoBytes(receipt));
    expect(isAttachmentInfo(receiptInfo, receipt)).toBe(true);
    expect(isAttachmentInfo(receiptInfo, { ...receipt, name: 'receipt.pdg' })).toBe(false);
    expect(isAttachmentInfo(receiptInfo, { ...receipt, size: 70_001 })).toBe(false);
    expect(isAttachmentInfo(receiptInfo.slice(0, -1), receipt)).toBe(false);
    expect(isAttachmentInfo(new Uint8Array(0), receipt)).toBe(false);
  });

  test('must not be empty, nor larger than a phone can hold', () => {
    for (const length of [0, 16 * 1_048_576 + 1]) {
      const hashes = { ...hashesOf(content(1)), size: length };
      expect(() => describeAttachment(hashes, 'a', '')).toThrowError(expect.objectContaining({ code: 'attachment' }));
    }
  });

  test('keeps a name and a type that can be read back, whatever they were', () => {
    const hashes = hashesOf(content(3));
    fc.assert(
      fc.property(anyText, fc.string(), (name, type) => {
        const { attachment } = describeAttachment(hashes, name, type);
        expect(attachmentsOf({ modules: { attachment: attachmentModule([attachment]) } })).toEqual([attachment]);
      }),
    );
  });
});

describe('the module of a stranger', () => {
  const read = (files: unknown) => attachmentsOf({ modules: { attachment: { files } as never } });

  test('names what can be fetched', () => expect(read([receipt])).toEqual([receipt]));

  test.each([
    ['a path', { name: '../wallet' }],
    ['a name that reads backwards', { name: 'photo\u202Egnp.exe' }],
    ['a name of spaces', { name: '  ' }],
    ['a hidden file', { name: '.bashrc' }],
    ['no infohash', { infohash: 'x' }],
    ['no content hash', { sha256: undefined }],
    ['a size of nothing', { size: 0 }],
    ['a film', { size: 2 ** 40 }],
    ['a type with parameters', { type: 'text/html; charset=x' }],
  ])('is passed over where it has %s', (_, change) => expect(read([{ ...receipt, ...change }, receipt])).toEqual([receipt]));

  test('is not read beyond the first few', () => expect(read(Array.from({ length: 100 }, () => receipt))).toHaveLength(MAX_ATTACHMENTS));

  test.each([['text'], [{}], [{ files: 3 }], [{ files: [null, 3, []] }]])('that is nonsense attaches nothing: %j', (attachment) =>
    expect(attachmentsOf({ modules: { attachment: attachment as never } })).toEqual([]),
  );
});
