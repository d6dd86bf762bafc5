/** A WebSocket tracker on this computer: it introduces browsers to each other, and forgets everything when it stops. */
// The package's index pulls in native WebRTC, which is not there.
import Server from 'bittorrent-tracker/server';
import { listenLoopback } from './loopback.mjs';

/**
 * @typedef {object} Tracker
 * @property {string} url
 * @property {number} port
 * @property {() => number} connections Browsers connected now.
 * @property {() => Promise<void>} stop Drops every connection. Starting again on the same port is a restart.
 */

/** @param {{ port?: number }} [options] any free port by default @returns {Promise<Tracker>} */
export async function startTracker({ port = 0 } = {}) {
  const tracker = new Server({ http: false, udp: false, stats: false, ws: { noServer: true } });
  // Malformed announces of one browser are no reason to stop.
  tracker.on('warning', () => undefined);
  tracker.on('error', () => undefined);
  /** @type {Set<import('bittorrent-tracker/server').WebSocketOfServer>} */
  const sockets = new Set();
  const loopback = await listenLoopback(port, (server) => {
    server.on('request', (_, response) => response.writeHead(426, { 'content-type': 'text/plain' }).end('A WebSocket tracker.\n'));
    server.on('upgrade', (request, connection, head) => {
      connection.on('error', () => undefined);
      tracker.ws.handleUpgrade(request, connection, head, (/** @type {import('bittorrent-tracker/server').WebSocketOfServer} */ socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        tracker.ws.emit('connection', socket, request);
      });
    });
  });
  return {
    url: `ws://localhost:${loopback.port}`,
    port: loopback.port,
    connections: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.terminate();
      await loopback.close();
    },
  };
}
