import { expect, test } from './fixtures.ts';

const TTX = 1_000_000n;
/** Chromium refuses a page its 501st RTCPeerConnection, closed ones included until they are collected. */
const WALL = 500;
/** Payments looked for at a time. */
const AT_ONCE = 4;

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
  const looking = bob.acceptance('Looking for someone who has this payment');
  for (let n = 0; (await count()).made <= WALL + 100; n += AT_ONCE) {
    const { made } = await count();
    const fragments = Array.from({ length: AT_ONCE }, (_, k) => `#/accept?xt=urn:btih:${(n + k).toString(16).padStart(40, '0')}`);
    await bob.page.evaluate(async (all) => {
      for (const fragment of all) {
        const gone = new Promise((resolve) => window.addEventListener('hashchange', resolve, { once: true }));
        window.location.hash = fragment;
        await gone;
        await new Promise(requestAnimationFrame);
      }
    }, fragments);
    await expect(looking).toHaveCount(AT_ONCE);
    await expect.poll(async () => (await count()).made, { intervals: [50] }).toBeGreaterThanOrEqual(made + AT_ONCE);
    await bob.page.getByRole('button', { name: 'Stop and remove' }).evaluateAll((buttons) => {
      for (const button of buttons) (button as HTMLElement).click();
    });
    await expect(looking).toHaveCount(0);
  }
  // About 100 here. So much drawing makes Chromium collect by itself; what presses a quiet page to is tested in src/client.
  expect((await count()).most).toBeLessThan(WALL / 2);
  expect((await count()).refused).toBe(0);

  await ada.reload();
  await bob.accept((await ada.pay(to, '6')).link);
  await bob.expectBalance(6n * TTX);
  expect((await count()).refused).toBe(0);
});
