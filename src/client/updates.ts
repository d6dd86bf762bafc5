/** Registers the service worker and follows new versions of the app: they are fetched in the background and wait to be agreed to. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Activate } from '../api/service-worker.ts';

/** Where a new version stands. */
export type UpdateState =
  | 'none'
  /** It is on this device and waits. */
  | 'ready'
  /** The person has agreed; the page is about to load again. */
  | 'applying'
  /** Another tab has agreed to it: this one still runs the old version, and works. */
  | 'elsewhere';

/** What following updates needs of the browser. */
export interface UpdatesDoors {
  /** Undefined where the browser has no service workers: then nothing is ever new. */
  readonly container: Pick<ServiceWorkerContainer, 'controller' | 'addEventListener' | 'removeEventListener'> | undefined;
  readonly register: () => Promise<ServiceWorkerRegistration | undefined>;
  readonly reload: () => void;
  /** Repeats until what it gives back is called. */
  readonly every: (periodMs: number, action: () => void) => () => void;
}

/** Browsers look by themselves when the app is opened; wallets stay open for days. */
const LOOK_EVERY_MS = 3_600_000;

/** This tab and the versions of the app. */
export class Updates {
  readonly #doors: UpdatesDoors;
  readonly #state = signal<UpdateState>('none');
  #registration: ServiceWorkerRegistration | undefined;
  #controlled = false;
  #cancelLooking: () => void = () => undefined;

  constructor(doors: UpdatesDoors) {
    this.#doors = doors;
  }

  get state(): ReadonlySignal<UpdateState> {
    return this.#state;
  }

  /** Registers the service worker, which then fetches the whole app: called once what the person looks at is there. */
  async start(): Promise<void> {
    const { container, register, every } = this.#doors;
    if (container === undefined) return;
    this.#controlled = container.controller !== null;
    container.addEventListener('controllerchange', this.#taken);
    try {
      const registration = await register();
      if (registration === undefined) return;
      this.#registration = registration;
      registration.addEventListener('updatefound', () => this.#follow());
      this.#follow();
      this.#cancelLooking = every(LOOK_EVERY_MS, () => registration.update().catch(() => undefined));
    } catch {
      // Storage is off or full, or the host does not serve it: the app works, but needs a connection to start.
    }
  }

  stop(): void {
    this.#cancelLooking();
    this.#doors.container?.removeEventListener('controllerchange', this.#taken);
  }

  /** Loads the new version. Never called but by a person's click. */
  apply(): void {
    const waiting = this.#registration?.waiting;
    this.#state.value = 'applying';
    // Another tab was quicker: the new version is at work already.
    if (waiting === null || waiting === undefined) return this.#doors.reload();
    const message: Activate = { kind: 'activate' };
    waiting.postMessage(message);
  }

  #follow(): void {
    const { installing } = this.#registration ?? {};
    installing?.addEventListener('statechange', () => this.#look());
    this.#look();
  }

  #look(): void {
    // Without one at work, what waits is the first version, and takes over by itself.
    const isNew = this.#registration?.waiting != null && this.#registration.active !== null;
    if (isNew && this.#state.value !== 'applying') this.#state.value = 'ready';
  }

  readonly #taken = (): void => {
    if (this.#state.value === 'applying') return this.#doors.reload();
    // The first version takes over the tab that brought it.
    if (this.#controlled) this.#state.value = 'elsewhere';
    this.#controlled = true;
  };
}

/** Connects {@link Updates} to this browser. The development server has nothing to keep. */
export const openUpdates = (): Updates =>
  new Updates({
    container: import.meta.env.PROD ? navigator.serviceWorker : undefined,
    register: async () => {
      // Loaded with the rest, after the first picture.
      const { Workbox } = await import('workbox-window');
      // Relative to the page, which is at the app's root whatever the fragment.
      return new Workbox('service-worker.js', { updateViaCache: 'none' }).register({ immediate: true });
    },
    reload: () => window.location.reload(),
    every: (periodMs, action) => {
      const timer = setInterval(action, periodMs);
      return () => clearInterval(timer);
    },
  });
