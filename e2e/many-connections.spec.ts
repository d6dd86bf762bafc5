import { expect, test } from './fixtures.ts';

const TTX = 1_000_000n;
/** Chromium refuses a page its 501st RTCPeerConnection, closed ones included until they are collected. */
const WALL = 500;
/** From so many on, the page provokes a collection. */
const GUARD = 100;

interface Counted {
  readonly connections: { made: number; refused: number; alive: number; most: number };
}

test('a page that has made more connections than Chromium allows at once still meets others', async ({ tracker: _, createPerson }) => {
  test.setTimeout(180_000);
  const initScript = () => {
    const connections = { made: 0, refused: 0, alive: 0, most: 0 };
    const collected = new FinalizationRegistry(() => connections.alive--);
    Object.assign(window, { connections });
    window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
      construct(target, args) {
        try {
          const made = Reflect.construct(target, args);
          connections.made++;
          connections.alive++;
          connections.most = Math.max(connections.most, connections.alive);
          collected.register(made, undefined);
          return made;
        } catch (error) {
          connections.refused++;
          throw error;
        }
      },
    });
  };
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const bob = await createPerson('bob', { initScript });
  await bob.join(invitation);
  const to = await bob.address();
  const count = () => bob.page.evaluate(() => ({ ...(window as unknown as Counted).connections }));

  // Payments that nobody has: each makes offers into the void until it is given up.
  for (let n = 0; (await count()).made <= WALL + 100; n++) {
    const before = (await count()).made;
    await bob.go(`#/accept?xt=urn:btih:${n.toString(16).padStart(40, '0')}`);
    await expect(bob.acceptance('Looking for someone who has this payment')).toBeVisible();
    await expect.poll(async () => (await count()).made).toBeGreaterThan(before);
    await bob.page.getByRole('button', { name: 'Stop and remove' }).first().click();
    await expect(bob.acceptance('Looking for someone who has this payment')).toHaveCount(0);
  }
  // Left to itself, Chromium lets far more gather (190 when this was written; without any taps, all 500).
  expect((await count()).most).toBeLessThan(GUARD + 50);
  expect((await count()).refused).toBe(0);

  await ada.reload();
  await bob.accept((await ada.pay(to, '6')).link);
  await bob.expectBalance(6n * TTX);
  expect((await count()).refused).toBe(0);
});
