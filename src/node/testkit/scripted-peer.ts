/** For tests: a node's conversation with peers whose every word the test writes. */
import { hashFromBytes, type TxId } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import type { Message } from '../../core/message.ts';
import { checkSignature } from '../../core/signature.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import type { Peer } from '../../net/swarm.ts';
import type { Storage } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { Acceptor } from '../ledger/accept.ts';
import { Exchange } from '../peers/exchange.ts';
import { Fetcher } from '../peers/fetcher.ts';
import { Holders } from '../peers/holders.ts';
import { Serving } from '../peers/serving.ts';
import { makeGenesis, person } from './people.ts';

export const alice = person('alice');
export const bob = person('bob');
export const { file: genesis, network } = makeGenesis(alice);

/** A peer that says what the test says, and remembers what was said to it. */
export class ScriptedPeer implements Peer {
  readonly foundBy = 'tracker';
  readonly heard: Message[] = [];
  penalties = 0;
  commendations = 0;
  closed = false;
  constructor(readonly id: string) {}
  send(message: Message): void {
    this.heard.push(message);
  }
  async drained(): Promise<void> {}
  penalize(points: number): void {
    this.penalties += points;
  }
  commend(): void {
    this.commendations++;
  }
  close(): void {
    this.closed = true;
  }
  last<T extends Message['t']>(t: T): Extract<Message, { t: T }> | undefined {
    return this.heard.filter((message): message is Extract<Message, { t: T }> => message.t === t).at(-1);
  }
  /** All it has been asked for, in this order. */
  asked(): readonly TxId[] {
    return this.heard.flatMap((message) => (message.t === 'get' ? message.txids : []));
  }
}

const ROOT = hashFromBytes(new Uint8Array(32));

export const hello = (genesisId = network.id, mode: 'full' | 'light' = 'full'): Message => ({
  t: 'hello',
  software: 'x',
  protocol: 1,
  genesis: genesisId,
  mode,
  modules: [],
  summary: { transactions: 1, work: 1n, supply: 1n, transactionsRoot: ROOT, coinsRoot: ROOT },
});
export const inv = (...files: readonly TransactionFile[]): Message => ({
  t: 'inv',
  held: files.map(({ infohash, txid }) => ({ infohash, txid })),
});
export const tx = (...files: readonly TransactionFile[]): Message => ({ t: 'tx', files: files.map((file) => file.bytes), missing: [] });
export const missing = (...txids: readonly TxId[]): Message => ({ t: 'tx', files: [], missing: txids });

/** The topics of a node that holds the genesis and nothing else. */
export async function openTopics(storage: Storage) {
  const clock = new VirtualClock();
  const store = await storage.openStore(network.id);
  const ledger = new Ledger(network);
  const acceptor = new Acceptor({
    store,
    ledger,
    clock,
    verify: async ({ transaction }) => checkSignature(transaction),
    decided: (batch) => serving.announce(batch.flatMap(({ decision }) => (decision.kind === 'accepted' ? [decision.entry] : []))),
  });
  const failures: unknown[] = [];
  const failed = (error: unknown) => failures.push(error);
  const changed = () => undefined;
  let awaited = 0;
  const fetcher = new Fetcher({ ledger, acceptor, clock, awaited: () => awaited++, changed, failed });
  const delivered: TxId[] = [];
  const holders = new Holders({ clock, delivered: (txids) => delivered.push(...txids) });
  const serving = new Serving({ store, failed });
  const exchange = new Exchange({
    ledger,
    clock,
    software: 'test/1',
    mode: () => 'full',
    summary: () => ledger.summary(),
    topics: [holders, fetcher, serving],
    ask: (peer) => fetcher.ask(peer, network.id),
    changed,
  });
  await acceptor.accept([genesis.bytes]);
  const connect = (id: string, mode: 'full' | 'light' = 'full') => {
    const peer = new ScriptedPeer(id);
    exchange.join(peer);
    exchange.receive(peer, hello(network.id, mode));
    return peer;
  };
  return { clock, ledger, acceptor, exchange, fetcher, holders, serving, connect, failures, delivered, awaited: () => awaited };
}
