/** A camera, or pictures, for as long as a screen is shown. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { loadPicture, picture } from '../../client/picture.ts';
import { createQrReader, type QrReader } from '../../client/qr-reader.ts';
import { type CameraState, Scan, scanHost } from '../../client/scan.ts';

/** How far a picture is. `empty`: no code in it. `unreadable`: no picture. `missing`: what reads codes could not be loaded. */
export type PictureState = 'none' | 'reading' | 'empty' | 'unreadable' | 'missing';

/** A {@link Scan} that lives with its screen, and the reading of pictures beside it. */
export interface Scanner {
  readonly camera: CameraState;
  readonly picture: PictureState;
  /** For the video element. */
  readonly videoRef: { current: HTMLVideoElement | null };
  startCamera(): void;
  switchCamera(): void;
}

async function readPicture(reader: QrReader, blob: Blob): Promise<readonly string[] | 'unreadable' | 'missing'> {
  const image = await loadPicture(blob).catch(() => undefined);
  if (image === undefined) return 'unreadable';
  try {
    return await reader.readPicture({ image, width: image.naturalWidth, height: image.naturalHeight });
  } catch {
    return 'missing';
  }
}

/**
 * Starts the camera, unless the screen was opened for a picture.
 * @param onText called with what a code says. Returns whether it is what was looked for; then all ends
 */
export function useScanner(onText: (text: string) => boolean): Scanner {
  const videoRef = useRef<HTMLVideoElement>(null);
  const latest = useRef(onText);
  latest.current = onText;
  const scan = useRef<Scan | undefined>(undefined);
  const [camera, setCamera] = useState<CameraState>({ kind: 'off' });
  const [state, setState] = useState<PictureState>('none');
  const reader = useMemo(createQrReader, []);
  useEffect(() => {
    const video = videoRef.current;
    if (video === null) return;
    const own = new Scan({ host: scanHost(), reader, video, onText: (text) => latest.current(text) });
    scan.current = own;
    const unsubscribe = own.state.subscribe(setCamera);
    if (picture.value === undefined) void own.start();
    return () => {
      unsubscribe();
      own.stop();
    };
  }, [reader]);
  const chosen = picture.value;
  useEffect(() => {
    if (chosen === undefined) return;
    picture.value = undefined;
    setState('reading');
    // Another reader than the camera's: each is good for one thing at a time.
    readPicture(createQrReader(), chosen).then((result) => {
      if (typeof result === 'string') return setState(result);
      const found = result.some((text) => latest.current(text));
      setState(result.length === 0 ? 'empty' : 'none');
      if (found) scan.current?.stop();
    });
  }, [chosen]);
  return {
    camera,
    picture: state,
    videoRef,
    startCamera: () => void scan.current?.start(),
    switchCamera: () => void scan.current?.switchCamera(),
  };
}
