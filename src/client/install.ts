/** Installing the app: the browser's own offer where it makes one, else how a person does it by hand. */
import { type ReadonlySignal, signal } from '@preact/signals';

/** Where there is no offer but a way by hand. */
export type InstallHint = 'ios' | 'mac-safari' | 'android-menu';

/** Whether and how the app can be installed here. */
export type InstallState =
  /** Runs in its own window, or has just been installed. */
  | { readonly kind: 'installed' }
  | { readonly kind: 'offered' }
  | { readonly kind: 'by-hand'; readonly hint: InstallHint }
  /** No offer so far, and no way by hand that is known. */
  | { readonly kind: 'not-offered' };

/** The event with which Chromium offers to install (not in TypeScript's library: no other browser has it). */
export interface InstallOffer extends Event {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

/** Who the browser says it is. */
export interface BrowserIdentity {
  readonly userAgent: string;
  readonly maxTouchPoints: number;
}

/** How a person installs in a browser that makes no offer. Features tell nothing here, so the name has to. */
export function findInstallHint({ userAgent, maxTouchPoints }: BrowserIdentity): InstallHint | undefined {
  // An iPad says that it is a Mac; no Mac has a touch screen.
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return 'ios';
  if (/Macintosh/.test(userAgent) && /Version\/[\d.]+ Safari/.test(userAgent)) return 'mac-safari';
  if (/Android/.test(userAgent) && /Firefox\//.test(userAgent)) return 'android-menu';
  return undefined;
}

/** Whether the app runs in a window of its own. */
function isStandalone(host: Window): boolean {
  const { standalone } = host.navigator as Navigator & { readonly standalone?: boolean };
  return standalone === true || host.matchMedia('(display-mode: standalone)').matches;
}

/** This browser's offer to install. */
export class Installing {
  readonly #host: Window;
  readonly #state;
  #offer: InstallOffer | undefined;

  constructor(host: Window) {
    this.#host = host;
    const hint = findInstallHint(host.navigator);
    const without: InstallState = hint === undefined ? { kind: 'not-offered' } : { kind: 'by-hand', hint };
    this.#state = signal<InstallState>(isStandalone(host) ? { kind: 'installed' } : without);
  }

  get state(): ReadonlySignal<InstallState> {
    return this.#state;
  }

  /** The offer comes once, soon after the page has loaded, and only to whoever listens already. */
  start(): void {
    this.#host.addEventListener('beforeinstallprompt', this.#offered);
    this.#host.addEventListener('appinstalled', this.#installed);
  }

  stop(): void {
    this.#host.removeEventListener('beforeinstallprompt', this.#offered);
    this.#host.removeEventListener('appinstalled', this.#installed);
  }

  /** Shows the browser's question. Called from a click. @returns whether the person agreed */
  async ask(): Promise<boolean> {
    const offer = this.#offer;
    if (offer === undefined) return false;
    // Each offer is good for one question; after a no the browser makes another one when it likes.
    this.#offer = undefined;
    const { outcome } = await offer.prompt();
    this.#state.value = { kind: outcome === 'accepted' ? 'installed' : 'not-offered' };
    return outcome === 'accepted';
  }

  readonly #offered = (event: Event): void => {
    // The browser's own banner would come in the middle of something.
    event.preventDefault();
    this.#offer = event as InstallOffer;
    this.#state.value = { kind: 'offered' };
  };

  readonly #installed = (): void => {
    this.#state.value = { kind: 'installed' };
  };
}
