/** Two networks on one device: what is agreed to is paid where it was shown, and nobody leaves money behind unseen. */
import { expect, test } from './fixtures.ts';

test('a review names its network, and ends when another tab opens another one', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  await ada.found('Club');
  await ada.review(await ada.address(), '5');
  const on = ada.page.locator('.fact', { hasText: /^On/ });
  await expect(on).toHaveText('OnClub');
  const review = ada.page;
  await ada.open('#/network');
  await ada.page.getByRole('button', { name: 'Switch to Friends' }).click();
  await expect(ada.page.getByRole('heading', { name: 'Friends', exact: true })).toBeVisible();
  await review.bringToFront();
  await expect(review.getByRole('heading', { name: 'Send', exact: true })).toBeVisible();
  await expect(review.getByText('Another network or wallet is open now.')).toBeVisible();
  await review.getByRole('button', { name: 'Review payment' }).click();
  await expect(review.locator('.fact', { hasText: /^On/ })).toHaveText('OnFriends');
});

test('whoever leaves a network that is not open is asked to look first', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  await ada.found('Club');
  await ada.go('#/network');
  await ada.page.getByRole('link', { name: 'Leave Friends' }).click();
  await expect(ada.page.getByText('You may have money here')).toBeVisible();
  await expect(ada.page.getByRole('button', { name: 'Leave network' })).toBeHidden();
  await ada.page.getByRole('button', { name: 'Open Friends' }).click();
  await expect(ada.page.getByText('You have money here')).toBeVisible();
  await ada.go('#/network');
  await ada.page.getByRole('link', { name: 'Leave Club' }).click();
  await ada.page.getByText('Leave without looking').click();
  await ada.page.getByRole('button', { name: 'Leave network' }).click();
  await expect(ada.page.getByText('You have left the network.')).toBeVisible();
  await expect(ada.page.getByRole('link', { name: 'Leave Club' })).toHaveCount(0);
});
