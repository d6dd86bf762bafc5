/** STUN servers: they tell a browser its address on the internet, without which devices behind two routers do not find each other. */

/** Set by the build; undefined where the deployer said nothing. */
declare const __STUN__: readonly string[] | undefined;

/** Public ones, the same that WebTorrent uses, run by Google and Twilio: they learn an IP address and that it is used now, and nothing else. */
const PUBLIC_STUN: readonly string[] = ['stun:stun.l.google.com:19302', 'stun:global.stun.twilio.com:3478'];

/** `stun:` URLs that every WebRTC connection of this deployment asks; none means that it connects within a local network only. */
export const STUN_SERVERS: readonly string[] = typeof __STUN__ === 'undefined' ? PUBLIC_STUN : __STUN__;
