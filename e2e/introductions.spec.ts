import { expect, test } from './fixtures.ts';
import type { Person } from './person.ts';

const devices = async (person: Person, count: number) => {
  await person.go('#/network');
  await expect(person.page.getByText(/^Has \d+ transactions?$/)).toHaveCount(count, { timeout: 45_000 });
};

test('without a tracker, two devices are introduced to each other by a third that knows both', async ({
  tracker,
  createPerson,
  createFriends,
}) => {
  const { ada, bob, invitation } = await createFriends();
  await ada.closeTab();
  const carol = await createPerson('carol');
  await carol.join(invitation);
  await devices(carol, 1);
  await expect(carol.page.getByText('met through a tracker')).toHaveCount(1);
  // No tracker knows of Carol any more when Ada comes back.
  await carol.page.getByRole('button', { name: /^Remove/ }).click();
  await expect(carol.page.getByText('There is no tracker')).toBeVisible();
  await expect(carol.page.getByText('introduce yours to others')).toBeVisible();
  await ada.open('#/network');
  await expect(ada.page.getByText(/^Has \d+ transactions?$/)).not.toHaveCount(0);
  await tracker.stop();
  await devices(ada, 2);
  await devices(carol, 2);
  await expect(carol.page.getByText('introduced by another device')).toHaveCount(1);
  await expect(ada.page.getByText('The tracker cannot be reached')).toBeVisible();
  await expect(ada.page.getByText('In sync')).toHaveCount(2);
  await bob.close();
  const to = await carol.address();
  await ada.pay(to, '3');
  await carol.expectBalance(3_000_000n);
});
