/** Attached files on the page: saving one, and showing one that is a picture. Nothing else is ever rendered. */
import type { Attachment } from '../core/attachment.ts';
import { pictureOf } from '../core/attachment-picture.ts';
import { saveFile } from './proof-file.ts';

/** Saves a file under the name that its sender gave it, as bytes that no browser opens by itself. */
export async function saveAttachment(content: Blob, { name }: Attachment): Promise<void> {
  saveFile(new File([await content.arrayBuffer()], name, { type: 'application/octet-stream' }));
}

/** The picture in a file, typed by its first bytes; undefined where it is none, or too large to be drawn. */
export async function findPicture(content: Blob): Promise<Blob | undefined> {
  const bytes = new Uint8Array(await content.arrayBuffer());
  const picture = pictureOf(bytes);
  return picture && new Blob([bytes], { type: picture.type });
}

/** A magnet link with which any BitTorrent program fetches the file. */
export function attachmentMagnet({ infohash, name }: Attachment, trackers: readonly string[]): string {
  const announced = trackers.map((url) => `&tr=${encodeURIComponent(url)}`).join('');
  return `magnet:?xt=urn:btih:${infohash}&dn=${encodeURIComponent(name)}${announced}`;
}
