/** What a person is told before spending money that may turn out to be spent, or not to be theirs. */
import { expect, test } from './fixtures.ts';

const UNASKED = 'Nobody could be asked about your money';
const UNCONFIRMED = 'This spends money that is not confirmed yet';
const UNSENT = 'A payment was not sent';

test('the same words on two devices: what one spends the other knows before it pays, and says so when nobody can be asked', async ({
  createPerson,
  createFriends,
}) => {
  const { ada: first, bob, invitation } = await createFriends();
  const address = await bob.address();
  const second = await createPerson('second');
  await second.join(invitation);
  await second.restore(await first.words());
  await expect.poll(() => second.balance()).toBe(await first.balance());
  await second.review(address, '7');
  await expect(second.page.getByText(UNASKED)).toBeHidden();

  await second.closeTab();
  await first.pay(address, '5');
  await second.open();
  await expect.poll(() => second.balance(), { timeout: 30_000 }).toBe(await first.balance());
  await first.closeTab();
  await bob.closeTab();
  await expect(second.page.getByText('Looking for other devices')).toBeVisible({ timeout: 30_000 });
  await second.review(address, '7');
  await expect(second.page.getByText(UNASKED)).toBeVisible();
  await expect(second.page.getByText('what you spent there may still be shown here')).toBeVisible();
  // It may pay all the same.
  await expect(second.page.getByRole('button', { name: 'Send 7 TTX' })).toBeVisible();
});

test('money that came a moment ago: the review says that it may be withdrawn, and the payment waits until it is confirmed', async ({
  createFriends,
}) => {
  const { ada, bob } = await createFriends();
  const back = await ada.address();
  const { link } = await ada.pay(await bob.address(), '5');
  await bob.accept(link);
  await bob.review(back, '1');
  await expect(bob.page.getByText(UNCONFIRMED)).toBeVisible();
  await expect(bob.page.getByRole('button', { name: 'Send 1 TTX now' })).toBeVisible();
  await bob.page.getByRole('button', { name: 'Send 1 TTX once confirmed' }).click();
  await expect(bob.page.getByText('Waiting until your money is confirmed')).toBeVisible();
  await bob.page.getByRole('button', { name: 'Cancel' }).click();
  await bob.page.getByRole('button', { name: 'Send 1 TTX once confirmed' }).click();
  await expect(bob.page.getByText('Waiting until your money is confirmed')).toBeVisible();
  await expect(bob.page.getByRole('heading', { name: 'Hand over the payment' })).toBeVisible({ timeout: 60_000 });
  await bob.go('#/accept');
  const card = bob.page.getByRole('article', { name: 'Payment being accepted' });
  await expect(card).toContainText('May I hand over the goods? Yes.');
  await bob.review(back, '2');
  await expect(bob.page.getByText(UNCONFIRMED)).toBeHidden();
});

test('money behind a review that went out and came in again: the new warning is shown before anything is signed', async ({
  createPerson,
  createFriends,
}) => {
  const { ada, bob, invitation } = await createFriends();
  const [address, back] = [await bob.address(), await ada.address()];
  const second = await createPerson('second');
  await second.join(invitation);
  await second.restore(await bob.words());
  const { link } = await ada.pay(address, '5');
  await bob.accept(link);
  const card = bob.page.getByRole('article', { name: 'Payment being accepted' });
  await expect(card).toContainText('May I hand over the goods? Yes.', { timeout: 60_000 });
  await bob.review(back, '1');
  await expect(bob.page.getByText(UNCONFIRMED)).toBeHidden();

  await second.expectBalance(5_000_000n);
  await second.pay(back, 'all');
  await expect.poll(() => bob.balance(), { timeout: 30_000 }).toBeLessThan(1_000_000n);
  await ada.pay(address, '5');
  await expect.poll(() => bob.balance(), { timeout: 30_000 }).toBeGreaterThanOrEqual(5_000_000n);
  await bob.go('#/pay/review');
  await bob.page.getByRole('button', { name: 'Send 1 TTX' }).click();
  await expect(bob.page.getByText('Something has changed')).toBeVisible();
  await bob.page.getByRole('link', { name: 'See the new cost' }).click();
  await expect(bob.page.getByText(UNCONFIRMED)).toBeVisible();
});

