import { randomBytes } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { NodeState, OpenNetwork, Quote } from '../api/node.ts';
import { DEVNET, devnetGenesis } from '../core/devnet-genesis.ts';
import { type Address, amount, type TxId } from '../core/id.ts';
import { joinFragment, parseLink } from '../core/link.ts';
import { searchWork } from '../core/search.ts';
import { checkSignature } from '../core/signature.ts';
import { infohash } from '../core/torrent.ts';
import { LoopbackHub } from '../net/loopback.ts';
import type { LoopbackSwarm } from '../net/loopback-swarm.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Storage } from '../storage/store.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { NetworkBook } from './network-book.ts';
import { NetworkNode } from './network-node.ts';
import { Node } from './node.ts';
import { makeGenesis, makePayment, person } from './testkit/people.ts';
import { Miner } from './wallet/miner.ts';

const TTX = 1_000_000n;
const PARAMETERS = { name: 'Testland', hrp: 'ttx', burnPerByte: 1000, workReward: 0, maxGain: 0 };

let clock: VirtualClock;
let hub: LoopbackHub;
beforeEach(() => {
  clock = new VirtualClock();
  hub = new LoopbackHub({ clock, latencyMs: () => 20 });
});

/** A browser with the app open. */
async function openBrowser(storage: Storage = createMemoryStorage(), devnet?: Uint8Array) {
  const swarms: LoopbackSwarm[] = [];
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const node = new Node({
    storage,
    createNetworkNode: async (options) => new NetworkNode(options),
    createSwarm: async () => {
      const swarm = hub.createSwarm();
      swarms.push(swarm);
      return swarm;
    },
    miner: new Miner({ search: async (core, bits, from, count) => searchWork(core, bits, from, count) }, clock, random),
    verify: async ({ transaction }) => checkSignature(transaction),
    clock,
    random,
    software: 'test/1',
    devnet: devnet && { genesis: devnet, ...DEVNET },
    gone: () => new Promise(() => undefined),
  });
  let state: NodeState | undefined;
  await node.start('tab', { trackers: [], webrtc: true }, (next) => {
    state = next;
  });
  await node.setWorkBits(0);
  const browser = {
    node,
    storage,
    state: () => state as NodeState,
    network: () => state?.network as OpenNetwork,
    address: () => state?.wallet.address as Address,
    balance: () => state?.network?.balance.total,
    /** The tab is gone without a word. */
    kill: () => {
      for (const swarm of swarms) hub.kill(swarm);
    },
    found: (name = 'Testland', supply = 1_000n * TTX) =>
      node.foundNetwork(name, { parameters: { ...PARAMETERS, name }, supply: amount(supply), workBits: 0 }),
    pay: async (to: Address, units: bigint | 'all', note?: string, jobId = String(Math.random())) => {
      const request = { to, amount: units === 'all' ? units : amount(units), note, isUrgent: true };
      return node.pay(jobId, request, await node.quote(request));
    },
    see: async (done: (state: NodeState) => boolean) => {
      const seen = await clock.until(() => state !== undefined && done(state));
      if (!seen)
        throw new Error(`never seen; last: ${JSON.stringify(state, (_, value) => (typeof value === 'bigint' ? `${value}` : value), 1)}`);
    },
  };
  return browser;
}

type Browser = Awaited<ReturnType<typeof openBrowser>>;

async function inviteTo(founder: Browser, ...others: Browser[]): Promise<void> {
  const { fragment } = await founder.node.loadInvitation();
  for (const other of others) {
    const joining = other.node.joinNetwork('join', `https://wallet.example/${fragment}`);
    await other.see((state) => state.network !== undefined);
    await joining;
    await other.see((state) => state.network?.peers.some((peer) => peer.status === 'ready') ?? false);
  }
}

const stageOf = (browser: Browser) => browser.state().acceptances[0]?.stage;

test('a first visit makes a wallet that a second visit finds again', async () => {
  const first = await openBrowser();
  await first.see((state) => state.wallet.address.startsWith('ttx1'));
  const second = await openBrowser(first.storage);
  expect(second.address()).toBe(first.address());
  expect(await second.node.loadWords()).toEqual(await first.node.loadWords());
});

