import { expect, test } from './fixtures.ts';
import type { Person } from './person.ts';
import { showScreen } from './screen.ts';

const TTX = 1_000_000n;

/** Gets test coins on the wallet screen, however impatiently. @returns the balance after that */
async function claim(person: Person): Promise<bigint> {
  await person.go('#/');
  await person.page.getByRole('button', { name: 'Get test coins' }).dblclick();
  await expect(person.page.getByText('Your test coins are here.').first()).toBeVisible();
  await expect.poll(() => person.balance()).toBeGreaterThan(0n);
  return person.balance();
}

test('two newcomers get test coins and one pays the other, within a minute', async ({ tracker: _, createPerson }) => {
  test.setTimeout(60_000);
  const ada = await createPerson('ada');
  await expect(ada.page.getByRole('heading', { name: 'Your wallet is ready' })).toBeVisible();
  await expect(ada.page.getByRole('img', { name: 'QR code that opens a payment to your address' })).toBeVisible();
  await expect(ada.page.getByText('Test network', { exact: true })).toBeVisible();
  const bob = await createPerson('bob');

  const before = await claim(ada);
  expect(before).toBeGreaterThan(100n * TTX);
  const bobs = await claim(bob);
  const to = await bob.address();
  expect(to).toMatch(/^dev1/);
  await bob.accept((await ada.pay(to, '12.5', 'first try')).link);
  await bob.expectBalance(bobs + 12_500_000n);
  await expect.poll(() => ada.balance()).toBeLessThan(before);
  await expect(ada.page.getByRole('heading', { name: 'You have paid somebody' })).toBeVisible();
});

test('every newcomer seeds the first transaction of the test network', async ({ tracker: _, createPerson }) => {
  for (const { page } of [await createPerson('ada'), await createPerson('bob')]) {
    await expect(page.getByRole('heading', { name: 'Your wallet is ready' })).toBeVisible();
    await showScreen(page, '#/network');
    await page.getByText('What is seeded').click();
    await expect(page.getByText('First transaction of the network')).toBeVisible();
  }
});

test('a first visit that is reloaded at any moment is on the test network all the same', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  for (const waitMs of [0, 40, 80, 120, 160, 240, 400]) {
    await ada.page.waitForTimeout(waitMs);
    await ada.page.reload({ waitUntil: 'commit' });
  }
  await expect(ada.page.getByRole('heading', { level: 1, name: 'Your wallet is ready' })).toBeVisible();
});

test('each wallet gets test coins once, and a reload keeps them', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  const coins = await claim(ada);
  await ada.page.getByRole('button', { name: 'Get test coins' }).click();
  await expect(ada.page.getByText('This wallet has had its test coins')).toBeVisible();
  expect(await ada.balance()).toBe(coins);
  await ada.reload();
  await ada.expectBalance(coins);
});

/** Closes the tab as a person does. @returns whether the app asked to stay */
async function closingIsQuestioned({ page }: Person): Promise<boolean> {
  const asked = new Promise<boolean>((resolve) => {
    // Without a listener Playwright agrees by itself.
    page.once('dialog', (dialog) => dialog.dismiss().then(() => resolve(dialog.type() === 'beforeunload')));
    page.once('close', () => resolve(false));
  });
  await page.close({ runBeforeUnload: true });
  return asked;
}

test('nobody is warned about play money, and everybody about real money', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  await claim(ada);
  await expect(ada.page.getByText('Back up your words', { exact: true })).toHaveCount(0);
  await ada.pay(await ada.address(), '1');
  await expect(ada.page.getByText('Keep this tab open until somebody holds it')).toBeVisible();
  expect(await closingIsQuestioned(ada)).toBe(false);

  await ada.open();
  await ada.found('Friends');
  await ada.go('#/');
  await expect(ada.page.getByText('Back up your words', { exact: true })).toBeVisible();
  await ada.pay(await ada.address(), '1');
  expect(await closingIsQuestioned(ada)).toBe(true);
});

test('on every screen with amounts it is called the test network', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  await claim(ada);
  for (const screen of ['#/', '#/receive', '#/pay', '#/accept', '#/activity', '#/network', '#/network/invite']) {
    await ada.go(screen);
    await expect(ada.page.getByText('Test network', { exact: true }), screen).toBeVisible();
  }
  await ada.found('Friends');
  await ada.go('#/');
  await expect(ada.page.getByText('Test network', { exact: true })).toHaveCount(0);
});

test('whoever leaves the test network is not put there again, and has a way back that needs nobody', async ({ tracker, createPerson }) => {
  const ada = await createPerson('ada');
  await ada.go('#/network');
  await ada.page.getByRole('link', { name: 'Leave Devnet' }).click();
  await ada.page.getByRole('button', { name: 'Leave network' }).click();
  await expect(ada.page.getByText('You are in no network.')).toBeVisible();
  await ada.reload();
  await ada.go('#/');
  await expect(ada.page.getByRole('heading', { name: 'You are in no network' })).toBeVisible();

  await tracker.stop();
  await ada.go('#/network');
  await ada.page.getByRole('link', { name: 'Join the test network' }).click();
  await ada.page.getByRole('button', { name: 'Join this network' }).click();
  await expect(ada.page.getByRole('heading', { name: 'Your wallet is ready' })).toBeVisible();
  await claim(ada);
  await ada.go('#/network');
  await expect(ada.page.getByRole('link', { name: 'Join the test network' })).toHaveCount(0);
});

test('a payment on another network is joined from its link', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const bob = await createPerson('bob');
  await bob.join(invitation);
  const { link } = await ada.pay(await bob.address(), '3');
  const words = await bob.words();
  await bob.close();

  // The same wallet on another device, where only the test network is open.
  const again = await createPerson('again');
  await again.restore(words);
  await again.startAccepting(link);
  await again.page.getByRole('button', { name: 'Join its network' }).click();
  await expect(again.acceptance(/^Payment (accepted|received)$/)).toBeVisible();
  await again.expectBalance(3n * TTX);
});
