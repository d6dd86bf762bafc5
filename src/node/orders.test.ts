import { beforeEach, expect, test } from 'vitest';
import { amount } from '../core/id.ts';
import { clock, openBrowser, payBob, reset, TTX } from './node.contract.ts';
import { person } from './testkit/people.ts';

beforeEach(reset);

/** Bob has been paid a moment ago, his network is all alone since, and a payment of all of it waits: nothing confirms it. */
async function openWaiting() {
  const { alice, bob } = await payBob();
  const { id } = bob.network();
  alice.kill();
  const request = { to: alice.address(), amount: amount(40n * TTX), note: 'for the boat' };
  const agreed = await bob.node.quote(request);
  const ended = bob.node.pay('boat', request, agreed).catch(({ code }) => code);
  await bob.see((state) => state.jobs.some(({ stage }) => stage === 'confirming'));
  return { bob, id, request, agreed, ended };
}

const unsent = { job: 'boat', amount: 40n * TTX, isAll: false, note: 'for the boat', files: 0 };

test('a payment that waits when the app is closed is told of the next time, until its owner has seen it', async () => {
  const { bob, request } = await openWaiting();
  expect(bob.state().unsent).toEqual([]);
  bob.kill();
  const again = await openBrowser(bob.storage);
  await again.see((state) => state.unsent.length > 0);
  expect(again.state().unsent).toMatchObject([{ ...unsent, to: request.to }]);
  // Nothing goes out by itself.
  await clock.advance(60_000);
  expect([again.state().jobs, again.balance()]).toEqual([[], 50n * TTX]);
  await again.node.dismissUnsent('boat');
  await again.see((state) => state.unsent.length === 0);
  const later = await openBrowser(bob.storage);
  await later.see((state) => state.network !== undefined && !state.isOpening);
  expect(later.state().unsent).toEqual([]);
});

test('so is one that was cut off as the app stopped in good order, and none that its owner stopped', async () => {
  const { bob, ended } = await openWaiting();
  await bob.node.stop();
  expect(await ended).toBe('moved');
  const again = await openBrowser(bob.storage);
  await again.see((state) => state.unsent.length === 1);
  await again.node.dismissUnsent('boat');

  const second = await openWaiting();
  await second.bob.node.cancelJob('boat');
  expect(await second.ended).toBe('cancelled');
  await clock.advance(1_000);
  const after = await openBrowser(second.bob.storage);
  await after.see((state) => state.network !== undefined && !state.isOpening);
  expect(after.state().unsent).toEqual([]);
});

test('a tab that asks for it again under its name goes on waiting, and hears of nothing unsent', async () => {
  const { bob, request, agreed } = await openWaiting();
  bob.kill();
  const again = await openBrowser(bob.storage);
  const paying = again.node.pay('boat', request, agreed).catch(({ code }) => code);
  await again.see((state) => state.jobs.some(({ stage }) => stage === 'confirming'));
  expect(again.state().unsent).toEqual([]);
  // Who still sees it as not sent, and would fill it in again, is told that it may be.
  expect(await again.node.dismissUnsent('boat')).toBe(false);
  await again.node.cancelJob('boat');
  expect(await paying).toBe('cancelled');
});

test('one that was dismissed is not made when a tab that was frozen meanwhile asks for it again', async () => {
  const { bob, request, agreed } = await openWaiting();
  bob.kill();
  const again = await openBrowser(bob.storage);
  await again.see((state) => state.unsent.length > 0);
  await again.node.dismissUnsent('boat');
  const urgent = { ...request, isUrgent: true };
  await expect(again.node.pay('boat', urgent, agreed)).rejects.toMatchObject({ code: 'cancelled' });
  const later = await openBrowser(bob.storage);
  await expect(later.node.pay('boat', urgent, agreed)).rejects.toMatchObject({ code: 'cancelled' });
  expect(later.state().unsent).toEqual([]);
  // Filled in again, it is another.
  await later.node.pay('boat again', urgent, agreed);
});

test('one that was made before the app could note that it was is not told of', async () => {
  const alice = await openBrowser();
  const { id } = await alice.found();
  const request = { to: person('bob').address, amount: amount(5n * TTX), note: undefined };
  const agreed = await alice.node.quote(request);
  await alice.node.pay('made', request, agreed);
  await alice.node.stop();
  const vault = await alice.storage.openVault();
  const order = { network: id, wallet: agreed.wallet, to: request.to, amount: request.amount, isAll: false, note: undefined, files: 0 };
  await vault.putSettings({
    orders: [
      { ...order, job: 'made' },
      { ...order, job: 'lost' },
    ],
  });
  await vault.close();
  const again = await openBrowser(alice.storage);
  await again.see((state) => state.unsent.length > 0);
  expect(again.state().unsent.map(({ job }) => job)).toEqual(['lost']);
});

test('it is told of on its network and to its wallet only, and goes with the network', async () => {
  const { bob, id } = await openWaiting();
  bob.kill();
  const again = await openBrowser(bob.storage);
  await again.see((state) => state.unsent.length === 1);
  const other = await again.found('Other');
  await again.see((state) => state.network?.id === other.id);
  expect(again.state().unsent).toEqual([]);
  await again.node.openNetwork(id);
  await again.see((state) => state.unsent.length === 1);
  const own = again.state().wallet.id;
  await again.node.restoreWallet((await (await openBrowser()).node.loadWords()).join(' '));
  await again.see((state) => state.wallet.id !== own);
  expect(again.state().unsent).toEqual([]);
  await again.node.leaveNetwork(id);
  await again.node.stop();
  const vault = await again.storage.openVault();
  expect((await vault.load()).settings.orders).toEqual([]);
});
