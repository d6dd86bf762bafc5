/**
 * Which attached files are pictures that can be shown: by their first bytes, never by the claimed type or name. Anything that a
 * browser might read as a document or a script (HTML, SVG) is none of these. docs/protocol.md, Attachments.
 */

/** A picture, as its header describes it. */
export interface Picture {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly width: number;
  readonly height: number;
}

/** Longest side and most pixels of a picture that is shown: decoded, a pixel takes four bytes, whatever the file's length. */
const MAX_SIDE = 16_384;
const MAX_PIXELS = 40_000_000;

const startsWith = (bytes: Uint8Array, text: string, at = 0): boolean =>
  bytes.length >= at + text.length && [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));

const big16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
const little16 = (bytes: Uint8Array, at: number): number => (bytes[at + 1] ?? 0) * 256 + (bytes[at] ?? 0);
const little24 = (bytes: Uint8Array, at: number): number => (bytes[at + 2] ?? 0) * 65_536 + little16(bytes, at);

/** Where a JPEG says how large it is: in the first frame header (ITU T.81, B.2.2), behind segments of any kind. */
function readJpeg(bytes: Uint8Array): Picture | undefined {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { type: 'image/jpeg', height: big16(bytes, at + 5), width: big16(bytes, at + 7) };
    // Fill bytes; a scan before any frame is no picture.
    if (marker === 0xff) at += 1;
    else if (marker === 0xda || marker === 0xd9) return undefined;
    else at += 2 + Math.max(2, big16(bytes, at + 2));
  }
  return undefined;
}

/** The three kinds of WebP: extended, lossy, lossless (RFC 9649). */
function readWebp(bytes: Uint8Array): Picture | undefined {
  if (startsWith(bytes, 'VP8X', 12)) return { type: 'image/webp', width: little24(bytes, 24) + 1, height: little24(bytes, 27) + 1 };
  if (startsWith(bytes, 'VP8 ', 12))
    return { type: 'image/webp', width: little16(bytes, 26) & 0x3fff, height: little16(bytes, 28) & 0x3fff };
  if (!startsWith(bytes, 'VP8L', 12) || bytes[20] !== 0x2f) return undefined;
  return { type: 'image/webp', width: (little16(bytes, 21) & 0x3fff) + 1, height: ((little24(bytes, 22) >> 6) & 0x3fff) + 1 };
}

function readHeader(bytes: Uint8Array): Picture | undefined {
  if (bytes.length < 30) return undefined;
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n') && startsWith(bytes, 'IHDR', 12)) {
    const [width, height] = [big16(bytes, 16) * 65_536 + big16(bytes, 18), big16(bytes, 20) * 65_536 + big16(bytes, 22)];
    return { type: 'image/png', width, height };
  }
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) {
    return { type: 'image/gif', width: little16(bytes, 6), height: little16(bytes, 8) };
  }
  if (startsWith(bytes, '\xff\xd8\xff')) return readJpeg(bytes);
  return startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8) ? readWebp(bytes) : undefined;
}

/** What `bytes` show, if they are a picture of a size that any device can draw. */
export function pictureOf(bytes: Uint8Array): Picture | undefined {
  const picture = readHeader(bytes);
  if (picture === undefined) return undefined;
  const { width, height } = picture;
  const fits = width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS;
  return fits ? picture : undefined;
}
