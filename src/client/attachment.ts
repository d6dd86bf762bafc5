/** Attached files on the page: saving one, and showing one that is a picture. Nothing else is ever rendered. */
import type { Attachment } from '../core/attachment.ts';
import { isDrawable, MAX_PIXELS, pictureOf } from '../core/attachment-picture.ts';
import { saveFile } from './proof-file.ts';

/** Saves a file under the name that its sender gave it, as bytes that no browser opens by itself. */
export async function saveAttachment(content: Blob, { name }: Attachment): Promise<void> {
  saveFile(new File([await content.arrayBuffer()], name, { type: 'application/octet-stream' }));
}

/** A picture that can be drawn. */
export interface OpenPicture {
  /** To be revoked. */
  readonly url: string;
  readonly pixels: number;
}

/** The picture in a file, typed by its first bytes; undefined where it is none, or too large to be drawn. */
export async function openPicture(content: Blob): Promise<OpenPicture | undefined> {
  const bytes = new Uint8Array(await content.arrayBuffer());
  const picture = pictureOf(bytes);
  if (picture === undefined) return undefined;
  const url = URL.createObjectURL(new Blob([bytes], { type: picture.type }));
  const size = await sizeOf(url);
  if (size !== undefined && isDrawable(size)) return { url, pixels: Math.max(picture.width * picture.height, size.width * size.height) };
  URL.revokeObjectURL(url);
  return undefined;
}

/** How large the browser takes a picture to be, who has the last word; undefined where it reads none. Nothing is decoded before it is drawn. */
function sizeOf(url: string): Promise<{ readonly width: number; readonly height: number } | undefined> {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
    image.onerror = () => resolve(undefined);
    image.src = url;
  });
}

/** What the pictures of one screen may take up together. */
export class PixelBudget {
  #left = MAX_PIXELS;

  /** @returns false if there is no room for so many */
  take(pixels: number): boolean {
    if (pixels > this.#left) return false;
    this.#left -= pixels;
    return true;
  }

  giveBack(pixels: number): void {
    this.#left += pixels;
  }
}

/** A magnet link with which any BitTorrent program fetches the file. */
export function attachmentMagnet({ infohash, name }: Attachment, trackers: readonly string[]): string {
  const announced = trackers.map((url) => `&tr=${encodeURIComponent(url)}`).join('');
  return `magnet:?xt=urn:btih:${infohash}&dn=${encodeURIComponent(name)}${announced}`;
}
