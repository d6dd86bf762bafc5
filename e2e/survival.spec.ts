import { expect, test } from './fixtures.ts';

const TTX = 1_000_000n;

test('a payment is accepted from a third node when the payer is gone', async ({ createPerson, createFriends }) => {
  const { ada, bob, invitation } = await createFriends();
  const to = await bob.address();
  await bob.closeTab();
  const carol = await createPerson('carol');
  await carol.join(invitation);
  const { magnet } = await ada.pay(to, '12.25');
  await expect(ada.page.getByText('1 other device holds this payment')).toBeVisible();
  await ada.close();

  await bob.open();
  await bob.accept(magnet.replace(/&x\.tx=[\w-]+/, ''));
  await bob.expectBalance(12_250_000n);
});

test('twelve words in a new browser bring the wallet back, and a peer its money', async ({ createPerson, createFriends }) => {
  const { ada, bob, invitation } = await createFriends();
  const to = await bob.address();
  await bob.accept((await ada.pay(to, '40')).magnet);
  const words = await bob.words();
  await bob.close();

  const again = await createPerson('bob-again');
  await again.restore(words);
  await again.join(invitation);
  expect(await again.address()).toBe(to);
  await again.expectBalance(40n * TTX);
});

test('a backup is confirmed by three words of it, and not by others', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  await ada.go('#/');
  await expect(ada.page.getByText('Back up your words', { exact: true })).toBeVisible();
  const words = await ada.words();
  await ada.page.getByRole('link', { name: 'I have written them down' }).click();
  const labels = ada.page.locator('label', { hasText: /^Word \d+$/ });
  await expect(labels).toHaveCount(3);
  const asked = await labels.allInnerTexts();
  const wordFor = (label: string) => words[Number(label.replace('Word ', '')) - 1] ?? '';
  const [first = '', ...others] = asked;
  for (const label of others) await ada.page.getByLabel(label, { exact: true }).fill(` ${wordFor(label).toUpperCase()}`);
  await ada.page.getByLabel(first, { exact: true }).fill(wordFor(first) === 'zoo' ? 'abandon' : 'zoo');
  await ada.page.getByRole('button', { name: 'Confirm backup' }).click();
  await expect(ada.page.locator('.field-error')).toHaveText(
    `This is not ${first.toLowerCase()}. Look at your paper, or at the words again.`,
  );
  await expect(ada.page.getByLabel(first, { exact: true })).toBeFocused();
  await ada.page.getByLabel(first, { exact: true }).fill(wordFor(first));
  await ada.page.getByRole('button', { name: 'Confirm backup' }).click();
  await expect(ada.page.getByText('Your words are backed up')).toBeVisible();
  await ada.reload();
  await ada.go('#/');
  await expect(ada.page.getByRole('region', { name: 'Balance' })).toBeVisible();
  await expect(ada.page.getByText('Back up your words', { exact: true })).toHaveCount(0);
});

test('a tab killed in the middle of accepting keeps all of the payment or none, and goes on when it is opened', async ({
  createFriends,
}) => {
  const { ada, bob } = await createFriends();
  const to = await bob.address();
  await bob.closeTab();
  for (const [n, amount] of ['1', '2', '3'].entries()) {
    const { link } = await ada.pay(to, amount);
    await bob.open();
    await bob.startAccepting(link);
    // Killed as soon as the app says that it has begun: at another point of the way each time.
    await expect(bob.page.getByText(/Looking for|Fetching|Checking|Payment (accepted|received)/).first()).toBeVisible();
    await bob.killTab();
    await bob.open();
    await bob.expectBalance(BigInt([1, 3, 6][n] ?? 0) * TTX);
    await bob.closeTab();
  }
});

test('the tracker may be restarted in between', async ({ tracker, createPerson }) => {
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  await tracker.stop();
  const bob = await createPerson('bob');
  await tracker.start();
  await bob.join(invitation);
  const to = await bob.address();
  await tracker.start();
  await bob.accept((await ada.pay(to, '5')).magnet);
  await bob.expectBalance(5n * TTX);
  const carol = await createPerson('carol');
  await carol.join(invitation);
  await expect(carol.page.getByText('Up to date with the devices connected now')).toBeVisible();
});

test('where data channels cannot be transferred, the page relays them', async ({ createFriends }) => {
  const initScript = () => {
    const { postMessage } = MessagePort.prototype;
    const refused = { count: 0 };
    Object.assign(window, { refused });
    MessagePort.prototype.postMessage = function (this: MessagePort, ...args: unknown[]) {
      const [, transfer] = args;
      if (Array.isArray(transfer) && transfer.some((one) => one instanceof RTCDataChannel)) {
        refused.count++;
        throw new DOMException('Value at index 0 does not have a transferable type.', 'DataCloneError');
      }
      return Reflect.apply(postMessage, this, args);
    };
  };
  const { ada, bob } = await createFriends({ ada: { initScript }, bob: { initScript } });
  await bob.accept((await ada.pay(await bob.address(), '8')).magnet);
  await bob.expectBalance(8n * TTX);
  for (const { page } of [ada, bob]) {
    const count = await page.evaluate(() => (window as unknown as { refused: { count: number } }).refused.count);
    expect(count).toBeGreaterThan(0);
  }
});
