/** The styles come with the page's script: a file of their own is a request more, and the tab shows itself as loading until that is answered. */
import base from './base.css?inline';
import parts from './parts.css?inline';
import screens from './screens.css?inline';
import shell from './shell.css?inline';
import tokens from './tokens.css?inline';

/** Gives the document its styles. */
export function applyStyles(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([tokens, base, shell, parts, screens].join('\n'));
  document.adoptedStyleSheets = [sheet];
}
