import { beforeEach, describe, expect, test } from 'vitest';
import type { PaymentRequest, Quote } from '../api/node.ts';
import { TtxError } from '../core/error.ts';
import { amount } from '../core/id.ts';
import { signDraft } from '../core/signature.ts';
import { encodeTransaction } from '../core/transaction.ts';
import { LoopbackHub } from '../net/loopback.ts';
import type { LoopbackSwarm } from '../net/loopback-swarm.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import type { NetworkNode } from './network-node.ts';
import { type Payer, makePayment as pay, quotePayment, waitUntilConfirmed } from './payments.ts';
import { makePayment } from './testkit/people.ts';
import { ScriptedPeer } from './testkit/scripted-peer.ts';
import { alice, bob, carol, genesis, network, World } from './testkit/world.ts';
import type { JobHandle } from './wallet/jobs.ts';
import { Miner } from './wallet/miner.ts';

const fund = makePayment(alice, [genesis], bob.address, 500_000_000n);
const request: PaymentRequest = { to: carol.address, amount: amount(5_000_000n), note: undefined, isUrgent: true };

const TTX = 1_000_000n;

let world: World;
let hub: LoopbackHub;
let swarms: LoopbackSwarm[];
beforeEach(() => {
  const clock = new VirtualClock();
  hub = new LoopbackHub({ clock, latencyMs: () => 20 });
  swarms = [];
  const createSwarm = () => {
    const swarm = hub.createSwarm();
    swarms.push(swarm);
    return swarm;
  };
  world = new World(clock, createSwarm, createMemoryStorage);
});

/** Bob's device with a coin, and a peer of it that writes down what it hears. */
async function openPayer() {
  const node = await world.open(bob);
  const peer = new ScriptedPeer('f'.repeat(40));
  node.exchange.join(peer);
  node.exchange.receive(peer, {
    t: 'hello',
    software: 'x',
    protocol: 1,
    genesis: network.id,
    mode: 'full',
    modules: [],
    summary: node.ledger.summary(),
  });
  await world.give(node, fund);
  await world.clock.advance(1_000);
  return { node, peer };
}

/** `during` happens while this device is busy with that. */
function payerOf(node: NetworkNode, during: { readonly work?: () => unknown; readonly signing?: () => unknown } = {}) {
  const signed: string[] = [];
  const search = async () => {
    await during.work?.();
    return 1_000_000_000_000_000;
  };
  const payer: Payer = {
    node,
    wallet: 'bob',
    key: bob.key,
    miner: Object.assign(new Miner({ search: async () => undefined }, world.clock, (length) => new Uint8Array(length)), { mine: search }),
    clock: world.clock,
    workBits: 0,
    sign: async (draft, nonce) => {
      const transaction = signDraft(draft, nonce, bob.secretKey);
      signed.push(new TextDecoder().decode(encodeTransaction(transaction)));
      await during.signing?.();
      return transaction;
    },
    isCurrent: () => true,
  };
  const ended = new AbortController();
  const stages: unknown[] = [];
  const show: JobHandle['show'] = ({ stage }) => stage !== undefined && stage !== stages.at(-1) && stages.push(stage);
  const job = { id: 'job', signal: ended.signal, show };
  const paying = (agreed: Quote, what = request) => pay(payer, what, agreed, [], job);
  const waiting = (agreed: Quote, what: PaymentRequest) => waitUntilConfirmed(payer, what, agreed, job);
  return { payer, paying, waiting, signed, stages, cancel: () => ended.abort(new TtxError('cancelled')) };
}

describe('a coin that a second device with the same words spends', () => {
  const other = makePayment(bob, [fund], alice.address, 6_000_000n);

  test('while this one searches for work is not signed for', async () => {
    const { node } = await openPayer();
    const { payer, paying, signed } = payerOf(node, { work: () => world.give(node, other) });
    await expect(paying(quotePayment(payer, request))).rejects.toMatchObject({ code: 'quote-changed' });
    expect(signed).toEqual([]);
    expect([node.ledger.isAccepted(other.txid), node.ledger.conflicted]).toEqual([true, 0]);
    await world.stop();
  });

  test('while this one signs leaves nothing of what was signed', async () => {
    const { node, peer } = await openPayer();
    const { payer, paying, signed } = payerOf(node, { signing: () => world.give(node, other) });
    await expect(paying(quotePayment(payer, request))).rejects.toMatchObject({ code: 'quote-changed' });
    await world.clock.advance(5_000);
    expect(signed).toHaveLength(1);
    expect([node.ledger.isAccepted(other.txid), node.ledger.conflicted]).toEqual([true, 0]);
    expect(node.history.page(0, 10).map(({ txid }) => txid)).toEqual([other.txid, fund.txid]);
    expect(peer.heard.filter(({ t }) => t === 'dsp')).toEqual([]);
    await world.stop();
  });
});

