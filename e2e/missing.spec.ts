/** Browsers in which something is missing or denied: each gets a sentence, never a blank page. */
import { expect, test } from './fixtures.ts';
import { openBrowser } from './person.ts';

const BLOCKERS: readonly { readonly name: string; readonly remove: () => void; readonly says: string }[] = [
  {
    name: 'Web Locks',
    remove: () => Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined }),
    says: 'Web Locks are missing',
  },
  {
    name: 'IndexedDB',
    remove: () => Object.defineProperty(window, 'indexedDB', { value: null }),
    says: 'does not let the wallet keep anything on your device',
  },
  {
    name: 'web workers',
    remove: () => Object.defineProperty(window, 'Worker', { value: undefined }),
    says: 'web workers are switched off or missing',
  },
];

for (const { name, remove, says } of BLOCKERS) {
  test(`without ${name} the app says why it cannot run`, async ({ appUrl, size }, info) => {
    const context = await openBrowser(info.outputPath('profile'), { size });
    await context.addInitScript(remove);
    const page = await context.newPage();
    await page.goto(appUrl);
    await expect(page.getByRole('heading', { name: 'TorrentTX cannot run here' })).toBeVisible();
    await expect(page.getByText(says)).toBeVisible();
    await context.close();
  });
}

test('without WebRTC the wallet opens, says that it can meet nobody, and signs payments all the same', async ({
  tracker: _,
  createPerson,
}) => {
  const ada = await createPerson('ada', {
    initScript: () => Object.defineProperty(window, 'RTCPeerConnection', { value: undefined }),
  });
  await expect(ada.page.getByText('This browser cannot connect to others').first()).toBeVisible();
  await ada.found('Friends');
  await ada.pay(await ada.address(), '1');
});

test('where the clipboard is denied the text is selected, without gaps, and the person is told', async ({ createPerson }) => {
  const ada = await createPerson('ada', {
    initScript: () => {
      const deny = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
      if (window.isSecureContext) Object.assign(navigator.clipboard, { writeText: deny, readText: deny });
    },
  });
  const { page } = ada;
  await ada.go('#/receive');
  await page.getByRole('button', { name: 'Copy address' }).click();
  await expect(page.getByText('Copying is not allowed here. The text is selected')).toBeVisible();
  await expect.poll(() => page.evaluate(() => window.getSelection()?.toString())).toMatch(/^[a-z]{1,16}1[02-9ac-hj-np-z]{58}$/);
  await ada.go('#/accept');
  await page.getByRole('button', { name: 'Paste' }).click();
  await expect(page.getByText('does not let the app read the clipboard').first()).toBeVisible();
});
