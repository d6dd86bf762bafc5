import { expect, test } from 'vitest';
import type { TxId } from '../../core/id.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { makePayment } from '../testkit/people.ts';
import { alice, bob, genesis, hello, inv, missing, network, openTopics } from '../testkit/scripted-peer.ts';

const open = () => openTopics(createMemoryStorage());

const first = makePayment(alice, [genesis], bob.address, 5_000_000n, 1);
const second = makePayment(alice, [first], bob.address, 5_000_000n, 2);

test('counts holders as peers come, tell and go', async () => {
  const { exchange, connect, holders, acceptor } = await open();
  await acceptor.accept([first.bytes]);
  const [a, b] = [connect('a'), connect('b')];
  exchange.receive(a, inv(first));
  exchange.receive(b, inv(first));
  expect(holders.of(first.txid).size).toBe(2);
  exchange.leave(a);
  exchange.leave(b);
  expect(holders.of(first.txid).size).toBe(0);
});

test('knows who holds what a wallet made that is opened later, and that it was delivered', async () => {
  const { exchange, connect, holders, acceptor, clock, delivered } = await open();
  await acceptor.accept([first.bytes, second.bytes]);
  const a = connect('a');
  exchange.receive(a, inv(first));
  for (const { txid } of [first, second]) holders.track(txid);
  expect([...holders.of(first.txid)]).toEqual(['a']);
  expect([holders.isDelivered(first.txid), holders.isDelivered(second.txid)]).toEqual([true, false]);
  exchange.leave(a);
  expect(holders.isDelivered(first.txid)).toBe(true);
  await clock.advance(2_000);
  expect(delivered).toEqual([first.txid]);
});

test('an equal state says more than announcements: who has it holds all that was accepted then, and a light node perhaps none', async () => {
  const { connect, holders, clock, delivered } = await open();
  const [full, light] = [connect('full'), connect('light', 'light')];
  holders.track(first.txid);
  const holds = (txid: TxId) => txid === first.txid;
  for (const peer of [full, light]) holders.compare(peer, holds);
  expect([...holders.of(first.txid)]).toEqual(['full']);
  expect([...holders.of(second.txid)]).toEqual([]);
  await clock.advance(2_000);
  expect(delivered).toEqual([first.txid]);
});

test('who was asked and had it not is no holder, until it announces it again', async () => {
  const { exchange, connect, holders } = await open();
  const a = connect('a');
  exchange.receive(a, inv(first));
  exchange.receive(a, missing(first.txid));
  expect(holders.of(first.txid).size).toBe(0);
  exchange.receive(a, inv(first));
  expect(holders.of(first.txid).size).toBe(1);
});

test('what was delivered in an earlier run is not written down again', async () => {
  const { exchange, connect, holders, clock, delivered } = await open();
  holders.remember(first.txid);
  holders.track(first.txid);
  exchange.receive(connect('a'), inv(first));
  await clock.advance(2_000);
  expect([holders.isDelivered(first.txid), delivered]).toEqual([true, []]);
});

test('a peer that becomes light is no longer taken to hold all that it accepted', async () => {
  const { exchange, connect, holders } = await open();
  const peer = connect('a');
  holders.compare(peer, () => true);
  expect(holders.of(first.txid).size).toBe(1);
  exchange.receive(peer, hello(network.id, 'light'));
  expect(holders.of(first.txid).size).toBe(0);
});
