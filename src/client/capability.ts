/** What the browser must offer before anything is started: a missing part gets a sentence instead of a blank page. */

/** Something a browser may lack. All but `webrtc` are needed even to show the address. */
export type Capability = 'secure-context' | 'worker' | 'indexeddb' | 'locks' | 'crypto' | 'webrtc';

/** The globals that are looked at; the real ones are `globalThis`. */
export interface BrowserGlobals {
  readonly isSecureContext?: boolean;
  readonly Worker?: unknown;
  readonly indexedDB?: unknown;
  readonly crypto?: { readonly subtle?: unknown } | undefined;
  readonly navigator?: { readonly locks?: unknown } | undefined;
  readonly RTCPeerConnection?: unknown;
}

/** What `browser` lacks, the cause before its consequences: outside a secure context locks and crypto are missing too. */
export function findMissing(browser: BrowserGlobals): readonly Capability[] {
  const missing: Capability[] = [];
  if (browser.isSecureContext !== true) missing.push('secure-context');
  if (browser.Worker === undefined) missing.push('worker');
  // Some private modes keep the name and set it to null.
  if (browser.indexedDB === undefined || browser.indexedDB === null) missing.push('indexeddb');
  if (browser.navigator?.locks === undefined) missing.push('locks');
  if (browser.crypto?.subtle === undefined) missing.push('crypto');
  if (browser.RTCPeerConnection === undefined) missing.push('webrtc');
  return missing;
}

/** The first of `missing` without which the wallet cannot even open; without WebRTC it opens, but meets nobody. */
export function findBlocker(missing: readonly Capability[]): Capability | undefined {
  return missing.find((capability) => capability !== 'webrtc');
}