test('found, invite, join, pay: the payee sees the money and the payer sees who holds it', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  const { txid } = await alice.pay(bob.address(), 5n * TTX, 'for the bread');
  await bob.see((state) => state.network?.balance.total === 5n * TTX);
  await alice.see((state) => state.network?.activity[0]?.holders === 1);
  expect(alice.network().activity[0]).toMatchObject({ txid, kind: 'sent', amount: 5n * TTX, delivered: true, state: 'unconfirmed' });
  expect(bob.network().activity[0]).toMatchObject({ kind: 'received', note: 'for the bread', counterparty: alice.address() });
  expect((alice.balance() ?? 0n) + (bob.balance() ?? 0n)).toBe(alice.network().supply);
});

test('everything is there after a reload, and the payee can pay back', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  await alice.pay(bob.address(), 5n * TTX);
  await bob.see((state) => state.network?.balance.total === 5n * TTX);
  bob.kill();
  const again = await openBrowser(bob.storage);
  await again.see((state) => state.network?.balance.total === 5n * TTX);
  const before = alice.balance() ?? 0n;
  await again.pay(alice.address(), 1n * TTX);
  await alice.see((state) => state.network?.balance.total === before + 1n * TTX);
});

test('a payment is accepted by its magnet from a third node while the payer is gone', async () => {
  const [alice, bob, carol] = [await openBrowser(), await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob, carol);
  bob.kill();
  const { magnet } = await alice.pay(bob.address(), 7n * TTX, 'late');
  await carol.see((state) => state.network?.transactions === 2);
  alice.kill();
  const again = await openBrowser(bob.storage);
  await again.see((state) => state.network !== undefined);
  const short = magnet.replace(/&x\.tx=[^&]*/, '');
  expect(parseLink(short)).toMatchObject({ kind: 'magnet', magnet: { file: undefined } });
  await again.node.accept(short);
  await again.see(() => stageOf(again)?.kind === 'accepted');
  expect(stageOf(again)).toMatchObject({ amount: 7n * TTX, note: 'late', from: alice.address() });
  await again.node.accept(magnet);
  await again.see(() => stageOf(again)?.kind === 'accepted');
  expect(stageOf(again)).toMatchObject({ already: true });
  expect(again.balance()).toBe(7n * TTX);
});

test('restoring the words in a fresh browser finds the money again from a peer, and keeps the wallet that was there', async () => {
  const [alice, bob, fresh] = [await openBrowser(), await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  await alice.pay(bob.address(), 9n * TTX);
  await bob.see((state) => state.network?.balance.total === 9n * TTX);
  const words = (await bob.node.loadWords()).join('  ').toUpperCase();
  const address = bob.address();
  bob.kill();
  const old = fresh.state().wallet.id;
  await fresh.node.restoreWallet(words);
  await inviteTo(alice, fresh);
  await fresh.see((state) => state.network?.balance.total === 9n * TTX);
  expect(fresh.address()).toBe(address);
  await fresh.node.switchWallet(old);
  await fresh.see((state) => state.network?.balance.total === 0n && state.wallet.id === old);
});

test('an ancestor that nobody seeds is named while the search goes on, and the payment is accepted when it turns up', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  bob.kill();
  const first = await alice.pay(alice.address(), 3n * TTX);
  const second = await alice.pay(bob.address(), 5n * TTX);
  alice.kill();
  const again = await openBrowser(bob.storage);
  await again.see((state) => state.network !== undefined);
  await again.node.accept(second.magnet);
  await again.see(() => {
    const stage = stageOf(again);
    return stage?.kind === 'ancestors' && stage.unseeded.some((locator) => locator.endsWith(first.txid));
  });
  // A reload in the middle loses nothing: the search goes on by itself.
  again.kill();
  const third = await openBrowser(bob.storage);
  await third.see(() => stageOf(third)?.kind === 'ancestors');
  await openBrowser(alice.storage);
  await third.see(() => stageOf(third)?.kind === 'accepted');
  expect(third.balance()).toBe(5n * TTX);
});

