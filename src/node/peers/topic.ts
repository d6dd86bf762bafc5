/** One subject of the conversation with peers. `exchange.ts` greets them and passes on what they say. */
import type { Hello, Message } from '../../core/message.ts';
import type { Peer } from '../../net/swarm.ts';

/** Told of every peer that has greeted and of everything it says; takes notice of the messages that are its own. */
export interface Topic {
  /** A peer of this network has greeted. */
  joined(peer: Peer, hello: Hello): void;
  /** A peer that had greeted is gone. */
  left(peer: Peer): void;
  receive(peer: Peer, message: Message): void;
}
