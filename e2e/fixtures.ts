/** Fixtures: the served build, a tracker that can be restarted, and people with a browser each. */
import { join } from 'node:path';
import { test as base, type ConsoleMessage } from '@playwright/test';
import { serve } from '../scripts/serve.mjs';
import { ROOT } from '../scripts/setup.mjs';
import { startTracker } from '../scripts/tracker.mjs';
import { type MortalBrowser, startMortalBrowser } from './crash-browser.ts';
import { buildDirectory, trackerPort } from './environment.ts';
import { openBrowser, Person, type PersonOptions } from './person.ts';
import { DESKTOP, type Size } from './size.ts';

/** The tracker of a test. */
export interface TrackerControl {
  readonly url: string;
  /** Drops every connection and refuses new ones. */
  stop(): Promise<void>;
  /** A new tracker on the same port, which knows nobody. */
  start(): Promise<void>;
}

/** What the console of a healthy app may say: the browser itself logs each failed connection to a tracker. */
const EXPECTED = /WebSocket connection to 'ws:\/\/localhost/;

/** An error on a page. */
export interface PageError {
  readonly person: string;
  readonly text: string;
}

/** Two people in a network of their own. */
export interface Friends {
  /** Has founded it, and owns all of its money. */
  readonly ada: Person;
  readonly bob: Person;
  readonly invitation: string;
}

/** What a project of playwright.config.ts sets. */
export interface SizeOption {
  readonly size: Size;
}

interface Fixtures {
  /** URL of the app, under a sub-path, as on a project page of a static host. */
  readonly appUrl: string;
  readonly tracker: TrackerControl;
  /** A person who has never been here: own browser, own profile, the app open. */
  readonly createPerson: (name: string, options?: PersonOptions) => Promise<Person>;
  /** Two newcomers, of whom one founds a network and the other joins it. */
  readonly createFriends: (options?: { readonly ada?: PersonOptions; readonly bob?: PersonOptions }) => Promise<Friends>;
  /** Errors that pages logged; a test that ends with any fails. A test that provokes one takes it out. */
  readonly pageErrors: PageError[];
}

export const test = base.extend<SizeOption & Fixtures>({
  size: [DESKTOP, { option: true }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from the pattern
  appUrl: async ({}, use) => {
    const server = await serve({ directory: join(ROOT, buildDirectory.get()), base: '/torrent-tx/' });
    await use(server.url);
    await server.close();
  },

  // biome-ignore lint/correctness/noEmptyPattern: as above
  tracker: async ({}, use) => {
    const port = Number(trackerPort.get());
    let tracker = await startTracker({ port });
    let running = true;
    const stop = async () => {
      if (running) await tracker.stop();
      running = false;
    };
    await use({
      url: tracker.url,
      stop,
      start: async () => {
        await stop();
        tracker = await startTracker({ port });
        running = true;
      },
    });
    await stop();
  },

  // biome-ignore lint/correctness/noEmptyPattern: as above
  pageErrors: async ({}, use, info) => {
    const errors: PageError[] = [];
    await use(errors);
    if (info.status !== info.expectedStatus) return;
    if (errors.length > 0) throw new Error(`Errors on pages:\n${errors.map(({ person, text }) => `${person}: ${text}`).join('\n')}`);
  },

  createPerson: async ({ appUrl, pageErrors, size }, use, info) => {
    const people: Person[] = [];
    const mortals: MortalBrowser[] = [];
    await use(async (name, options = {}) => {
      const directory = info.outputPath(`profile-${name}`);
      const mortal = options.isOneWindow ? await startMortalBrowser(directory, size) : undefined;
      if (mortal !== undefined) mortals.push(mortal);
      const context = mortal?.context ?? (await openBrowser(directory, { size }));
      const report = (text: string) => {
        if (!EXPECTED.test(text)) pageErrors.push({ person: name, text });
      };
      context.on('console', (message: ConsoleMessage) => {
        if (message.type() === 'error') report(`${message.text()} (${message.location().url})`);
      });
      context.on('weberror', (error) => report(error.error().stack ?? error.error().message));
      if (options.initScript !== undefined) await context.addInitScript(options.initScript);
      const person = new Person(name, context, appUrl, { taps: size.isTouch && mortal === undefined });
      people.push(person);
      await person.open(options.fragment);
      return person;
    });
    for (const person of people) {
      if (info.status !== info.expectedStatus) await person.attachTo(info);
      await person.close();
    }
    for (const mortal of mortals) await mortal.kill();
  },

  createFriends: async ({ tracker: _, createPerson }, use) => {
    await use(async (options = {}) => {
      const ada = await createPerson('ada', options.ada);
      const invitation = await ada.found('Friends');
      const bob = await createPerson('bob', options.bob);
      await bob.join(invitation);
      return { ada, bob, invitation };
    });
  },
});

export { expect } from '@playwright/test';
