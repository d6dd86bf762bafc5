/** Links into this copy of the app. */

/** The app's URL with a fragment behind it, wherever the app is served from. */
export function appUrl(fragment: string): string {
  const { origin, pathname, search } = window.location;
  return `${origin}${pathname}${search}${fragment}`;
}
