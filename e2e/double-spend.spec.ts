/** One coin, two payees: signed by the test, for no wallet does it. */
import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { formatAmount } from '../src/core/amount.ts';
import { expect, test } from './fixtures.ts';
import { fileOf, genesisOf, magnetOf, sign, signerOf } from './forge.ts';
import type { Person } from './person.ts';

const TTX = 1_000_000n;

/** Where the payment on the screen stands. */
const standing = ({ page }: Person): Locator => page.getByRole('region', { name: 'Where this payment stands' });

/** Drops a file on whatever screen is shown. */
async function drop({ page }: Person, text: string): Promise<void> {
  await page.evaluate((content) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([content], 'evidence.json', { type: 'application/json' }));
    document.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true, bubbles: true }));
  }, text);
}

async function upToDate(person: Person): Promise<void> {
  await person.go('#/');
  await expect(person.page.getByText('Up to date with the devices connected now')).toBeVisible();
}

test('a coin spent twice: both payees see it, one payment counts, and the other payee reads what happened', async ({
  tracker: _,
  createPerson,
}) => {
  test.setTimeout(150_000);
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const genesis = genesisOf(invitation);
  const cheat = await signerOf(await ada.words());
  const payees = await Promise.all(
    ['bob', 'carol'].map(async (name, i) => {
      const person = await createPerson(name);
      await person.join(invitation);
      const payee = await signerOf(await person.words());
      const units = BigInt(5 + i) * TTX;
      await upToDate(person);
      return { person, units, file: fileOf(sign(cheat, genesis.locator, payee.address, units)) };
    }),
  );
  await Promise.all(payees.map(({ person, file }) => person.startAccepting(magnetOf(file, genesis))));
  for (const { person } of payees) await expect(person.page.getByRole('article', { name: 'Payment being accepted' })).toBeVisible();
  await Promise.all(payees.map(({ person, file }) => person.go(`#/activity/${file.txid}`)));

  // Within seconds everybody who was about to hand over goods is told not to.
  for (const { person } of payees) {
    await expect(standing(person)).toContainText(/spent the same money twice/);
    await expect(standing(person)).toContainText(/May I hand over the goods\? No/);
  }
  const isWithdrawn = () => Promise.all(payees.map(async ({ person }) => (await standing(person).innerText()).includes('Withdrawn')));
  let withdrawn: readonly boolean[] = [];
  await expect
    .poll(
      async () => {
        withdrawn = await isWithdrawn();
        return withdrawn.filter(Boolean).length;
      },
      { timeout: 60_000 },
    )
    .toBe(1);
  const [loser, winner] = withdrawn[0] ? payees : [...payees].reverse();
  if (loser === undefined || winner === undefined) throw new Error('two payees');

  await expect(standing(winner.person)).toContainText(/Confirmed.*Yes\./s, { timeout: 60_000 });
  await expect(standing(loser.person)).toContainText('Its sender spent the same money twice, and the other payment counts.');
  await expect(standing(loser.person)).toContainText('May I hand over the goods? No.');

  // The proof, for whoever asks: somebody who is in no touch with anybody checks it.
  const saving = loser.person.page.waitForEvent('download');
  await loser.person.page.getByRole('button', { name: 'Save the evidence' }).click();
  const evidence = (await readFile(await (await saving).path())).toString();
  await ada.closeTab();
  const judge = await createPerson('judge');
  await judge.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await judge.context.setOffline(true);
  await judge.reload();
  await judge.go('#/accept');
  await judge.page.getByLabel('Open a file').setInputFiles({ name: 'e.json', mimeType: 'application/json', buffer: Buffer.from(evidence) });
  const proved = judge.page.getByRole('article', { name: 'Evidence' });
  await expect(proved).toContainText('This proves that somebody spent the same money twice');
  for (const { units } of payees) await expect(proved).toContainText(`${formatAmount(units)} TTX`);
  await drop(judge, evidence.replace('5000000', '5500000'));
  await expect(judge.page.getByText('This file proves nothing')).toBeVisible();
  await judge.go('#/settings');
  await drop(judge, evidence);
  await expect(proved).toContainText('This device has checked both signatures');

  await loser.person.go('#/accept');
  await expect(loser.person.acceptance(/^(This payment was withdrawn|This money was already spent elsewhere)$/)).toBeVisible();
  // Also where it was the second that this device heard of.
  await winner.person.go('#/accept');
  await expect(winner.person.acceptance(/^Payment (accepted|received)$/)).toBeVisible();
  await winner.person.expectBalance(winner.units);
  await loser.person.expectBalance(0n);
  await expect(loser.person.page.getByText(/^A payment of .* was withdrawn: its sender spent the money twice/)).toContainText(
    `${formatAmount(loser.units)} TTX`,
  );
  await loser.person.reload();
  await loser.person.expectBalance(0n);
  await expect.poll(async () => (await loser.person.supply()) - (await winner.person.supply())).toBe(0n);
});

test('the 15 seconds to confirmed pass only in touch with others', async ({ createFriends }) => {
  test.setTimeout(120_000);
  const { ada, bob, invitation } = await createFriends();
  await upToDate(bob);
  const { link } = await ada.pay(await bob.address(), '5');
  await bob.accept(link);
  const card = bob.page.getByRole('article', { name: 'Payment being accepted' });
  await expect(card.getByRole('progressbar', { name: 'Until it is confirmed' })).toBeVisible();
  await expect(card).toContainText('Not yet. Wait until it is confirmed.');
  await ada.closeTab();
  await expect(card).toContainText('It waits for other devices');
  await expect(card).toContainText('May I hand over the goods? Not yet.');
  await ada.open();
  await expect(card).toContainText('May I hand over the goods? Yes.', { timeout: 60_000 });

  // The same money again, long after: a fact, and no alarm.
  const genesis = genesisOf(invitation);
  const cheat = await signerOf(await ada.words());
  const late = fileOf(sign(cheat, genesis.locator, cheat.address, 7n * TTX));
  await ada.startAccepting(magnetOf(late, genesis));
  await expect(card).toContainText('The same money was spent again, but this payment is the one that counts.');
  await expect(card).toContainText('May I hand over the goods? Yes.');
  await bob.go('#/');
  await expect(bob.page.getByText('Up to date with the devices connected now')).toBeVisible();
  await expect(bob.page.getByText(/withdrawn|contested/)).toHaveCount(0);
  await bob.expectBalance(5n * TTX);
});
