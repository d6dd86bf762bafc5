/** From a pasted text to the screen that deals with it. */
import { isTtxError } from '../core/error.ts';
import { locator } from '../core/id.ts';
import { joinFragment, type Link, parseLink } from '../core/link.ts';
import { parseRoute, type Route } from './route.ts';

/** A link of the scheme `web+ttx`, `web+ttx:accept?…` or `web+ttx:<address>`, as the app link or the address that it stands for. */
function withoutScheme(text: string): string {
  return text.replace(/web\+ttx:(?:\/\/)?(?:(accept|join|pay)\/?(?=\?))?/i, (_, screen?: string) =>
    screen === undefined ? '' : `#/${screen.toLowerCase()}`,
  );
}

/** What stands behind `magnet:?` or `#/screen?` inside a longer text; where there are both, the one that `parseLink` reads. */
function queryOf(text: string): string {
  const found = /magnet:\?([^\s"'<>]+)/i.exec(text) ?? /#\/(?:accept|join|pay)\?([^\s"'<>]+)/.exec(text);
  return found?.[1] ?? '';
}

/** A pairing code in a longer text, or alone in capitals, with spaces and line breaks as it was written by hand. `core/pairing.ts` reads it. */
function pairingCodeIn(text: string): string | undefined {
  const alone = text.replace(/\s+/g, '');
  const found = /ttxpair1[02-9ac-hj-np-z]{40,}/i;
  return (/^ttxpair1/i.test(alone) ? found.exec(alone) : found.exec(text))?.[0].toLowerCase();
}

function screenOf(link: Link, text: string): Route {
  switch (link.kind) {
    case 'address':
      return { kind: 'pay', query: `to=${link.address}` };
    case 'payment-request':
      return { kind: 'pay', query: queryOf(text) };
    case 'magnet':
      return { kind: 'accept', query: queryOf(text) };
    case 'invitation': {
      const query = queryOf(text);
      if (query !== '') return { kind: 'join', query };
      const { infohash, txid } = link.magnet;
      return txid === undefined ? { kind: 'join', query } : parseRoute(joinFragment(locator(infohash, txid), []));
    }
  }
}

/**
 * The screen for a link, an address, a pairing code or a message that contains one.
 * @throws {TtxError} `link`, `address` or `amount`
 */
export function screenForText(text: string): Route {
  const code = pairingCodeIn(text);
  if (code !== undefined) return { kind: 'connect', code };
  const plain = withoutScheme(text);
  return screenOf(parseLink(plain), plain);
}

/** The screen for a text pasted anywhere, or undefined when it is nothing of ours and the paste is left alone. */
export function findScreenForPaste(text: string): Route | undefined {
  try {
    return screenForText(text);
  } catch (error) {
    if (isTtxError(error)) return undefined;
    throw error;
  }
}
