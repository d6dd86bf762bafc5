/** A camera that is a film on disk, and pictures of QR codes. */
import { writeFile } from 'node:fs/promises';
import { encodeQR } from 'qr';

/** What the film is shot in. */
const FRAME = { width: 640, height: 480 };
/** Neither black nor white, as a table is. */
const TABLE = 140;

/** Chromium's switches for a camera that shows the film at `path`, read whenever the camera is opened. */
export const filmCamera = (path: string): readonly string[] => [
  '--use-fake-device-for-media-stream=fps=10',
  `--use-file-for-fake-video-capture=${path}`,
];

/** Chromium's switches for a device without a camera. */
export const NO_CAMERA: readonly string[] = ['--use-fake-device-for-media-stream=device-count=0'];

/** One plane of a frame: brightness, with the code in its middle if there is one. */
function brightness(text: string | undefined): Uint8Array {
  const plane = new Uint8Array(FRAME.width * FRAME.height).fill(TABLE);
  const rows = text === undefined ? [] : encodeQR(text, 'raw', { ecc: 'low', border: 4 });
  const scale = Math.floor(FRAME.height / rows.length);
  const left = Math.floor((FRAME.width - rows.length * scale) / 2);
  const top = Math.floor((FRAME.height - rows.length * scale) / 2);
  rows.forEach((row, y) => {
    row.forEach((dark, x) => {
      for (let line = 0; line < scale; line++) {
        const start = (top + y * scale + line) * FRAME.width + left + x * scale;
        plane.fill(dark ? 25 : 230, start, start + scale);
      }
    });
  });
  return plane;
}

/** Puts a QR code in front of the camera, or nothing. The film is YUV4MPEG2, 4:2:0. */
export async function film(path: string, text: string | undefined): Promise<void> {
  const colour = new Uint8Array((FRAME.width * FRAME.height) / 2).fill(128);
  const frame = [Buffer.from('FRAME\n'), brightness(text), colour];
  const header = Buffer.from(`YUV4MPEG2 W${FRAME.width} H${FRAME.height} F10:1 Ip A1:1 C420jpeg\n`);
  await writeFile(path, Buffer.concat([header, ...frame, ...frame]));
}

/** Saves a QR code as a GIF. */
export async function saveGif(path: string, text: string): Promise<void> {
  await writeFile(path, encodeQR(text, 'gif', { ecc: 'medium', border: 4, scale: 3 }));
}
