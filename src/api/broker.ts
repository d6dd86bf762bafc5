/**
 * How tabs reach each other: the service worker passes a MessagePort to the tab that runs the node and reads nothing of what it carries.
 * It asks the tabs which one that is: the ids in Web Locks are not those by which a service worker knows its clients.
 */

/** Tab → service worker, with one port to be passed on to the tab that runs the node. */
export interface ToLeader {
  readonly kind: 'to-leader';
}

/** Service worker → every other tab, with one port: whoever runs the node answers on it, with anything. */
export interface WhoLeads {
  readonly kind: 'who-leads';
}

/** Service worker → the tab that runs the node, with the port that was to be passed on. */
export interface NodePort {
  readonly kind: 'node-port';
}

const isOfKind = (message: unknown, kind: string): boolean =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === kind;

/** Whether a message is a {@link ToLeader}. */
export const isToLeader = (message: unknown): message is ToLeader => isOfKind(message, 'to-leader');

/** Whether a message is a {@link WhoLeads}. */
export const isWhoLeads = (message: unknown): message is WhoLeads => isOfKind(message, 'who-leads');

/** Whether a message is a {@link NodePort}. */
export const isNodePort = (message: unknown): message is NodePort => isOfKind(message, 'node-port');
