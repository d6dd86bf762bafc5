/** Scanning by camera: opens it, looks at its frames, and lets go of it as soon as it is not needed. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { QrReader } from './qr-reader.ts';

/**
 * Why there is no camera. `insecure`: the page came over plain http. `unsupported`: this browser gives pages none. `denied`: the
 * person or the system said no. `missing`: the device has none. `busy`: another program has it. `reader`: it works, but what reads
 * the codes could not be loaded.
 */
export type CameraTrouble = 'insecure' | 'unsupported' | 'denied' | 'missing' | 'busy' | 'reader' | 'failed';

/** What the camera does. `paused`: the page is hidden. `choice`: whether there is another camera to switch to. */
export type CameraState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'on'; readonly choice: boolean }
  | { readonly kind: 'paused' }
  | { readonly kind: 'trouble'; readonly trouble: CameraTrouble };

/** What of the browser a {@link Scan} needs. */
export interface ScanHost {
  readonly isSecureContext: boolean;
  readonly mediaDevices: Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices'> | undefined;
  readonly document: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;
  readonly after: (delayMs: number, task: () => void) => () => void;
}

/** The element that shows what the camera sees. */
export type ScanVideo = Pick<HTMLVideoElement, 'srcObject' | 'play' | 'videoWidth' | 'videoHeight'>;

/** Looked at so often that nobody waits, and so seldom that the page stays quick. */
const PAUSE_MS = 80;
/** Enough for the densest code of ours; more costs time and sharpness in bad light. */
const WANTED: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 } };

/** Names of the exceptions of getUserMedia (Media Capture and Streams, 10.3), old names of some browsers included. */
const TROUBLES: Readonly<Record<string, CameraTrouble>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  PermissionDeniedError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  DevicesNotFoundError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
  TrackStartError: 'busy',
  NotSupportedError: 'unsupported',
  TypeError: 'unsupported',
};

/** What an exception of getUserMedia says about the camera. */
export const troubleOf = (error: unknown): CameraTrouble => TROUBLES[error instanceof Error ? error.name : ''] ?? 'failed';

interface ScanOptions {
  readonly host: ScanHost;
  readonly reader: Pick<QrReader, 'prepare' | 'readFrame'>;
  readonly video: ScanVideo;
  /** Called with what a code says, again for each frame that shows it. @returns whether that was what we looked for */
  readonly onText: (text: string) => boolean;
}

/** The camera of one screen. */
export class Scan {
  readonly #options: ScanOptions;
  readonly #state = signal<CameraState>({ kind: 'off' });
  #stream: MediaStream | undefined;
  /** The camera that the person switched to. */
  #deviceId: string | undefined;
  /** Changes whenever the camera is let go of, so that what was under way ends. */
  #turn = 0;
  #cancelLook = () => {};

  constructor(options: ScanOptions) {
    this.#options = options;
    options.host.document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** What the camera does. */
  get state(): ReadonlySignal<CameraState> {
    return this.#state;
  }

  /** Asks for the camera, which may ask the person, and looks for codes until {@link stop}. How it ends is in {@link state}. */
  async start(): Promise<void> {
    const turn = this.#release({ kind: 'starting' });
    const { isSecureContext, mediaDevices } = this.#options.host;
    if (!isSecureContext) return this.#fail(turn, 'insecure');
    if (mediaDevices?.getUserMedia === undefined) return this.#fail(turn, 'unsupported');
    const prepared = this.#options.reader.prepare().then(
      () => true,
      () => false,
    );
    const which = this.#deviceId === undefined ? { facingMode: { ideal: 'environment' } } : { deviceId: { exact: this.#deviceId } };
    try {
      const stream = await mediaDevices.getUserMedia({ audio: false, video: { ...WANTED, ...which } });
      if (turn !== this.#turn) return stopTracks(stream);
      this.#stream = stream;
      if (this.#options.host.document.hidden) return void this.#release({ kind: 'paused' });
      if (!(await prepared)) return this.#fail(turn, 'reader');
      await this.#show(stream, turn);
    } catch (error) {
      this.#fail(turn, troubleOf(error));
    }
  }

  /** Takes the next camera of the device. */
  async switchCamera(): Promise<void> {
    const ids = await this.#cameraIds();
    const current = this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const next = ids[(ids.indexOf(current ?? '') + 1) % ids.length];
    if (this.#state.value.kind !== 'on' || next === undefined) return;
    this.#deviceId = next;
    await this.start();
  }

  /** Lets go of the camera for good. */
  stop(): void {
    this.#options.host.document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#release({ kind: 'off' });
  }

  async #show(stream: MediaStream, turn: number): Promise<void> {
    const { video } = this.#options;
    for (const track of stream.getVideoTracks()) track.addEventListener('ended', () => this.#fail(turn, 'busy'));
    video.srcObject = stream;
    await video.play();
    const choice = (await this.#cameraIds()).length > 1;
    if (turn !== this.#turn) return;
    this.#state.value = { kind: 'on', choice };
    this.#lookLater(turn);
  }

  #lookLater(turn: number): void {
    this.#cancelLook = this.#options.host.after(PAUSE_MS, () => {
      this.#look(turn).catch(() => this.#fail(turn, 'reader'));
    });
  }

  async #look(turn: number): Promise<void> {
    const { video, reader, onText } = this.#options;
    const { videoWidth: width, videoHeight: height } = video;
    // Until the first frame it has no size.
    const texts = width === 0 || height === 0 ? [] : await reader.readFrame({ image: video as HTMLVideoElement, width, height });
    if (turn !== this.#turn) return;
    if (texts.some((text) => onText(text))) this.#release({ kind: 'off' });
    else this.#lookLater(turn);
  }

  /** Cameras of the device; their ids are told only to whoever has been given one. */
  async #cameraIds(): Promise<readonly string[]> {
    try {
      const devices = (await this.#options.host.mediaDevices?.enumerateDevices()) ?? [];
      return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '').map(({ deviceId }) => deviceId);
    } catch {
      return [];
    }
  }

  #fail(turn: number, trouble: CameraTrouble): void {
    if (turn === this.#turn) this.#release({ kind: 'trouble', trouble });
  }

  /** Ends what is under way. @returns the number of the next turn */
  #release(state: CameraState): number {
    this.#cancelLook();
    if (this.#stream !== undefined) stopTracks(this.#stream);
    this.#stream = undefined;
    this.#options.video.srcObject = null;
    this.#state.value = state;
    return ++this.#turn;
  }

  readonly #onVisibility = (): void => {
    const { hidden } = this.#options.host.document;
    const { kind } = this.#state.value;
    // While it starts, the person is being asked, and on some systems that alone hides the page.
    if (hidden && kind === 'on') this.#release({ kind: 'paused' });
    if (!hidden && kind === 'paused') void this.start();
  };
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The browser, as a {@link Scan} needs it. */
export const scanHost = (): ScanHost => ({
  isSecureContext: window.isSecureContext,
  mediaDevices: navigator.mediaDevices as MediaDevices | undefined,
  document,
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
});