test('a payment that waits when its tab is killed is told of the next time, and filled in again', async ({ createFriends }) => {
  const { ada, bob } = await createFriends();
  const back = await ada.address();
  await bob.accept((await ada.pay(await bob.address(), '5')).link);
  // Alone, it would wait for ever.
  await ada.closeTab();
  await bob.review(back, '1.5', 'for the boat');
  await bob.page.getByRole('button', { name: 'Send 1.5 TTX once confirmed' }).press('Enter');
  await expect(bob.page.getByText('Waiting until your money is confirmed')).toBeVisible();
  // The button is gone: who uses the keyboard goes on at the heading.
  await expect(bob.page.getByRole('heading', { name: 'Making the payment' })).toBeFocused();
  await bob.go('#/');
  await expect(bob.page.getByText('Your payment waits until your money is confirmed')).toBeVisible();
  await expect(bob.page.getByText(UNSENT)).toBeHidden();
  await bob.killTab();

  await bob.open();
  await expect(bob.page.getByText(UNSENT)).toBeVisible();
  await expect(bob.page.getByText('TorrentTX was closed before 1.5')).toBeVisible();
  await bob.page.getByRole('button', { name: 'Fill it in again' }).click();
  await expect(bob.page.getByLabel('Send to')).toHaveValue(back);
  await expect(bob.page.getByLabel('Amount')).toHaveValue('1.5');
  await expect(bob.page.getByLabel('Note (optional)')).toHaveValue('for the boat');
  await expect(bob.page.getByText('The receiver gets')).toBeVisible();
  await expect(bob.page.getByText(UNSENT)).toBeHidden();
  await bob.reload();
  await expect(bob.page.getByLabel('Send to')).toHaveValue('');
  await expect(bob.page.getByText(UNSENT)).toBeHidden();
});

test('a payment that is hurried by two clicks is made once, and the form hears when money is confirmed', async ({ createFriends }) => {
  const { ada, bob } = await createFriends();
  const back = await ada.address();
  await bob.accept((await ada.pay(await bob.address(), '5')).link);
  await bob.review(back, '1');
  await bob.page.getByRole('button', { name: 'Send 1 TTX once confirmed' }).click();
  await expect(bob.page.getByText('Waiting until your money is confirmed')).toBeVisible();
  await bob.page.getByRole('button', { name: 'Cancel' }).click();
  await bob.page.getByRole('button', { name: 'Send 1 TTX now' }).dblclick();
  await expect(bob.page.getByRole('heading', { name: 'Hand over the payment' })).toBeVisible({ timeout: 60_000 });
  await bob.go('#/activity');
  await expect(bob.page.getByRole('link', { name: /^To / })).toHaveCount(1);

  await ada.pay(await bob.address(), '3');
  await expect.poll(() => bob.balance()).toBeGreaterThan(6_000_000n);
  await bob.go('#/pay');
  await bob.page.getByLabel('Send to').fill(back);
  await bob.page.getByRole('button', { name: 'Send all' }).click();
  await expect(bob.page.getByText(UNCONFIRMED)).toBeVisible();
  await expect(bob.page.getByText(UNCONFIRMED)).toBeHidden({ timeout: 60_000 });
  await expect(bob.page.getByText('The receiver gets')).toBeVisible();
});

test('a review that is looked at for a while says when the money is confirmed, and asks nothing more', async ({ createFriends }) => {
  const { ada, bob } = await createFriends();
  const back = await ada.address();
  await bob.accept((await ada.pay(await bob.address(), '5')).link);
  await bob.review(back, '1');
  await expect(bob.page.getByText(UNCONFIRMED)).toBeVisible();
  await expect(bob.page.getByText('Your money is confirmed now')).toBeVisible({ timeout: 60_000 });
  await expect(bob.page.getByText(UNCONFIRMED)).toBeHidden();
  await expect(bob.page.getByRole('button', { name: /^Send/ })).toHaveCount(1);
  await bob.page.getByRole('button', { name: /^Send 1 TTX$/ }).click();
  await expect(bob.page.getByRole('heading', { name: 'Hand over the payment' })).toBeVisible({ timeout: 60_000 });
});
