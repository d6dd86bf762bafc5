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

/** Longest side of a picture that is shown. */
const MAX_SIDE = 16_384;
/** Most pixels that are shown on one screen: decoded, each takes four bytes, whatever the file's length. */
export const MAX_PIXELS = 40_000_000;

const startsWith = (bytes: Uint8Array, text: string, at = 0): boolean =>
  bytes.length >= at + text.length && [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));

const big16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
const little16 = (bytes: Uint8Array, at: number): number => (bytes[at + 1] ?? 0) * 256 + (bytes[at] ?? 0);
const little24 = (bytes: Uint8Array, at: number): number => (bytes[at + 2] ?? 0) * 65_536 + little16(bytes, at);

/** Markers of segments that may stand before the frame: tables (DHT, DQT, DRI), APP0 … APP15, comments. All have a length. */
const isJpegSegment = (marker: number): boolean => [0xc4, 0xdb, 0xdd, 0xfe].includes(marker) || (marker >= 0xe0 && marker <= 0xef);

/**
 * Where a JPEG says how large it is: in the frame header (ITU T.81, B.2.2), behind other segments. Of anything else in front of it, such
 * as markers without a length, decoders may have another idea than this one, and see another frame.
 */
function readJpeg(bytes: Uint8Array): Picture | undefined {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const length = big16(bytes, at + 2);
    const isFrame = marker >= 0xc0 && marker <= 0xc2;
    if (isFrame) return { type: 'image/jpeg', height: big16(bytes, at + 5), width: big16(bytes, at + 7) };
    // Fill bytes.
    if (marker === 0xff) at += 1;
    else if (isJpegSegment(marker) && length >= 2) at += 2 + length;
    else return undefined;
  }
  return undefined;
}

/** Bytes of a GIF's colour table, by the byte that says whether there is one. */
const colourBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** The logical screen of a GIF (GIF89a, 18), which browsers enlarge to its first frame. */
function readGif(bytes: Uint8Array): Picture | undefined {
  let at = 13 + colourBytes(bytes[10] ?? 0);
  // Extensions: a label, then blocks with their lengths, up to an empty one.
  while (bytes[at] === 0x21) {
    at += 2;
    while ((bytes[at] ?? 0) > 0) at += 1 + (bytes[at] ?? 0);
    at += 1;
  }
  if (bytes[at] !== 0x2c || at + 9 >= bytes.length) return undefined;
  const width = Math.max(little16(bytes, 6), little16(bytes, at + 1) + little16(bytes, at + 5));
  const height = Math.max(little16(bytes, 8), little16(bytes, at + 3) + little16(bytes, at + 7));
  return { type: 'image/gif', width, height };
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
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return readGif(bytes);
  if (startsWith(bytes, '\xff\xd8\xff')) return readJpeg(bytes);
  return startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8) ? readWebp(bytes) : undefined;
}

/** What `bytes` show, if they are a picture of a size that any device can draw. */
export function pictureOf(bytes: Uint8Array): Picture | undefined {
  const picture = readHeader(bytes);
  if (picture === undefined) return undefined;
  return isDrawable(picture) ? picture : undefined;
}

/** Whether any device can draw a picture of this size, in pixels. */
export const isDrawable = ({ width, height }: Pick<Picture, 'width' | 'height'>): boolean =>
  width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS;
