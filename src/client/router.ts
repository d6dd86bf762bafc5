/** The current screen, kept in step with the window's address. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { parseRoute, type Route, routeFragment } from './route.ts';

/** Follows `window.location.hash`. Back and forward are the browser's own. */
export class Router {
  readonly #window: Window;
  readonly #route;

  constructor(host: Window) {
    this.#window = host;
    this.#route = signal<Route>(parseRoute(host.location.hash));
  }

  /** The screen to show. */
  get route(): ReadonlySignal<Route> {
    return this.#route;
  }

  start(): void {
    this.#window.addEventListener('hashchange', this.#follow);
  }

  stop(): void {
    this.#window.removeEventListener('hashchange', this.#follow);
  }

  /** Shows a screen, with a step to come back from. */
  go(route: Route): void {
    this.#window.location.hash = routeFragment(route);
  }

  /** Shows a screen in place of the current one: back does not lead here again. */
  replace(route: Route): void {
    this.#window.history.replaceState(null, '', routeFragment(route));
    this.#route.value = route;
  }

  readonly #follow = (): void => {
    // In-page anchors are not screens.
    const { hash } = this.#window.location;
    if (hash === '' || hash.startsWith('#/')) this.#route.value = parseRoute(hash);
  };
}