test('says so when a payment is not for this wallet, of another network, tampered with or no link at all', async () => {
  const [alice, bob, carol] = [await openBrowser(), await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob, carol);
  const { magnet } = await alice.pay(carol.address(), 5n * TTX);
  await bob.node.accept(magnet);
  await bob.see(() => stageOf(bob)?.kind === 'not-for-you');

  const stranger = await openBrowser();
  const other = await stranger.found('Elsewhere');
  const foreign = await stranger.pay(bob.address(), 5n * TTX);
  await bob.node.accept(foreign.magnet);
  await bob.see(() => stageOf(bob)?.kind === 'other-network');
  expect(stageOf(bob)).toMatchObject({ network: other.locator, joined: false });
  // The link does not say which network; the history does not lead to ours.
  const invitation = await stranger.node.loadInvitation();
  await bob.node.accept(invitation.magnet.replace(/&x\.net=[^&]*/, ''));
  await bob.see(() => stageOf(bob)?.kind === 'other-network');

  const parsed = parseLink(magnet);
  if (parsed.kind !== 'magnet' || parsed.magnet.file === undefined) throw new Error('no inline file');
  const text = new TextDecoder().decode(parsed.magnet.file).replace('"tokens":5000000', '"tokens":6000000');
  const bytes = new TextEncoder().encode(text);
  await bob.node.accept(`magnet:?xt=urn:btih:${infohash(bytes)}&x.tx=${Buffer.from(bytes).toString('base64url')}`);
  await bob.see(() => stageOf(bob)?.kind === 'rejected');
  expect(stageOf(bob)).toMatchObject({ code: 'signature' });

  await expect(bob.node.accept('hello there')).rejects.toMatchObject({ code: 'link' });
  expect(bob.balance()).toBe(0n);
});

test('an inline file that is not the one that the link names is not taken for it', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  const { magnet } = await alice.pay(bob.address(), 5n * TTX);
  const broken = magnet.replace(/&x\.tx=[^&]*/, `&x.tx=${Buffer.from('{}').toString('base64url')}`);
  bob.kill();
  const again = await openBrowser(bob.storage);
  await again.node.accept(broken);
  await again.see(() => stageOf(again)?.kind === 'accepted');
});

test('pays once however often the button is pressed', async () => {
  const alice = await openBrowser();
  const bob = person('bob');
  await alice.found();
  const request = { to: bob.address, amount: amount(5n * TTX), note: undefined };
  const quote = await alice.node.quote(request);
  const [first, second] = await Promise.all([alice.node.pay('job', request, quote), alice.node.pay('job', request, quote)]);
  expect(second).toEqual(first);
  await alice.see((state) => state.network?.transactions === 2);
});

test('a payment asked for again after the tab was killed is the same payment', async () => {
  const alice = await openBrowser();
  await alice.found();
  const request = { to: person('bob').address, amount: amount(5n * TTX), note: undefined };
  const quote = await alice.node.quote(request);
  const first = await alice.node.pay('job', request, quote);
  const again = await openBrowser(alice.storage);
  expect(await again.node.pay('job', request, quote)).toEqual(first);
  await again.see((state) => state.network?.transactions === 2);
});

test('a payment that was reviewed on one network or wallet is not made on another', async () => {
  const alice = await openBrowser();
  const first = await alice.found('First');
  const request = { to: person('bob').address, amount: amount(5n * TTX), note: undefined };
  const agreed = await alice.node.quote(request);
  await alice.found('Second');
  await expect(alice.node.pay('job', request, agreed)).rejects.toMatchObject({ code: 'quote-changed' });
  await alice.node.openNetwork(first.id);
  const words = (await (await openBrowser()).node.loadWords()).join(' ');
  await alice.node.restoreWallet(words);
  await expect(alice.node.pay('job', request, agreed)).rejects.toMatchObject({ code: 'quote-changed' });
});

test('leaving a network while payments are queued ends both', async () => {
  const alice = await openBrowser();
  const { id } = await alice.found('First');
  await alice.found('Second');
  await alice.node.openNetwork(id);
  const request = { to: person('bob').address, amount: amount(5n * TTX), note: undefined };
  const agreed = await alice.node.quote(request);
  const payments = [1, 2, 3].map((job) => alice.node.pay(String(job), request, agreed).catch((error) => error.code));
  const leaving = alice.node.leaveNetwork(id);
  await alice.see((state) => state.networks.length === 1 && !state.isOpening && state.network?.name === 'Second');
  await leaving;
  expect((await Promise.all(payments)).length).toBe(3);
});

