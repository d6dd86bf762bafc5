import { expect, test } from './fixtures.ts';
import { fileOf, genesisOf, magnetOf, sign, signerOf } from './forge.ts';

const TTX = 1_000_000n;

test('more than one has cannot be sent', async ({ createFriends }) => {
  const { ada, bob } = await createFriends();
  const to = await bob.address();
  await ada.go('#/pay');
  await ada.page.getByLabel('Send to').fill(to);
  await ada.page.getByLabel('Amount').fill('1000000000.000001');
  await expect(ada.page.getByText('Not enough money for this')).toBeVisible();
  await ada.page.getByRole('button', { name: 'Review payment' }).click();
  await expect(ada.page.getByRole('heading', { name: 'Send', level: 1 })).toBeVisible();
  await ada.expectBalance(1_000_000_000n * TTX);
});

test('forged, altered and unpayable payments are named and refused, and the node lives on', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const genesis = genesisOf(invitation);
  const founder = await signerOf(await ada.words());
  const bob = await createPerson('bob');
  await bob.join(invitation);
  const thief = await signerOf(await bob.words());

  const overspent = fileOf(sign(founder, genesis.locator, thief.address, 1_000_000_001n * TTX));
  await bob.startAccepting(magnetOf(overspent, genesis));
  await expect(bob.acceptance('The sender does not have enough')).toBeVisible();

  const stolen = fileOf(sign(thief, genesis.locator, thief.address, 5n * TTX));
  await bob.startAccepting(magnetOf(stolen, genesis));
  await expect(bob.acceptance('The sender does not own this money')).toBeVisible();

  const honest = sign(founder, genesis.locator, thief.address, 5n * TTX);
  const altered = fileOf({ ...honest, tokens: sign(founder, genesis.locator, thief.address, 500n * TTX).tokens });
  await bob.startAccepting(magnetOf(altered, genesis));
  await expect(bob.acceptance('The signature does not match')).toBeVisible();

  expect(await bob.balance()).toBe(0n);
  const { magnet } = await ada.pay(await bob.address(), '7');
  await bob.accept(magnet);
  await bob.expectBalance(7n * TTX);
});

test('bytes in a magnet that do not fit what it names are not believed', async ({ createFriends }) => {
  const { ada, bob } = await createFriends();
  const { magnet } = await ada.pay(await bob.address(), '7');
  const inline = /x\.tx=([\w-]+)/.exec(magnet)?.[1] ?? '';
  const file = Buffer.from(inline, 'base64url').toString().replace('"tokens":7000000', '"tokens":9000000');
  const tampered = magnet.replace(inline, Buffer.from(file).toString('base64url'));
  expect(tampered).not.toBe(magnet);
  await bob.startAccepting(tampered);
  // The bytes inside count for nothing; the honest payment comes from whoever holds it.
  await expect(bob.acceptance('Payment accepted').filter({ hasText: '+9' })).toHaveCount(0);
  await bob.expectBalance(7n * TTX);
});

test('a payment of another network is recognised as such', async ({ tracker: _, createPerson }) => {
  const ada = await createPerson('ada');
  await ada.found('Friends');
  const eve = await createPerson('eve');
  await eve.found('Others');
  const { magnet } = await eve.pay(await ada.address(), '3');
  await ada.startAccepting(magnet);
  await expect(ada.page.getByText('This payment belongs to a network you have not joined')).toBeVisible();
  await ada.expectBalance(1_000_000_000n * TTX);
});

test.describe('garbage is answered in a sentence', () => {
  for (const garbage of [
    'hello',
    'magnet:?xt=urn:btih:zz',
    'magnet:?dn=tx',
    '\u0000\uffff'.repeat(1_000),
    `magnet:?xt=urn:btih:${'a'.repeat(70_000)}`,
  ]) {
    test(JSON.stringify(garbage.slice(0, 30)), async ({ tracker: _, createPerson }) => {
      const ada = await createPerson('ada');
      await ada.found('Friends');
      await ada.startAccepting(garbage);
      await expect(ada.page.locator('.field-error')).toContainText('This is not a link that TorrentTX understands');
      await ada.expectBalance(1_000_000_000n * TTX);
    });
  }

  test('in the address bar', async ({ tracker: _, createPerson }) => {
    const ada = await createPerson('ada');
    await ada.found('Friends');
    await ada.go('#/accept?xt=urn:btih:nonsense&x.tx=%%%');
    await expect(ada.page.getByText('This payment link is damaged')).toBeVisible();
    await ada.go('#/join?xt=');
    await expect(ada.page.getByText('This invitation is damaged')).toBeVisible();
    await ada.expectBalance(1_000_000_000n * TTX);
  });
});
