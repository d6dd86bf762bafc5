import { describe, expect, it } from 'vitest';
import { Scan, type ScanHost, type ScanVideo, troubleOf } from './scan.ts';

class FakeTrack extends EventTarget {
  stopped = false;
  readonly #deviceId: string;

  constructor(deviceId: string) {
    super();
    this.#deviceId = deviceId;
  }

  stop(): void {
    this.stopped = true;
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.#deviceId };
  }
}

interface Rig {
  readonly scan: Scan;
  readonly tracks: readonly FakeTrack[];
  readonly asked: readonly MediaTrackConstraints[];
  readonly heard: readonly string[];
  readonly video: { readonly srcObject: MediaProvider | null };
  /** What the camera sees from now on. */
  show(...texts: readonly string[]): void;
  setHidden(hidden: boolean): void;
  /** Lets one look at the camera happen. */
  look(): Promise<void>;
}

interface RigOptions {
  readonly host?: Partial<ScanHost>;
  readonly cameras?: readonly string[];
  readonly getUserMedia?: (stream: MediaStream) => Promise<MediaStream>;
  readonly prepare?: () => Promise<void>;
  /** The text that is looked for. */
  readonly wanted?: string;
}

/** Everything that is settled by now has been heard of. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

function rig(options: RigOptions = {}): Rig {
  const { cameras = ['back'], wanted = 'ours' } = options;
  const tracks: FakeTrack[] = [];
  const asked: MediaTrackConstraints[] = [];
  const heard: string[] = [];
  let texts: readonly string[] = [];
  let tasks: (() => void)[] = [];
  const document = Object.assign(new EventTarget(), { hidden: false });
  const getUserMedia = async (constraints?: MediaStreamConstraints) => {
    const wish = constraints?.video as MediaTrackConstraints;
    asked.push(wish);
    const exact = (wish.deviceId as { exact?: string } | undefined)?.exact;
    const track = new FakeTrack(exact ?? cameras[0] ?? '');
    tracks.push(track);
    const stream = { getTracks: () => [track], getVideoTracks: () => [track] } as unknown as MediaStream;
    return options.getUserMedia === undefined ? stream : options.getUserMedia(stream);
  };
  const host: ScanHost = {
    isSecureContext: true,
    mediaDevices: {
      getUserMedia,
      enumerateDevices: async () => cameras.map((deviceId) => ({ kind: 'videoinput', deviceId }) as MediaDeviceInfo),
    },
    document: document as unknown as Document,
    after: (_, task) => {
      tasks.push(task);
      return () => {
        tasks = tasks.filter((other) => other !== task);
      };
    },
    ...options.host,
  };
  const video: ScanVideo = { srcObject: null, play: async () => undefined, videoWidth: 640, videoHeight: 480 };
  const scan = new Scan({
    host,
    video,
    reader: { prepare: options.prepare ?? (async () => undefined), readFrame: async () => texts },
    onText: (text) => {
      heard.push(text);
      return text === wanted;
    },
  });
  return {
    scan,
    tracks,
    asked,
    heard,
    video,
    show: (...seen) => {
      texts = seen;
    },
    setHidden: (hidden) => {
      document.hidden = hidden;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    look: async () => {
      const due = tasks;
      tasks = [];
      for (const task of due) task();
      await settle();
    },
  };
}

const named = (name: string) => Object.assign(new Error(name), { name });

describe('the camera', () => {
  it('looks until it sees what is looked for, and is let go then', async () => {
    const { scan, tracks, heard, video, show, look } = rig();
    await scan.start();
    expect(scan.state.value).toEqual({ kind: 'on', choice: false });
    await look();
    show('something else');
    await look();
    expect(tracks[0]?.stopped).toBe(false);
    show('something else', 'ours');
    await look();
    expect(heard).toEqual(['something else', 'something else', 'ours']);
    expect(scan.state.value).toEqual({ kind: 'off' });
    expect(tracks[0]?.stopped).toBe(true);
    expect(video.srcObject).toBeNull();
  });

  it('is let go when its screen is left, and never looks again', async () => {
    const { scan, tracks, heard, show, look, setHidden } = rig();
    await scan.start();
    show('ours');
    scan.stop();
    await look();
    setHidden(true);
    setHidden(false);
    await settle();
    expect(heard).toEqual([]);
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true]);
  });

  it('is let go when it comes after its screen was left', async () => {
    let answer = () => {};
    const { scan, tracks } = rig({
      getUserMedia: (stream) =>
        new Promise((resolve) => {
          answer = () => resolve(stream);
        }),
    });
    const started = scan.start();
    await settle();
    scan.stop();
    answer();
    await started;
    expect(tracks[0]?.stopped).toBe(true);
    expect(scan.state.value).toEqual({ kind: 'off' });
  });

  it('rests while the page is hidden and goes on afterwards', async () => {
    const { scan, tracks, setHidden } = rig();
    await scan.start();
    setHidden(true);
    expect(scan.state.value).toEqual({ kind: 'paused' });
    expect(tracks[0]?.stopped).toBe(true);
    setHidden(false);
    await settle();
    expect(scan.state.value).toEqual({ kind: 'on', choice: false });
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true, false]);
  });

  it('is the one at the back unless another was chosen, which is kept', async () => {
    const { scan, asked, setHidden } = rig({ cameras: ['back', 'front'] });
    await scan.start();
    expect(asked[0]).toMatchObject({ facingMode: { ideal: 'environment' } });
    expect(scan.state.value).toEqual({ kind: 'on', choice: true });
    await scan.switchCamera();
    setHidden(true);
    setHidden(false);
    await settle();
    await scan.switchCamera();
    expect(asked.slice(1).map(({ deviceId }) => deviceId)).toEqual([{ exact: 'front' }, { exact: 'front' }, { exact: 'back' }]);
  });

  it('is in trouble when it is pulled out', async () => {
    const { scan, tracks } = rig();
    await scan.start();
    tracks[0]?.dispatchEvent(new Event('ended'));
    expect(scan.state.value).toEqual({ kind: 'trouble', trouble: 'busy' });
  });

  it.each([
    ['NotAllowedError', 'denied'],
    ['SecurityError', 'denied'],
    ['NotFoundError', 'missing'],
    ['OverconstrainedError', 'missing'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
    ['SomethingElse', 'failed'],
  ] as const)('says what %s means, and can be tried again', async (name, trouble) => {
    let broken = true;
    const { scan } = rig({ getUserMedia: (stream) => (broken ? Promise.reject(named(name)) : Promise.resolve(stream)) });
    await scan.start();
    expect(scan.state.value).toEqual({ kind: 'trouble', trouble });
    broken = false;
    await scan.start();
    expect(scan.state.value.kind).toBe('on');
  });

  it('is not asked for where the page is not secure or the browser has none', async () => {
    const insecure = rig({ host: { isSecureContext: false } });
    await insecure.scan.start();
    expect(insecure.scan.state.value).toEqual({ kind: 'trouble', trouble: 'insecure' });
    const without = rig({ host: { mediaDevices: undefined } });
    await without.scan.start();
    expect(without.scan.state.value).toEqual({ kind: 'trouble', trouble: 'unsupported' });
  });

  it('is let go when what reads the codes cannot be loaded', async () => {
    const { scan, tracks } = rig({ prepare: () => Promise.reject(new Error('offline')) });
    await scan.start();
    expect(scan.state.value).toEqual({ kind: 'trouble', trouble: 'reader' });
    expect(tracks[0]?.stopped).toBe(true);
  });

  it('knows no trouble by what is no error', () => {
    expect(troubleOf('NotAllowedError')).toBe('failed');
  });
});
