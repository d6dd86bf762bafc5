/** The parts that we use of packages which come without types. */

declare module 'bittorrent-tracker/server' {
  import { EventEmitter } from 'node:events';

  export default class Server extends EventEmitter {
    constructor(options: { http: boolean; udp: boolean; stats: boolean; ws: { noServer: boolean } });
    /** A WebSocketServer of the package ws. */
    readonly ws: EventEmitter & {
      handleUpgrade(
        request: import('node:http').IncomingMessage,
        connection: import('node:stream').Duplex,
        head: Buffer,
        done: (socket: WebSocketOfServer) => void,
      ): void;
    };
  }

  export interface WebSocketOfServer extends EventEmitter {
    terminate(): void;
  }
}

declare module 'ws' {
  import { EventEmitter } from 'node:events';

  export class WebSocket extends EventEmitter {
    constructor(url: string);
    send(text: string): void;
    terminate(): void;
  }
}
