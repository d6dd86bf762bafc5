/**
 * What index.html asks of the browser before the wallet's address shows. Each request, and each moment in which the tab shows itself as loading,
 * costs a slow device more than the code it brings (docs/architecture.md, The first address).
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * Starts the app. With a module in a script element the page would be loading until the app has started, and Chromium animate the tab for as
 * long. The icon and the manifest wait in a template until the wallet shows (src/client/head-links.ts); but a browser that installs the app in
 * the background opens it in a page without a size, and wants the manifest as soon as that has loaded. What stands in the HTML is for whoever
 * gets no app: where scripts run, it shows after six seconds, and its words are not even laid out before.
 */
const START =
  '{const{classList:c}=document.documentElement;c.add("starting");setTimeout(()=>c.remove("starting"),6e3)}' +
  'addEventListener("DOMContentLoaded",()=>{' +
  'if(!innerWidth)document.head.append(document.querySelector("template").content);' +
  'import(document.querySelector("link[rel=modulepreload]").href)})';

/** Colours of the page's ground, from the design's own scale. */
export const GROUND = (() => {
  const tokens = readFileSync(new URL('../src/ui/style/tokens.css', import.meta.url), 'utf8');
  const [light, dark] = [...tokens.matchAll(/--ground: (#[0-9a-f]{6});/g)].map(([, colour]) => colour);
  if (light === undefined || dark === undefined) throw new Error('tokens.css does not define --ground twice');
  return { light, dark };
})();

/** The ground of the app, from the first picture on, and what stands in the HTML. */
const STYLE =
  `body{background:${GROUND.light}}@media(prefers-color-scheme:dark){body{background:${GROUND.dark}}}` +
  '.no-app{max-width:38rem;margin:30vh auto;padding:0 1rem;font:1rem/1.55 system-ui,sans-serif}.starting .no-app{display:none}';

/** @param {string} text @returns {string} for a Content Security Policy */
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The texts are the same in every build, so a host's header can name their hashes. */
export const START_HASH = hashOf(START);
export const STYLE_HASH = hashOf(STYLE);

const SCRIPT = /<script type="module" crossorigin src="([^"]+)"><\/script>/;
const ICON = /<link rel="icon" [^>]*>/;

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
      const start = `<style>${STYLE}</style>\n    <link rel="modulepreload" crossorigin href="$1">\n    <script>${START}</script>`;
      const started = replaced(html, SCRIPT, start);
      const icon = ICON.exec(started)?.[0] ?? '';
      // Without a link of this kind the browser would ask for favicon.ico.
      const plain = replaced(started, ICON, '<link rel="icon" href="data:," />');
      return replaced(plain, /<link rel="manifest"[^>]*>/, `<template>${icon}$&</template>\n  `);
    },
  },
});
