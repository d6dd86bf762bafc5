/** What waits for pictures: a slow device is to spend its time on the one that the person waits for. */

/** A page that is not looked at paints nothing. */
const PATIENCE_MS = 3_000;

/** Resolves when something of the app is on the screen: what can wait for that, should. */
export const firstPicture: Promise<void> = new Promise((resolve) => {
  if (document.hidden) return resolve();
  setTimeout(resolve, PATIENCE_MS);
  // Unlike counting frames, it asks for none.
  const paints = new PerformanceObserver((list) => {
    if (list.getEntriesByName('first-contentful-paint').length > 0) resolve();
  });
  paints.observe({ type: 'paint', buffered: true });
});

/** Runs `draw` before the next picture is painted; at once when the page is hidden: it paints none, and its state must not go stale. */
export function beforePicture(draw: () => void): void {
  if (document.hidden) draw();
  else requestAnimationFrame(draw);
}

/** Runs `action` once the change that is drawn next is on the screen, and so is the first picture. */
export function afterPicture(action: () => void): void {
  // The frame after the next begins when the next is on the screen.
  firstPicture.then(() => beforePicture(() => beforePicture(action)));
}