test('two payments at once spend different coins or one after the other', async () => {
  const alice = await openBrowser();
  await alice.found();
  await Promise.all([1, 2, 3].map((i) => alice.pay(person(`payee ${i}`).address, 5n * TTX).catch((error) => error.code)));
  await alice.see((state) => state.network?.transactions !== undefined && state.network.transactions >= 2);
  const states = alice.network().activity.map((entry) => entry.state);
  expect(new Set(states)).toEqual(new Set(['unconfirmed', 'confirmed']));
  expect(states.at(-1)).toBe('confirmed');
});

test('refuses to overspend and says how much is missing', async () => {
  const alice = await openBrowser();
  await alice.found('Small', 10n * TTX);
  const request = { to: person('bob').address, amount: amount(11n * TTX), note: undefined };
  await expect(alice.node.quote(request)).rejects.toMatchObject({ code: 'not-enough' });
  const all = await alice.node.quote({ ...request, amount: 'all' });
  expect(all.amount + all.burn).toBe(10n * TTX);
  const wrong = 'abc1zzzz' as Address;
  await expect(alice.node.quote({ ...request, to: wrong })).rejects.toMatchObject({ code: 'address' });
});

test('a payment that was agreed to at another cost is not made', async () => {
  const alice = await openBrowser();
  await alice.found();
  const request = { to: person('bob').address, amount: amount(5n * TTX), note: undefined };
  const agreed = await alice.node.quote(request);
  const cheaper: Quote = { ...agreed, burn: amount(1n) };
  await expect(alice.node.pay('job', request, cheaper)).rejects.toMatchObject({ code: 'quote-changed' });
  await alice.see((state) => state.network?.transactions === 1);
});

test('more than 32 coins are merged first, and the payment arrives whole', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  for (let i = 0; i < 40; i++) await alice.pay(bob.address(), 10n * TTX, `${i}`);
  await bob.see((state) => state.network?.balance.coins === 40);
  const carol = person('carol');
  const request = { to: carol.address, amount: amount(380n * TTX), note: undefined, isUrgent: true };
  const quote = await bob.node.quote(request);
  expect(quote).toMatchObject({ steps: 2, warnings: ['unconfirmed-coins', 'merges-coins'] });
  await bob.node.pay('job', request, quote);
  await bob.see((state) => state.network?.balance.total === 400n * TTX - 380n * TTX - quote.burn);
  await alice.see((state) => state.network?.transactions === 43);
});

test('a rival that came second is refused with the winner named', async () => {
  const founder = person('founder');
  const [bob, peer] = [await openBrowser(), await openBrowser()];
  const { file: genesis, network } = makeGenesis(founder);
  const link = `magnet:?xt=urn:btih:${genesis.infohash}&x.ttx=${genesis.txid}&x.tx=${Buffer.from(genesis.bytes).toString('base64url')}`;
  for (const browser of [bob, peer]) {
    await browser.node.joinNetwork('join', link);
    await browser.see((state) => state.network?.id === network.id);
  }
  const magnetOf = (file: { infohash: string; txid: TxId; bytes: Uint8Array }) =>
    `magnet:?xt=urn:btih:${file.infohash}&x.ttx=${file.txid}&x.tx=${Buffer.from(file.bytes).toString('base64url')}`;
  const first = makePayment(founder, [genesis], bob.address(), 5n * TTX, 10);
  const rival = makePayment(founder, [genesis], peer.address(), 6n * TTX, 11);
  await bob.node.accept(magnetOf(first));
  await bob.see(() => stageOf(bob)?.kind === 'accepted');
  await peer.see((state) => state.network?.transactions === 2);
  await peer.node.accept(magnetOf(rival));
  await peer.see(() => stageOf(peer)?.kind === 'conflicted');
  expect(stageOf(peer)).toMatchObject({ winners: [first.txid] });
  expect(peer.balance()).toBe(0n);
});

test('founding can be cancelled while it works', async () => {
  const alice = await openBrowser();
  const founding = alice.node.foundNetwork('job', { parameters: PARAMETERS, supply: amount(1n), workBits: 32 });
  await alice.node.cancelJob('job');
  await expect(founding).rejects.toMatchObject({ code: 'cancelled' });
  expect(alice.state().networks).toHaveLength(0);
});

