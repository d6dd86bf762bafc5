/** For tests: a {@link Sync} by itself. */
import type { TxId } from '../../core/id.ts';
import type { Ledger } from '../../core/ledger.ts';
import { MAX_INV } from '../../core/limit.ts';
import type { Hello, Inv, StateSummary } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { answerNodes } from '../../core/tree-walk.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { Sync } from '../peers/sync.ts';
import { ledgerOf, network } from './history.ts';
import { ScriptedPeer } from './scripted-peer.ts';

/** A sync that holds `files`, and peers whose every word the test writes. */
export function openSync(files: readonly TransactionFile[]) {
  const clock = new VirtualClock();
  const ledger = ledgerOf(files);
  const wanted: TxId[] = [];
  const awaited = new Map<string, number>();
  const compared: ((txid: TxId) => boolean)[] = [];
  const sync = new Sync({
    ledger,
    isLight: () => false,
    clock,
    state: () => ({ trees: ledger.trees(), summary: ledger.summary() }),
    want: (_peer, txids) => wanted.push(...txids),
    awaitedOf: ({ id }) => awaited.get(id) ?? 0,
    compared: (_peer, holds) => compared.push(holds),
    changed: () => undefined,
  });
  const join = (id: string, summary: StateSummary) => {
    const peer = new ScriptedPeer(id);
    const hello: Hello = { t: 'hello', software: 'x', protocol: 1, genesis: network.id, mode: 'full', modules: [], summary };
    sync.joined(peer, hello);
    return peer;
  };
  /** Answers the last question to a peer honestly. */
  const answer = (peer: ScriptedPeer, theirs: Ledger) => {
    const last = peer.heard.at(-1);
    if (last?.t === 'node') sync.receive(peer, { ...last, t: 'nodes', nodes: answerNodes(theirs.trees().transactions, last.prefixes) });
    if (last?.t === 'list') sync.receive(peer, page(theirs, last.from));
  };
  /** The same until nothing more is asked. */
  const answerAll = (peer: ScriptedPeer, theirs: Ledger) => {
    for (let heard = 0; heard < peer.heard.length; answer(peer, theirs)) heard = peer.heard.length;
  };
  const wait = (peerId: string, count: number) => awaited.set(peerId, count);
  return { clock, ledger, sync, join, answer, answerAll, wanted, compared, wait };
}

export const page = (theirs: Ledger, from: number): Inv => ({ t: 'inv', held: theirs.accepted(from, MAX_INV), from });
/** What a peer was asked: positions in its list, or by the kind of message. */
export const questions = (peer: ScriptedPeer) => peer.heard.map((message) => (message.t === 'list' ? message.from : message.t));
