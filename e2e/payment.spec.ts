import { expect, test } from './fixtures.ts';

const TTX = 1_000_000n;

test('two people: found, invite, join, pay by magnet, accept, reload, pay back', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  await ada.expectBalance(1_000_000_000n * TTX);

  const bob = await createPerson('bob');
  await bob.join(invitation);
  const to = await bob.address();
  const { magnet } = await ada.pay(to, '250.5', 'for lunch');
  await bob.accept(magnet);
  await expect(bob.acceptance('Payment accepted')).toContainText('250.5');
  await expect(bob.acceptance('Payment accepted')).toContainText('for lunch');

  await bob.expectBalance(250_500_000n);
  const left = await ada.balance();
  expect(left).toBeLessThan(1_000_000_000n * TTX - 250_500_000n);
  await Promise.all([ada.reload(), bob.reload()]);
  await bob.expectBalance(250_500_000n);
  await ada.expectBalance(left);

  const back = await bob.pay(await ada.address(), '100');
  await ada.accept(back.link);
  await ada.expectBalance(left + 100n * TTX);
});
