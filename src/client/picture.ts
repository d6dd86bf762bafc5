/** Pictures of QR codes that somebody dropped, pasted or chose. */
import { signal } from '@preact/signals';

/** The picture to be looked at next. The scanner takes it and leaves undefined. */
export const picture = signal<Blob | undefined>(undefined);

/** The first picture among what was dropped or pasted. */
export function findPicture(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find((file) => file.type.startsWith('image/'));
}

/**
 * Draws a picture of any kind that the browser shows, SVG and HEIC included where it can.
 * @throws DOMException when it cannot
 */
export async function loadPicture(blob: Blob): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    if (image.naturalWidth === 0 || image.naturalHeight === 0) throw new DOMException('an empty picture', 'EncodingError');
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}
