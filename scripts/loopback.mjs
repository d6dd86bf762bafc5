/** Servers that only this computer can reach. */
import { createServer } from 'node:http';

/** What a busy port is thrown as. */
export class PortInUse extends Error {
  /** @param {number} port */
  constructor(port) {
    super(`port ${port} is in use`);
    this.port = port;
  }
}

/**
 * @typedef {object} Loopback
 * @property {number} port
 * @property {readonly import('node:http').Server[]} servers
 * @property {() => Promise<void>} close Ends every connection at once.
 */

/** @param {number} port @param {string} host @returns {Promise<import('node:http').Server>} */
function listen(port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

/** @param {import('node:http').Server} server @returns {number} */
function portOf(server) {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** @param {unknown} error @returns {string} */
const codeOf = (error) => (error instanceof Error && 'code' in error ? String(error.code) : '');

/**
 * Listens on 127.0.0.1 and, where there is one, on ::1, because browsers try either for `localhost`.
 * @param {number} port 0 takes any free one
 * @param {(server: import('node:http').Server) => void} attach adds what answers
 * @returns {Promise<Loopback>}
 */
export async function listenLoopback(port, attach) {
  /** @type {import('node:http').Server[]} */
  const servers = [];
  try {
    servers.push(await listen(port, '127.0.0.1'));
    const taken = servers[0] === undefined ? port : portOf(servers[0]);
    await listen(taken, '::1').then(
      (server) => servers.push(server),
      (error) => {
        if (codeOf(error) === 'EADDRINUSE') throw error;
      },
    );
    for (const server of servers) attach(server);
    return { port: taken, servers, close: () => closeAll(servers) };
  } catch (error) {
    await closeAll(servers);
    // Another server may hold ::1 on the port that was drawn for 127.0.0.1: draw again.
    if (port === 0 && codeOf(error) === 'EADDRINUSE') return listenLoopback(0, attach);
    if (['EADDRINUSE', 'EACCES'].includes(codeOf(error))) throw new PortInUse(port);
    throw error;
  }
}

/** @param {readonly import('node:http').Server[]} servers @returns {Promise<void>} */
async function closeAll(servers) {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        }),
    ),
  );
}
