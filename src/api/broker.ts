/** How tabs reach each other: the service worker passes a MessagePort from one tab to another and reads nothing of what it carries. */

/** Tab → service worker, with one port to be passed on. */
export interface ToClient {
  readonly kind: 'to-client';
  /** The other tab's `Client.id`, which Web Locks tell of whoever holds one. */
  readonly clientId: string;
}

/** Service worker → tab, with the port. */
export interface NodePort {
  readonly kind: 'node-port';
}

const isOfKind = (message: unknown, kind: string): message is object =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === kind;

/** Whether a message is a {@link ToClient}. */
export const isToClient = (message: unknown): message is ToClient =>
  isOfKind(message, 'to-client') && 'clientId' in message && typeof message.clientId === 'string';

/** Whether a message is a {@link NodePort}. */
export const isNodePort = (message: unknown): message is NodePort => isOfKind(message, 'node-port');