test('parameters that would not make a network are named', async () => {
  const alice = await openBrowser();
  const found = (parameters: object, supply = 1n) =>
    alice.node.foundNetwork(String(Math.random()), { parameters: { ...PARAMETERS, ...parameters }, supply: amount(supply), workBits: 0 });
  await expect(found({ name: ' padded ' })).rejects.toMatchObject({ code: 'network-parameters', detail: { what: 'name' } });
  await expect(found({ hrp: 'TTX' })).rejects.toMatchObject({ code: 'network-parameters', detail: { what: 'hrp' } });
  await expect(found({ burnPerByte: 1.5 })).rejects.toMatchObject({ code: 'network-parameters' });
  await expect(found({}, 0n)).rejects.toMatchObject({ code: 'network-parameters', detail: { what: 'supply' } });
});

test('networks keep their data apart; leaving one deletes it and opens another', async () => {
  const alice = await openBrowser();
  const first = await alice.found('First', 10n * TTX);
  const second = await alice.found('Second', 20n * TTX);
  await alice.see((state) => state.network?.balance.total === 20n * TTX);
  await alice.node.openNetwork(first.id);
  await alice.see((state) => state.network?.balance.total === 10n * TTX);
  await alice.node.leaveNetwork(first.id);
  await alice.see((state) => state.network?.id === second.id && state.networks.length === 1);
});

test('trackers can be added and removed, also those that came with the app', async () => {
  const alice = await openBrowser();
  await alice.found();
  await alice.node.addTracker('wss://tracker.example');
  await alice.see((state) => state.network?.trackers.length === 1);
  expect(alice.network().trackers[0]).toMatchObject({ url: 'wss://tracker.example', source: 'user' });
  expect((await alice.node.loadInvitation()).fragment).toContain('tr=wss://tracker.example');
  await alice.node.removeTracker('wss://tracker.example');
  await alice.see((state) => state.network?.trackers.length === 0);
  await expect(alice.node.addTracker('http://tracker.example')).rejects.toMatchObject({ code: 'link' });
});

test('a node that was away for 300 transactions catches up from one peer', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  const payee = person('payee');
  for (let i = 0; i < 300; i++) await alice.pay(payee.address, TTX / 10n);
  await inviteTo(alice, bob);
  await bob.see((state) => state.network?.transactions === 301);
  expect(bob.network().supply).toBe(alice.network().supply);
});

test('a proof file alone is enough to join the network and check the payment with nobody online', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  const { id, locator } = await alice.found();
  await alice.pay(alice.address(), 3n * TTX);
  const { txid } = await alice.pay(bob.address(), 5n * TTX, 'on paper');
  const file = await alice.node.loadProofFile(txid);
  alice.kill();
  await bob.found('Other');
  await bob.node.acceptFile(file);
  await bob.see(() => stageOf(bob)?.kind === 'other-network');
  await bob.node.joinNetwork('join', locator);
  await bob.see((state) => state.network?.id === id);
  await bob.node.acceptFile(file);
  await bob.see(() => stageOf(bob)?.kind === 'accepted');
  expect(stageOf(bob)).toMatchObject({ amount: 5n * TTX, note: 'on paper', holders: 0, already: false });
  await expect(bob.node.acceptFile(new Uint8Array(10))).rejects.toMatchObject({ code: 'proof-file' });
});

test('a first visit is on the development network, where coins are to be had and paid at once', async () => {
  const [alice, bob] = [
    await openBrowser(createMemoryStorage(), devnetGenesis()),
    await openBrowser(createMemoryStorage(), devnetGenesis()),
  ];
  for (const browser of [alice, bob]) await browser.see((state) => state.network?.isDevnet === true && state.network.peers.length === 1);
  expect(await Promise.all([alice.node.claimTestCoins(), bob.node.claimTestCoins()])).toEqual([true, true]);
  await alice.see((state) => (state.network?.balance.total ?? 0n) > 500n * TTX);
  await bob.see((state) => (state.network?.balance.total ?? 0n) > 500n * TTX);
  expect(await alice.node.claimTestCoins()).toBe(false);
  const before = bob.balance() ?? 0n;
  await alice.pay(bob.address(), 5n * TTX);
  await bob.see((state) => state.network?.balance.total === before + 5n * TTX);
  await alice.see(() => alice.network().transactions === bob.network().transactions);
});

