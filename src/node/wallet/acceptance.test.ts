import { beforeEach, expect, test } from 'vitest';
import type { TxId } from '../../core/id.ts';
import { parseLink } from '../../core/link.ts';
import { infohash } from '../../core/torrent.ts';
import { inviteTo, openBrowser, reset, stageOf, TTX } from '../node.contract.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';

beforeEach(reset);

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
