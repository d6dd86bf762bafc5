import { encodeQR } from 'qr';
import * as library from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { frameSize, type NativeDetectorClass, pictureSize, QrReader, type QrReaderOptions, type QrSource } from './qr-reader.ts';

const LINK = `https://pay.example/#/accept?xt=urn:btih:${'ab'.repeat(20)}&x.ttx=${'cd'.repeat(32)}&x.net=${'ef'.repeat(20)}:${'01'.repeat(32)}`;

/** A source whose pixels are a code, drawn as large as it is asked for. */
function sourceOf(text: string | undefined): { source: QrSource; pixelsOf: QrReaderOptions['pixelsOf'] } {
  const rows = text === undefined ? [[false]] : encodeQR(text, 'raw', { border: 4 });
  const pixelsOf: QrReaderOptions['pixelsOf'] = (_, { width, height }) => {
    const data = new Uint8ClampedArray(width * height * 4).fill(255);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const dark = rows[Math.floor((y * rows.length) / height)]?.[Math.floor((x * rows.length) / width)] === true;
        if (dark) data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
      }
    }
    return { width, height, data, colorSpace: 'srgb' } as ImageData;
  };
  return { source: { image: {} as CanvasImageSource, width: rows.length * 8, height: rows.length * 8 }, pixelsOf };
}

function nativeOf(formats: readonly string[], detect: () => Promise<readonly { rawValue: string }[]>): NativeDetectorClass {
  return class {
    static getSupportedFormats = async () => formats;
    detect = detect;
  };
}

const forbidden: QrReaderOptions['load'] = () => Promise.reject(new Error('must not be loaded'));

describe('a reader of QR codes', () => {
  it('reads a link in a frame and in a picture by the library', async () => {
    const { source, pixelsOf } = sourceOf(LINK);
    const reader = new QrReader({ native: undefined, load: async () => library, pixelsOf });
    expect(await reader.readFrame(source)).toEqual([LINK]);
    expect(await reader.readPicture(source)).toEqual([LINK]);
  });

  it('reads a small picture, one pixel a module', async () => {
    const { source, pixelsOf } = sourceOf(LINK);
    const reader = new QrReader({ native: undefined, load: async () => library, pixelsOf });
    expect(await reader.readPicture({ ...source, width: source.width / 8, height: source.height / 8 })).toEqual([LINK]);
  });

  it('finds nothing where nothing is', async () => {
    const { source, pixelsOf } = sourceOf(undefined);
    const reader = new QrReader({ native: undefined, load: async () => library, pixelsOf });
    expect(await reader.readFrame({ ...source, width: 640, height: 480 })).toEqual([]);
    expect(await reader.readPicture({ ...source, width: 640, height: 480 })).toEqual([]);
  });

  it('leaves the library alone where the browser detects QR codes', async () => {
    const { source, pixelsOf } = sourceOf(undefined);
    const native = nativeOf(['qr_code'], async () => [{ rawValue: 'one' }, { rawValue: 'two' }]);
    const reader = new QrReader({ native, load: forbidden, pixelsOf });
    await reader.prepare();
    expect(await reader.readFrame(source)).toEqual(['one', 'two']);
    expect(await reader.readPicture(source)).toEqual(['one', 'two']);
  });

  it('takes the library where the browser detects other codes only', async () => {
    const { source, pixelsOf } = sourceOf(LINK);
    const native = nativeOf(['ean_13'], async () => [{ rawValue: 'one' }]);
    const reader = new QrReader({ native, load: async () => library, pixelsOf });
    expect(await reader.readFrame(source)).toEqual([LINK]);
  });

  it('takes the library once the detector has failed', async () => {
    const { source, pixelsOf } = sourceOf(LINK);
    let calls = 0;
    const native = nativeOf(['qr_code'], () => {
      calls++;
      return Promise.reject(new Error('service missing'));
    });
    const reader = new QrReader({ native, load: async () => library, pixelsOf });
    expect(await reader.readFrame(source)).toEqual([LINK]);
    expect(await reader.readFrame(source)).toEqual([LINK]);
    expect(calls).toBe(1);
  });

  it('asks the library about a picture in which the detector sees nothing', async () => {
    const { source, pixelsOf } = sourceOf(LINK);
    const reader = new QrReader({ native: nativeOf(['qr_code'], async () => []), load: async () => library, pixelsOf });
    expect(await reader.readPicture(source)).toEqual([LINK]);
  });

  it('loads the library again after it could not be loaded', async () => {
    const { source, pixelsOf } = sourceOf(LINK);
    let loads = 0;
    const load: QrReaderOptions['load'] = async () => {
      if (++loads === 1) throw new Error('offline');
      return library;
    };
    const reader = new QrReader({ native: undefined, load, pixelsOf });
    await expect(reader.prepare()).rejects.toThrow('offline');
    expect(await reader.readFrame(source)).toEqual([LINK]);
  });
});

describe('the size to read at', () => {
  it('keeps the shape of frames and stays within the limit', () => {
    expect(frameSize({ width: 640, height: 480 })).toEqual({ width: 640, height: 480 });
    expect(frameSize({ width: 1080, height: 1920 })).toEqual({ width: 720, height: 1280 });
  });

  it('enlarges small pictures by whole factors and shrinks huge ones', () => {
    expect(pictureSize({ width: 81, height: 81 })).toEqual({ width: 810, height: 810 });
    expect(pictureSize({ width: 1, height: 1 })).toEqual({ width: 800, height: 800 });
    expect(pictureSize({ width: 4000, height: 3000 })).toEqual({ width: 4000, height: 3000 });
    const huge = pictureSize({ width: 20_000, height: 10_000 });
    expect(huge.width * huge.height).toBeLessThanOrEqual(12_000_000);
    expect(huge.width).toBe(huge.height * 2);
  });

  it('is never empty', () => {
    expect(pictureSize({ width: 30_000_000, height: 1 }).height).toBe(1);
  });
});
