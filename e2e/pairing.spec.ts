/** Two devices are connected by codes that people hand each other. No test here starts a tracker. */
import { decodePairing, encodePairing, nameOffer } from '../src/core/pairing.ts';
import { expect, test } from './fixtures.ts';
import type { Person } from './person.ts';

const CONNECTED = 'The two devices are connected';

/** Founds a network with Ada, and brings Bob into it by a magnet link that carries its first transaction. */
async function share(ada: Person, bob: Person): Promise<void> {
  await ada.found('Friends');
  await ada.page.getByText('Other ways and technical details').click();
  await bob.join(await ada.copied('magnet link'));
}

/** Shows a code. @returns its link */
async function showCode(person: Person): Promise<string> {
  await person.go('#/network');
  await person.page.getByRole('link', { name: 'Connect directly' }).first().click();
  // Impatient fingers get one code.
  await person.page.getByRole('button', { name: 'Show a code' }).dblclick();
  await expect(person.page.getByRole('heading', { name: '1. Let the other device read this' })).toBeVisible();
  return person.copied('code link');
}

async function readAnswer(person: Person, text: string): Promise<void> {
  await person.page.getByLabel('Answer from the other device').fill(text);
  await person.page.getByRole('button', { name: 'Continue' }).click();
}

const codeIn = (link: string) => /ttxpair1\w+/i.exec(link)?.[0] ?? '';

/** Notes in the page whom its connections ask for their own address. */
function noteStunServers(): void {
  const asked: string[] = [];
  class Noted extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      asked.push(JSON.stringify(configuration?.iceServers ?? []));
    }
  }
  Object.assign(window, { RTCPeerConnection: Noted, asked });
}

test('without any tracker, two people connect their devices by text, and a payment goes over the connection', async ({ createPerson }) => {
  const ada = await createPerson('ada', { initScript: noteStunServers });
  const bob = await createPerson('bob');
  await share(ada, bob);
  await ada.go('#/network');
  await ada.page.getByRole('button', { name: /^Remove/ }).click();
  await expect(ada.page.getByText('There is no tracker, and nobody is connected')).toBeVisible();

  const offer = await showCode(ada);
  // What is built to be served here asks nobody elsewhere.
  expect(new Set(await ada.page.evaluate(() => (window as unknown as { asked: string[] }).asked))).toEqual(new Set(['[]']));
  // Within a message, on whatever screen.
  await bob.go('#/');
  await expect(bob.page.getByRole('region', { name: 'Balance' })).toBeVisible();
  await bob.paste(`Open this: ${offer} and tell me what it says`);
  await expect(bob.page.getByRole('heading', { name: 'Let the other device read this answer' })).toBeVisible();
  await readAnswer(ada, await bob.copied('answer link'));
  for (const { page } of [ada, bob]) await expect(page.getByText(CONNECTED)).toBeVisible();

  for (const person of [ada, bob]) {
    await person.go('#/network');
    await expect(person.page.getByText('connected directly, by a code')).toBeVisible();
    await expect(person.page.getByText('In sync')).toBeVisible();
  }
  const to = await bob.address();
  await ada.pay(to, '3');
  await bob.expectBalance(3_000_000n);
});

test('who is not in the network yet joins it by the code alone', async ({ createPerson }) => {
  const ada = await createPerson('ada');
  const bob = await createPerson('bob');
  await ada.found('Friends');
  const offer = await showCode(ada);
  await bob.go('#/network');
  await bob.page.getByRole('link', { name: 'Connect directly' }).first().click();
  await bob.page.getByLabel('Code from the other device').fill(offer);
  await bob.page.getByRole('button', { name: 'Continue' }).click();
  await expect(bob.page.getByText('This code belongs to a network you have not joined')).toBeVisible();
  await bob.page.getByRole('button', { name: 'Join its network' }).click();
  await expect(bob.page.getByRole('heading', { name: 'Let the other device read this answer' })).toBeVisible();
  await readAnswer(ada, await bob.copied('answer link'));
  for (const { page } of [ada, bob]) await expect(page.getByText(CONNECTED)).toBeVisible();
  await bob.go('#/network');
  await expect(bob.page.getByText('In sync')).toBeVisible();
  await ada.pay(await bob.address(), '3');
  await bob.expectBalance(3_000_000n);
});

