/** How the tests and benchmarks start Chromium. */
import { networkInterfaces } from 'node:os';

/** Without a network interface WebRTC gathers nothing, unless it may use loopback and the page may use the microphone (which we never do). */
export const IS_OFFLINE = !Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal));

/** Permissions that a page needs beside the usual ones. */
export const PERMISSIONS = ['clipboard-read', 'clipboard-write', ...(IS_OFFLINE ? ['microphone', 'camera'] : [])];

/** Nothing but this computer is ever contacted: no other name resolves, the local names of WebRTC (mDNS) excepted. */
export const FLAGS = [
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.local, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ...(IS_OFFLINE ? ['--allow-loopback-in-peer-connection'] : []),
];
