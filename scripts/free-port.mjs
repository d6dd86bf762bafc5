/** Ports that stay free while nobody listens. */
import { listenLoopback, PortInUse } from './loopback.mjs';

/** Below the range from which systems draw the ports of outgoing connections: one of a browser's could take it before we do. */
const RANGE = { from: 20_000, count: 10_000 };

/** @returns {Promise<number>} a port that was free a moment ago */
export async function findFreePort() {
  for (;;) {
    const port = RANGE.from + Math.floor(Math.random() * RANGE.count);
    try {
      const probe = await listenLoopback(port, () => undefined);
      await probe.close();
      return port;
    } catch (error) {
      if (!(error instanceof PortInUse)) throw error;
    }
  }
}