test('a code is read from a picture of it, and so is its answer', async ({ createPerson }) => {
  const ada = await createPerson('ada');
  const bob = await createPerson('bob');
  await share(ada, bob);
  await showCode(ada);
  const scan = async (from: Person, by: Person) => {
    const code = from.page.locator('.qr');
    await expect(code.locator('path')).toBeAttached();
    const buffer = await code.screenshot();
    await by.go('#/scan');
    await by.page.getByLabel('Choose a picture').setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer });
  };
  await scan(ada, bob);
  await expect(bob.page.getByRole('heading', { name: 'Let the other device read this answer' })).toBeVisible();
  await scan(bob, ada);
  for (const { page } of [ada, bob]) await expect(page.getByText(CONNECTED)).toBeVisible();
});

test('whatever else is read, and whenever one stops, there is a sentence for it', async ({ createPerson }) => {
  const ada = await createPerson('ada');
  const bob = await createPerson('bob');
  await share(ada, bob);
  const { page } = ada;
  const first = await showCode(ada);
  await bob.paste(first);
  const late = await bob.copied('answer link');

  await readAnswer(ada, 'good morning');
  await expect(page.getByText('There is no code of this kind in it.')).toBeVisible();
  await readAnswer(ada, first);
  await expect(page.getByText('This is the code of this very device')).toBeVisible();
  await readAnswer(ada, `${late.slice(0, -1)}${late.endsWith('q') ? 'p' : 'q'}`);
  await expect(page.getByText('This is not a whole code')).toBeVisible();

  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: 'Begin here' })).toBeVisible();
  await expect(page.getByText('asks no server where your device is on the internet')).toBeVisible();
  await showCode(ada);
  await readAnswer(ada, late);
  await expect(page.getByText('This answer belongs to another code')).toBeVisible();
  // The code that is shown is still good.
  await bob.page.getByRole('button', { name: 'Cancel' }).click();
  await bob.paste(await ada.copied('code link'));
  await readAnswer(ada, await bob.copied('answer link'));
  await expect(page.getByText(CONNECTED)).toBeVisible();
});

test('a code of another network says so, and leads there', async ({ createPerson }) => {
  const ada = await createPerson('ada');
  const bob = await createPerson('bob');
  await share(ada, bob);
  await bob.found('Others');
  await bob.paste(await showCode(ada));
  await expect(bob.page.getByText('This code belongs to your network Friends')).toBeVisible();
  await bob.page.getByRole('button', { name: 'Switch to Friends' }).click();
  await expect(bob.page.getByRole('heading', { name: 'Let the other device read this answer' })).toBeVisible();
});

test('whoever answers can be slow to hand the answer back, though nobody lets him in before', { tag: '@once' }, async ({
  createPerson,
}) => {
  const ada = await createPerson('ada');
  const bob = await createPerson('bob');
  await share(ada, bob);
  const code = codeIn(await showCode(ada));
  // Behind a router that drops what comes from strangers: what Bob sends arrives nowhere.
  const offer = decodePairing(code);
  const nowhere = [{ origin: 'srflx', address: '192.0.2.199', port: 50_000 }] as const;
  await bob.paste(encodePairing({ ...offer, transport: { ...offer.transport, candidates: nowhere } }));
  await expect(bob.page.getByRole('heading', { name: 'Let the other device read this answer' })).toBeVisible();
  const answer = decodePairing(codeIn(await bob.copied('answer link')));
  // Browsers give up after 15 seconds.
  await bob.page.waitForTimeout(20_000);
  await expect(bob.page.getByText('Waiting for the other device')).toBeVisible();
  await readAnswer(ada, encodePairing({ ...answer, offer: nameOffer(code) } as typeof answer));
  for (const { page } of [ada, bob]) await expect(page.getByText(CONNECTED)).toBeVisible();
});

test('the links may be opened in tabs of their own', async ({ createPerson }) => {
  const ada = await createPerson('ada');
  const bob = await createPerson('bob');
  await share(ada, bob);
  const offer = await showCode(ada);
  const first = ada.page;
  await bob.open(offer);
  await expect(bob.page.getByRole('heading', { name: 'Let the other device read this answer' })).toBeVisible();
  await ada.open(await bob.copied('answer link'));
  for (const page of [first, ada.page, bob.page]) await expect(page.getByText(CONNECTED)).toBeVisible();
});