test('a coin whose own payer turns out to have spent it twice, while this one searches for work, is not signed for', async () => {
  const { node } = await openPayer();
  const rival = makePayment(alice, [genesis], carol.address, 499_000_000n, 77);
  const { payer, paying, signed } = payerOf(node, { work: () => world.give(node, rival) });
  await expect(paying(quotePayment(payer, request))).rejects.toMatchObject({ code: 'quote-changed' });
  expect([node.conflicts.standingOf(fund.txid).stage, signed]).toEqual(['contested', []]);
  await world.stop();
});

test('a payment with a warning that its quote did not have is not made', async () => {
  const { node } = await openPayer();
  const { payer, paying } = payerOf(node);
  const now = quotePayment(payer, request);
  expect(now.warnings).toEqual(['unconfirmed-coins']);
  await expect(paying({ ...now, warnings: [] })).rejects.toMatchObject({ code: 'quote-changed' });
  // What does not apply any more stops nobody.
  const txid = await paying({ ...now, warnings: ['dust-change', ...now.warnings] });
  expect(node.ledger.isAccepted(txid)).toBe(true);
  await world.stop();
});

describe('a payment that is not urgent, of money that came a moment ago', () => {
  const patient = { ...request, isUrgent: false };

  test('waits until that is confirmed, and is made then', async () => {
    await world.openMany(3);
    const node = await world.open(bob);
    await world.clock.advance(2_000);
    await world.give(node, fund);
    await world.clock.advance(1_000);
    const { payer, waiting, paying, signed, stages } = payerOf(node);
    const agreed = quotePayment(payer, patient);
    await expect(paying(agreed, patient)).rejects.toMatchObject({ code: 'quote-changed' });
    const waited = waiting(agreed, patient);
    await world.clock.advance(10_000);
    expect([stages, node.conflicts.standingOf(fund.txid).stage]).toEqual([['confirming'], 'settled']);
    await world.clock.advance(6_000);
    await waited;
    expect([node.conflicts.standingOf(fund.txid).stage, signed.length]).toEqual(['confirmed', 0]);
    await paying(agreed, patient);
    expect(signed).toHaveLength(1);
    await world.stop();
  });

  test('is not held up by a device that counts confirmed money elsewhere: that is a warning', async () => {
    const node = await world.open(bob);
    await world.openMany(6);
    const other = await world.open(carol);
    await world.clock.advance(3_000);
    for (const swarm of swarms.slice(0, 7)) hub.cut(swarm, swarms[7] as LoopbackSwarm);
    await world.give(node, fund);
    const rival = makePayment(alice, [genesis], carol.address, 499n * TTX, 77);
    await world.give(other, rival);
    await world.clock.advance(40_000);
    for (const swarm of swarms.slice(0, 7)) hub.mend(swarm, swarms[7] as LoopbackSwarm);
    await world.clock.advance(60_000);
    await other.forks.follow(rival.txid);
    await world.clock.advance(60_000);
    expect(node.spendable().map((coins) => coins.length)).toEqual([0, 1, 1]);
    const { payer, waiting } = payerOf(node);
    const agreed = quotePayment(payer, patient);
    expect(agreed.warnings).toEqual(['disputed-coins']);
    await waiting(agreed, patient);
    await world.stop();
  });

  test('of everything is of what has just come, too', async () => {
    await world.openMany(3);
    const node = await world.open(bob);
    await world.clock.advance(2_000);
    await world.give(node, fund);
    await world.clock.advance(40_000);
    await world.give(node, makePayment(alice, [fund], bob.address, 300n * TTX, 5));
    await world.clock.advance(1_000);
    const all: PaymentRequest = { ...patient, amount: 'all' };
    const { payer, waiting, paying } = payerOf(node);
    const agreed = quotePayment(payer, all);
    expect([agreed.coins, agreed.warnings]).toEqual([2, ['unconfirmed-coins']]);
    const waited = waiting(agreed, all);
    await world.clock.advance(20_000);
    await waited;
    await paying(agreed, all);
    expect(node.balance.coins).toBe(0);
    await world.stop();
  });

  test('goes on waiting when more money comes', async () => {
    await world.openMany(3);
    const node = await world.open(bob);
    await world.clock.advance(2_000);
    const small = makePayment(alice, [genesis], bob.address, 50n * TTX);
    const second = makePayment(alice, [small], bob.address, 60n * TTX, 5);
    const third = makePayment(alice, [second], bob.address, 200n * TTX, 6);
    await world.give(node, small);
    await world.clock.advance(40_000);
    await world.give(node, second);
    await world.clock.advance(1_000);
    const { payer, waiting, paying } = payerOf(node);
    const what = { ...patient, amount: amount(90n * TTX) };
    const agreed = quotePayment(payer, what);
    const waited = waiting(agreed, what);
    await world.clock.advance(3_000);
    await world.give(node, third);
    await world.clock.advance(30_000);
    await waited;
    expect(node.ledger.isAccepted(await paying(agreed, what))).toBe(true);
    await world.stop();
  });

  test('can be stopped meanwhile', async () => {
    const { node } = await openPayer();
    const { payer, waiting, cancel } = payerOf(node);
    const waited = waiting(quotePayment(payer, patient), patient);
    await world.clock.advance(3_000);
    cancel();
    await expect(waited).rejects.toMatchObject({ code: 'cancelled' });
    await world.stop();
  });
});
