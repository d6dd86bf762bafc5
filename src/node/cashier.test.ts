import { beforeEach, expect, test } from 'vitest';
import type { Quote } from '../api/node.ts';
import { type Address, amount } from '../core/id.ts';
import { clock, inviteTo, openBrowser, payBob, reset, TTX } from './node.contract.ts';
import { person } from './testkit/people.ts';

beforeEach(reset);

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

test('a payment that waits for its money to be confirmed holds up no other', async () => {
  const { alice, bob } = await payBob();
  await clock.advance(40_000);
  await alice.pay(bob.address(), 20n * TTX);
  await bob.see((state) => state.network?.balance.coins === 2);
  // Alone from now on: the second is never confirmed.
  alice.kill();
  const all = { to: alice.address(), amount: amount(60n * TTX), note: undefined };
  const waiting = bob.node.pay('all', all, await bob.node.quote(all)).catch(({ code }) => code);
  const some = { ...all, amount: amount(1n * TTX) };
  await bob.node.pay('some', some, await bob.node.quote(some));
  await bob.node.cancelJob('all');
  await clock.advance(5_000);
  expect(await waiting).toBe('cancelled');
});

test('a payment that waits when its node is stopped goes on in the next, asked for again under the same job', async () => {
  const { alice, bob } = await payBob();
  const request = { to: alice.address(), amount: amount(10n * TTX), note: undefined };
  const agreed = await bob.node.quote(request);
  const waiting = bob.node.pay('job', request, agreed).catch(({ code }) => code);
  await bob.see((state) => state.jobs[0]?.stage === 'confirming');
  await bob.node.stop();
  await clock.advance(5_000);
  // Nobody has cancelled it, and it is too late to do so here.
  expect(await waiting).toBe('moved');
  await expect(bob.node.cancelJob('job')).rejects.toMatchObject({ code: 'moved' });
  const next = await openBrowser(bob.storage);
  const paid = next.node.pay('job', request, agreed);
  await clock.advance(60_000);
  await paid;
  await alice.see((state) => state.network?.activity.filter(({ kind }) => kind === 'received').length === 1);
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
