import { expect, test } from './fixtures.ts';
import { infohashIn } from './person.ts';

const TTX = 1_000_000n;

test('two people: found, invite, join, pay by magnet, accept, reload, pay back, send all', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  await ada.expectBalance(1_000_000_000n * TTX);

  const bob = await createPerson('bob');
  await bob.join(invitation);
  const to = await bob.address();
  const { magnet } = await ada.pay(to, '250.5', 'for lunch');
  const card = await bob.accept(magnet);
  await expect(card).toContainText('250.5');
  await expect(card).toContainText('for lunch');

  await bob.expectBalance(250_500_000n);
  const left = await ada.balance();
  // Work may have paid for the fee: what is left over is whatever the network still holds.
  expect(left).toBeLessThanOrEqual(1_000_000_000n * TTX - 250_500_000n);
  await expect.poll(() => ada.supply()).toBe(left + 250_500_000n);
  await Promise.all([ada.reload(), bob.reload()]);
  await bob.expectBalance(250_500_000n);
  await ada.expectBalance(left);

  const back = await bob.pay(await ada.address(), '100');
  // Pasted wherever one happens to be.
  await ada.go('#/settings');
  await ada.paste(back.link);
  await expect(ada.acceptance(/^Payment (accepted|received)$/).filter({ hasText: infohashIn(back.link) })).toBeVisible();
  await ada.expectBalance(left + 100n * TTX);
  await expect.poll(async () => (await ada.supply()) - (await ada.balance()) - (await bob.balance())).toBe(0n);

  const { link } = await bob.pay(await ada.address(), 'all');
  await ada.accept(link);
  // Work that went better than it had to leaves its reward.
  const rest = await bob.balance();
  expect(rest).toBeLessThan(TTX);
  await expect.poll(async () => (await ada.supply()) - (await ada.balance())).toBe(rest);
});
