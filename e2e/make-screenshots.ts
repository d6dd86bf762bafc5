/** The pictures of the README and of the app's manifest, of a real payment between two browsers. */
import { join } from 'node:path';
import { ROOT } from '../scripts/setup.mjs';
import { expect, test } from './fixtures.ts';

const picture = (name: string) => join(ROOT, 'public/screenshots', `${name}.png`);

test('screenshots', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  const invitation = await ada.found('Neighbourhood', { workBits: 16 });
  const bob = await createPerson('bob');
  await bob.join(invitation);
  const to = await bob.address();
  await bob.accept((await ada.pay(to, '48', 'Saturday market')).link);
  await bob.accept((await ada.pay(to, '12.5', 'Bread and olives')).link);
  await ada.accept((await bob.pay(await ada.address(), '7.25', 'For the bicycle pump')).link);

  await bob.go('#/');
  await expect(bob.page.getByText('Up to date with the devices connected now')).toBeVisible();
  await bob.page.setViewportSize({ width: 1100, height: 720 });
  await bob.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await bob.page.screenshot({ path: picture('wallet') });

  await bob.closeTab();
  const { magnet } = await ada.pay(to, '20', 'Choir practice');
  // With the file in the link, so that the link is what brings it and not a connected peer.
  await bob.open(magnet.replace('magnet:', '#/accept'));
  await bob.page.setViewportSize({ width: 390, height: 800 });
  await bob.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await expect(bob.acceptance('Payment accepted')).toContainText('You and 1 other device');
  await expect(bob.acceptance('Payment accepted')).toContainText('May I hand over the goods? Yes.', { timeout: 60_000 });
  await bob.page.screenshot({ path: picture('accept-phone') });
});
