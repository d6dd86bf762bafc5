import { expect, test } from 'vitest';
import { createMemoryStorage } from '../../storage/memory.ts';
import { makePayment } from '../testkit/people.ts';
import { alice, bob, genesis, hello, inv, network, openTopics, ScriptedPeer, tx } from '../testkit/scripted-peer.ts';

const open = () => openTopics(createMemoryStorage());

const first = makePayment(alice, [genesis], bob.address, 5_000_000n, 1);

test('greets, asks for what it does not hold, and tells when it has it', async () => {
  const { exchange, connect, clock, ledger } = await open();
  const peer = connect('a');
  expect(peer.heard.map((message) => message.t)).toEqual(['hello']);
  exchange.receive(peer, inv(genesis, first));
  expect(peer.last('get')?.txids).toEqual([first.txid]);
  exchange.receive(peer, tx(first));
  await clock.advance(1);
  expect(ledger.size).toBe(2);
  expect(peer.last('inv')?.held[0]?.txid).toBe(first.txid);
  expect(peer.penalties).toBe(0);
});

test('lets a peer of another network go, and counts nothing said before hello', async () => {
  const { exchange, clock } = await open();
  const stranger = new ScriptedPeer('s');
  exchange.join(stranger);
  exchange.receive(stranger, inv(first));
  expect(stranger.penalties).toBeGreaterThan(0);
  expect(stranger.last('get')).toBeUndefined();
  exchange.receive(stranger, hello(first.txid));
  await clock.advance(1_000);
  expect(stranger.closed).toBe(true);
  expect(exchange.readyPeers).toBe(0);
});

test('tells a peer with a newer protocol its own, lets it go, and counts it once', async () => {
  const { exchange, clock } = await open();
  const newer = { t: 'newer-hello', software: 'x', protocol: 2, genesis: network.id } as const;
  const [peer, other] = [new ScriptedPeer('p'), new ScriptedPeer('q')];
  for (const stranger of [peer, other]) exchange.join(stranger);
  exchange.receive(peer, newer);
  exchange.receive(peer, newer);
  exchange.receive(peer, inv(first));
  exchange.receive(other, { ...newer, genesis: first.txid });
  expect([peer.heard.map(({ t }) => t), peer.closed, peer.penalties]).toEqual([['hello'], false, 0]);
  await clock.advance(1_000);
  expect([peer.closed, other.closed, exchange.newerPeers, exchange.readyPeers]).toEqual([true, true, 1, 0]);
});

test('a probed peer that answers stays, one that is silent is disconnected without a penalty', async () => {
  const { exchange, clock, connect } = await open();
  const [lively, dead] = [connect('lively'), connect('dead')];
  for (const peer of [lively, dead]) exchange.receive(peer, hello());
  exchange.probe();
  exchange.probe();
  expect(dead.heard.filter(({ t }) => t === 'get')).toHaveLength(1);
  expect(lively.last('get')?.txids).toEqual([network.id]);
  exchange.receive(lively, tx(genesis));
  await clock.advance(11_000);
  expect([lively.closed, dead.closed, lively.penalties, dead.penalties]).toEqual([false, true, 0, 0]);
  exchange.probe();
  expect(lively.heard.filter(({ t }) => t === 'get')).toHaveLength(2);
});
