import { addressOf, parseAddress } from '../src/core/address.ts';
import { publicKeyFromBytes } from '../src/core/id.ts';
import { expect, test, waitUntilKept } from './deployment.ts';
import { openBrowser, Person } from './person.ts';

/** An address of nobody who is here. */
const somebody = (hrp: string): string => addressOf(publicKeyFromBytes(new Uint8Array(32).fill(7)), hrp);

test('the app starts without a connection, with the wallet, its activity and its proofs', async ({ deployment, tracker, size }, info) => {
  const directory = info.outputPath('profile');
  const first = new Person('ada', await openBrowser(directory, { size }), deployment.url, { taps: size.isTouch });
  await first.open();
  await first.found('Friends');
  const address = await first.address();
  const { link } = await first.pay(somebody(parseAddress(address).hrp), '12.5', 'for later');
  const balance = await first.balance();
  await waitUntilKept(first.page);
  await first.close();

  await deployment.stop();
  await tracker.stop();
  const context = await openBrowser(directory, { size });
  await context.setOffline(true);
  const again = new Person('ada', context, deployment.url, { taps: size.isTouch });
  await again.open();
  await again.expectBalance(balance);
  expect(await again.address()).toBe(address);
  await again.go('#/activity');
  await again.page.getByRole('link', { name: /for later/ }).click();
  await again.page.getByRole('link', { name: 'Hand over again' }).click();
  await expect(again.page.getByRole('heading', { name: 'Hand over the payment' })).toBeVisible();
  expect(await again.copied('payment link')).toBe(link);
  // Work needs a worker that has not run in this browser since it was opened.
  await again.pay(somebody(parseAddress(address).hrp), '1');
  await context.close();
});

test('nothing of the app is fetched for keeping before the address shows', async ({ createPerson }) => {
  const order = () => {
    const log: string[] = [];
    Object.assign(window, { log });
    if (!window.isSecureContext) return;
    const { register } = ServiceWorkerContainer.prototype;
    ServiceWorkerContainer.prototype.register = function (...args) {
      log.push(/\b[a-z]{1,16}1(?:\s*[02-9ac-hj-np-z]){58}/.test(document.body.textContent) ? 'address' : 'nothing', 'register');
      return register.apply(this, args);
    };
  };
  const ada = await createPerson('ada', { fragment: '#/receive', initScript: order });
  await waitUntilKept(ada.page);
  expect(await ada.page.evaluate(() => (window as unknown as { log: string[] }).log)).toEqual(['address', 'register']);
});
