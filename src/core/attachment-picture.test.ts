import { describe, expect, test } from 'vitest';
import { pictureOf } from './attachment-picture.ts';

const bytesOf = (hex: string) => {
  const bytes = new Uint8Array(64);
  bytes.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  return bytes;
};
const PNG = '89504e470d0a1a0a 0000000d 49484452 00000320 00000258 08';

describe('a picture', () => {
  test.each([
    ['image/png', 800, 600, PNG],
    ['image/gif', 800, 600, '474946383961 2003 5802 000000 2c 00000000 0100 0100'],
    ['image/gif', 800, 600, '474946383761 0100 0100 800000 000000ffffff 2c 00000000 2003 5802'],
    ['image/gif', 800, 600, '474946383961 2003 0100 000000 21f904 00000000 00 21fe 0161 0162 00 2c 0a000a00 0100 4e02'],
    ['image/jpeg', 800, 600, 'ffd8 ffe0 0006 4a464946 ff ffc4 0003 00 ffc2 0011 08 0258 0320 03'],
    ['image/webp', 800, 600, '52494646 00000000 57454250 56503858 0a000000 00000000 1f0300 570200'],
    ['image/webp', 800, 600, '52494646 00000000 57454250 56503820 00000000 000000 9d012a 2003 5802'],
    ['image/webp', 800, 600, '52494646 00000000 57454250 5650384c 00000000 2f 1fc39500'],
  ])('is known by its first bytes: %s', (type, width, height, hex) => expect(pictureOf(bytesOf(hex))).toEqual({ type, width, height }));

  test.each([
    ['wide', '00010000', '00000001'],
    ['large', '00002000', '00002000'],
    ['empty', '00000000', '00000258'],
  ])('is not shown where it is %s', (_, width, height) => {
    expect(pictureOf(bytesOf(`89504e470d0a1a0a 0000000d 49484452 ${width} ${height} 08`))).toBeUndefined();
  });
});

describe('no picture', () => {
  test.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['HTML', '<!doctype html><script>alert(1)</script> and some more text'],
    ['text', 'only words, and enough of them to be as long as a header'],
    ['nothing', ''],
  ])('is %s', (_, text) => expect(pictureOf(new TextEncoder().encode(text))).toBeUndefined());

  test.each([
    ['a JPEG without a frame', 'ffd8 ffda 0008'],
    ['a JPEG that ends in the middle', 'ffd8 ffe0 ffff'],
    ['a JPEG with a marker without length, behind which decoders see another frame', 'ffd8 ff01 0002 ffc0 0011 08 0008 0008 03'],
    ['a JPEG that begins anew', 'ffd8 ffd8 0002 ffc0 0011 08 0008 0008 03'],
    ['a JPEG with a segment of no length', 'ffd8 ffe0 0000 ffc0 0011 08 0008 0008 03'],
    ['a JPEG of a process that browsers do not know', 'ffd8 ffc3 0011 08 0008 0008 03'],
    ['a GIF without a frame', '474946383961 2003 5802 000000 3b'],
    ['a GIF with something unknown in front of its frame', '474946383961 2003 5802 000000 00 2c 00000000 0100 0100'],
    ['a GIF whose first frame is larger than any', '474946383961 0100 0100 000000 2c 00000000 2823 2823'],
  ])('is %s', (_, hex) => expect(pictureOf(bytesOf(hex))).toBeUndefined());
});
