import { STUN_SERVERS } from '../api/stun.ts';

/** Hosts that learn this device's IP address when it connects to others. */
export const STUN_HOSTS: readonly string[] = STUN_SERVERS.map((url) => url.replace(/^stuns?:/, '').replace(/(:\d+)?(\?.*)?$/, ''));
