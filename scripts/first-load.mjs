/**
 * What index.html asks of the browser before the wallet's address shows. Each request, and each moment in which the tab shows itself as loading,
 * costs a slow device more than the code it brings (docs/architecture.md, The first address).
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * Starts the app. With a script element the page would be loading until the app has started, and Chromium animate the tab for as long.
 * The manifest waits in a template until the wallet shows (src/client/manifest.ts); but a browser that installs the app in the background opens
 * it in a page without a size, and wants the manifest as soon as that has loaded.
 */
const START =
  'if(!innerWidth)document.head.append(document.querySelector("template").content);' +
  'import(document.querySelector("link[rel=modulepreload]").href)';

/** What stands in the HTML is for whoever gets no app: it shows after a while, or at once where scripts are switched off. */
const STYLE =
  '.no-app{max-width:38rem;margin:30vh auto;padding:0 1rem;font:1rem/1.55 system-ui,sans-serif;animation:appear .01s 6s both}' +
  '.no-app noscript{visibility:visible}@keyframes appear{from{visibility:hidden}}';

/** @param {string} text @returns {string} for a Content Security Policy */
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The texts are the same in every build, so a host's header can name their hashes. */
export const START_HASH = hashOf(START);
export const STYLE_HASH = hashOf(STYLE);

const SCRIPT = /<script type="module" crossorigin src="([^"]+)"><\/script>/;

/** @param {string} html @param {string | RegExp} from @param {string} to @returns {string} */
function replaced(html, from, to) {
  const after = html.replace(from, to);
  if (after === html) throw new Error(`index.html has no ${from}`);
  return after;
}

/** @returns {import('vite').Plugin} */
export const firstLoad = () => ({
  name: 'first-load',
  apply: 'build',
  enforce: 'post',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const icon = encodeURIComponent(readFileSync(new URL('../public/icon.svg', import.meta.url), 'utf8'));
      const start = `<style>${STYLE}</style>\n    <link rel="modulepreload" crossorigin href="$1">\n    <script type="module">${START}</script>`;
      const started = replaced(html, SCRIPT, start);
      const drawn = replaced(started, 'href="./icon.svg"', `href="data:image/svg+xml,${icon}"`);
      return replaced(drawn, /<link rel="manifest"[^>]*>/, '<template>$&</template>\n  ');
    },
  },
});