test('whoever closes the app on the way into a network is in it when it opens again', async () => {
  const storage = createMemoryStorage();
  const vault = await storage.openVault();
  await new NetworkBook(vault, clock, [], []).join(devnetGenesis(), []);
  await vault.close();
  const alice = await openBrowser(storage, devnetGenesis());
  await alice.see((state) => state.network?.isDevnet === true);
});

test('the development network is not joined again once it was left', async () => {
  const alice = await openBrowser(createMemoryStorage(), devnetGenesis());
  await alice.see((state) => state.network?.isDevnet === true);
  await alice.node.leaveNetwork(alice.network().id);
  const again = await openBrowser(alice.storage, devnetGenesis());
  await again.see((state) => !state.isOpening);
  expect(again.state().networks).toEqual([]);
  // By its invitation it is, with nobody online: its genesis comes with the app.
  await again.node.joinNetwork('back', joinFragment(DEVNET.locator, []));
  await again.see((state) => state.network?.isDevnet === true);
});

test('offline is said; online again, peers are found and payments made meanwhile arrive', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  await bob.node.setConditions('tab', { online: false, visible: true, resumed: false });
  await bob.see((state) => !state.isOnline && state.network?.peers.length === 0);
  await alice.pay(bob.address(), 5n * TTX);
  await clock.advance(30_000);
  expect(bob.balance()).toBe(0n);
  await bob.node.setConditions('tab', { online: true, visible: true, resumed: false });
  await bob.see((state) => state.isOnline && state.network?.balance.total === 5n * TTX);
});

test('a payment that is looked for is accepted when it comes another way', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  bob.kill();
  const { txid, magnet } = await alice.pay(bob.address(), 5n * TTX);
  const file = await alice.node.loadProofFile(txid);
  alice.kill();
  const again = await openBrowser(bob.storage);
  const wrong = magnet.replace(/&x\.tx=[^&]*/, '').replace(/x\.ttx=[0-9a-f]{64}/, `x.ttx=${'0'.repeat(64)}`);
  await again.node.accept(wrong);
  await again.see(() => stageOf(again)?.kind === 'looking');
  await again.node.acceptFile(file);
  await again.see(() => stageOf(again)?.kind === 'accepted');
  expect(again.state().acceptances).toHaveLength(1);
});

test('a payment names its files: the payee fetches what the payer keeps, and no file costs more than its description', async () => {
  const [alice, bob] = [await openBrowser(), await openBrowser()];
  await alice.found();
  await inviteTo(alice, bob);
  const content = new Blob(['a receipt'], { type: 'text/plain' });
  const attachment = await alice.node.describeAttachment(content, 'receipt.txt');
  const request = { to: bob.address(), amount: amount(5n * TTX), note: undefined };
  const plain = await alice.node.quote(request);
  const quote = await alice.node.quote({ ...request, attachments: [attachment] });
  expect(quote.burn).toBeGreaterThan(plain.burn);
  await expect(alice.node.pay('other', { ...request, attachments: [attachment] }, quote, [new Blob(['other'])])).rejects.toMatchObject({
    code: 'attachment',
  });
  await expect(alice.node.quote({ ...request, attachments: [attachment, attachment] })).rejects.toMatchObject({ code: 'attachment' });
  const { txid } = await alice.node.pay('job', { ...request, attachments: [attachment] }, quote, [content]);
  await bob.see(() => bob.balance() === 5n * TTX);
  const attached = async () => (await bob.node.loadTransaction(txid)).attachments;
  expect(await attached()).toEqual([{ ...attachment, isHere: false }]);
  await expect(bob.node.loadAttachment(txid, attachment.infohash)).rejects.toMatchObject({ code: 'attachment' });
  await bob.node.fetchAttachment(txid, attachment.infohash);
  expect(bob.network().fetches).toHaveLength(0);
  await bob.see((state) => state.network?.fetches.length === 1);
  await expect
    .poll(async () => {
      await clock.advance(50);
      return attached();
    })
    .toEqual([{ ...attachment, isHere: true }]);
  expect(await (await bob.node.loadAttachment(txid, attachment.infohash)).text()).toBe('a receipt');
});
