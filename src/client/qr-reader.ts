/** Reads QR codes: by the browser's own detector where it has one, else by a library that is loaded only then. */
import type { decodeQR, decodeQRBatch } from 'qr/decode.js';

/** The Shape Detection API (WICG draft); Chromium has it on Android, macOS and ChromeOS. */
export interface NativeDetector {
  detect(source: CanvasImageSource): Promise<readonly { readonly rawValue: string }[]>;
}

/** The constructor of {@link NativeDetector}. */
export interface NativeDetectorClass {
  new (options: { readonly formats: readonly string[] }): NativeDetector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** The part of the library that is used. */
export interface QrLibrary {
  readonly decodeQR: typeof decodeQR;
  readonly decodeQRBatch: typeof decodeQRBatch;
}

/** Where a reader gets what it reads with, and how it gets at pixels. */
export interface QrReaderOptions {
  readonly native: NativeDetectorClass | undefined;
  readonly load: () => Promise<QrLibrary>;
  readonly pixelsOf: (source: QrSource, size: Size) => ImageData;
}

/** A picture in the widest sense, and its own size in pixels. */
export interface QrSource extends Size {
  readonly image: CanvasImageSource;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels of a frame on its longer side: at arm's length the densest code of ours still has four to a module, and it takes few milliseconds. */
const FRAME_SIDE = 1280;
/** Time for second tries on a frame; the next frame is the better second try. */
const FRAME_RETRY_MS = 20;
/** Pixels of a picture: a photograph is hardly touched, and every browser allows a canvas of that size. */
const PICTURE_AREA = 12_000_000;
/** The library finds no code whose modules are one pixel; small pictures are enlarged to this on their longer side. */
const LEAST_PICTURE_SIDE = 800;
/** Time for second tries on a picture: somebody waits, and there is no next frame. */
const PICTURE_RETRY_MS = 3_000;

/** The size to read a frame at. */
export function frameSize({ width, height }: Size): Size {
  return scaled({ width, height }, Math.min(1, FRAME_SIDE / Math.max(width, height)));
}

/** The size to read a picture at. Enlarged by whole factors, so that modules stay even. */
export function pictureSize({ width, height }: Size): Size {
  const side = Math.max(width, height);
  if (side < LEAST_PICTURE_SIDE) return scaled({ width, height }, Math.ceil(LEAST_PICTURE_SIDE / side));
  return scaled({ width, height }, Math.min(1, Math.sqrt(PICTURE_AREA / (width * height))));
}

const scaled = ({ width, height }: Size, factor: number): Size => ({
  width: Math.max(1, Math.floor(width * factor)),
  height: Math.max(1, Math.floor(height * factor)),
});

/** Finds QR codes. Not to be used for two things at a time. */
export class QrReader {
  readonly #options: QrReaderOptions;
  #detector: Promise<NativeDetector | undefined> | undefined;
  #library: Promise<QrLibrary> | undefined;

  constructor(options: QrReaderOptions) {
    this.#options = options;
  }

  /** Makes ready for the first frame. @throws when the library could not be loaded */
  async prepare(): Promise<void> {
    if ((await this.#findDetector()) === undefined) await this.#loadLibrary();
  }

  /** What the codes in a frame of a video say; most have none. */
  async readFrame(source: QrSource): Promise<readonly string[]> {
    const detected = await this.#detect(source);
    if (detected !== undefined) return detected;
    const { decodeQR } = await this.#loadLibrary();
    try {
      return [decodeQR(this.#options.pixelsOf(source, frameSize(source)), { timeLimit: FRAME_RETRY_MS })];
    } catch {
      // Its way of saying that there is none.
      return [];
    }
  }

  /** What the codes in a picture say. Looks as hard as it can. */
  async readPicture(source: QrSource): Promise<readonly string[]> {
    const detected = await this.#detect(source);
    if (detected !== undefined && detected.length > 0) return detected;
    const { decodeQRBatch } = await this.#loadLibrary();
    const pixels = this.#options.pixelsOf(source, pictureSize(source));
    const maxSize = { width: pixels.width, height: pixels.height };
    const [results] = await decodeQRBatch([pixels], { maxSize, effort: Number.POSITIVE_INFINITY, timeLimit: PICTURE_RETRY_MS });
    return (results ?? []).filter((result) => typeof result === 'string');
  }

  /** Undefined where there is no detector, or one that does not work: some are missing what they call. */
  async #detect({ image }: QrSource): Promise<readonly string[] | undefined> {
    const detector = await this.#findDetector();
    if (detector === undefined) return undefined;
    try {
      return (await detector.detect(image)).map((code) => code.rawValue);
    } catch {
      this.#detector = Promise.resolve(undefined);
      return undefined;
    }
  }

  #findDetector(): Promise<NativeDetector | undefined> {
    this.#detector ??= findNative(this.#options.native);
    return this.#detector;
  }

  #loadLibrary(): Promise<QrLibrary> {
    if (this.#library !== undefined) return this.#library;
    const loading = this.#options.load();
    this.#library = loading;
    // Whoever was offline can try again.
    loading.catch(() => {
      this.#library = undefined;
    });
    return loading;
  }
}

async function findNative(native: NativeDetectorClass | undefined): Promise<NativeDetector | undefined> {
  try {
    if (native === undefined || !(await native.getSupportedFormats()).includes('qr_code')) return undefined;
    return new native({ formats: ['qr_code'] });
  } catch {
    return undefined;
  }
}

/** A reader that uses what this browser has. */
export function createQrReader(): QrReader {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return new QrReader({
    native: (globalThis as { readonly BarcodeDetector?: NativeDetectorClass }).BarcodeDetector,
    load: () => import('qr/decode.js'),
    pixelsOf: ({ image, width: ownWidth }, { width, height }) => {
      if (context === null) throw new DOMException('no canvas', 'NotSupportedError');
      canvas.width = width;
      canvas.height = height;
      context.imageSmoothingEnabled = width < ownWidth;
      // Transparent pictures are meant to lie on paper.
      context.fillStyle = '#fff';
      context.fillRect(0, 0, width, height);
      context.drawImage(image, 0, 0, width, height);
      return context.getImageData(0, 0, width, height);
    },
  });
}
