/** A person with a browser: what people do with the app, in the words on the screen. */
import { type BrowserContext, chromium, expect, type Locator, type Page, type TestInfo } from '@playwright/test';
import { findBrowser } from '../scripts/browser.mjs';
import { FLAGS, PERMISSIONS } from '../scripts/chromium.mjs';
import { parseAmount } from '../src/core/amount.ts';
import { showScreen } from './screen.ts';
import { DESKTOP, type Size } from './size.ts';

export interface PersonOptions {
  /** Where the app is opened; `#/` by default. */
  readonly fragment?: string;
  /** Runs in every page before the app does. */
  readonly initScript?: () => void;
  /** All tabs are in one window, so that only one of them is visible; otherwise all are, as in windows side by side. */
  readonly isOneWindow?: boolean;
}

/** With which a payment is handed over. */
export interface Handover {
  readonly link: string;
  readonly magnet: string;
}

/** The infohash in a magnet or app link. */
export function infohashIn(link: string): string {
  const infohash = /btih:([0-9a-f]{40})/.exec(link)?.[1];
  if (infohash === undefined) throw new Error(`no infohash in ${link}`);
  return infohash;
}

/** What a test asks of a browser beside the usual. */
export interface BrowserOptions {
  readonly size?: Size;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** All others are denied. */
  readonly permissions?: readonly string[];
}

/** A browser of its own, with a profile in `directory`: what is stored there outlives its tabs. */
export async function openBrowser(
  directory: string,
  { size = DESKTOP, args = [], env = {}, permissions = PERMISSIONS }: BrowserOptions = {},
): Promise<BrowserContext> {
  const executablePath = await findBrowser();
  return chromium.launchPersistentContext(directory, {
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...FLAGS, ...args],
    env: { ...process.env, ...env },
    permissions: [...permissions],
    viewport: size.viewport,
    hasTouch: size.isTouch,
    isMobile: size.isTouch,
  });
}

export class Person {
  readonly name: string;
  readonly context: BrowserContext;
  readonly #taps: boolean;
  readonly #url: string;
  #page: Page | undefined;

  /** @param taps uses fingers instead of a mouse; the browser must have been started for that */
  constructor(name: string, context: BrowserContext, url: string, { taps }: { readonly taps: boolean }) {
    this.name = name;
    this.context = context;
    this.#url = url;
    this.#taps = taps;
  }

  /** The tab that is open. */
  get page(): Page {
    if (this.#page === undefined) throw new Error(`${this.name} has no tab open`);
    return this.#page;
  }

  /** Opens the app in a new tab, or the link of somebody else. */
  async open(fragmentOrLink = '#/'): Promise<void> {
    this.#page = await this.context.newPage();
    await this.#page.goto(fragmentOrLink.startsWith('#') ? this.#url + fragmentOrLink : fragmentOrLink);
    await expect(this.#page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  }

  /** Closes the tab as a person does. */
  async closeTab(): Promise<void> {
    await this.page.close();
    this.#page = undefined;
  }

  /** Ends the tab's process, with its workers, in the middle of whatever it does. */
  async killTab(): Promise<void> {
    const { page } = this;
    const crashed = page.waitForEvent('crash');
    const session = await this.context.newCDPSession(page);
    // Never answers: the one who would is gone.
    session.send('Page.crash').catch(() => undefined);
    await crashed;
    await page.close();
    this.#page = undefined;
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await expect(this.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  /** Goes to a screen without loading the app again. */
  async go(fragment: string): Promise<void> {
    await showScreen(this.page, fragment);
  }

  #press(on: Locator): Promise<void> {
    return this.#taps ? on.tap() : on.click();
  }

  #button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  /** Only the page that has the focus may write there, and a tab that comes to the front gets it a little later. */
  async #setClipboard(text: string): Promise<void> {
    await this.page.bringToFront();
    await expect(() => this.page.evaluate((clip) => navigator.clipboard.writeText(clip), text)).toPass({ timeout: 10_000 });
  }

  /** Presses a copy button and reads what it copied. */
  async copied(what: string): Promise<string> {
    await this.#setClipboard('');
    await this.#press(this.#button(`Copy ${what}`));
    await expect(this.#button('Copied').first()).toBeVisible();
    let text = '';
    await expect
      .poll(async () => {
        text = await this.page.evaluate(() => navigator.clipboard.readText());
        return text;
      })
      .not.toBe('');
    return text;
  }

  /** The address to be paid at in the open network. */
  async address(): Promise<string> {
    await this.go('#/receive');
    return this.copied('address');
  }

  /** Founds a network. The usual work takes seconds, so tests ask for less. @returns the invitation link */
  async found(name: string, { workBits = 8 } = {}): Promise<string> {
    await this.go('#/network/found');
    await this.page.getByLabel('Name', { exact: true }).fill(name);
    await this.#press(this.page.getByText('Rules of the network'));
    await this.page.getByLabel('Founding work').fill(String(workBits));
    await this.#press(this.#button('Found network'));
    await expect(this.page.getByRole('heading', { name: `Invite others to ${name}` })).toBeVisible();
    return this.copied('invitation link');
  }

  /** Joins the network of an invitation link that was opened or pasted. */
  async join(link: string): Promise<void> {
    await this.go('#/network/join');
    await this.page.getByLabel('Invitation link').fill(link);
    await this.#press(this.#button('Continue'));
    await this.#press(this.#button('Join this network'));
    await expect(this.page.getByRole('region', { name: 'Balance' })).toBeVisible();
  }

  /** The balance on the wallet screen, in base units. */
  async balance(): Promise<bigint> {
    await this.go('#/');
    const text = await this.page.locator('section[aria-label="Balance"] .balance-amount').innerText();
    return parseAmount(text.replace('TTX', ''));
  }

  /** All money of the open network, in base units, as this node knows it. */
  async supply(): Promise<bigint> {
    await this.go('#/network');
    const text = await this.page.locator('.fact', { hasText: 'Money in the network' }).locator('dd').innerText();
    return parseAmount(text.replace('TTX', ''));
  }

  /** Waits until the balance is `units`. */
  async expectBalance(units: bigint): Promise<void> {
    await expect.poll(() => this.balance(), { message: `balance of ${this.name}`, timeout: 30_000, intervals: [100, 250] }).toBe(units);
  }

  /** Fills in a payment and goes on to its review. */
  async review(to: string, amount: string | 'all', note = ''): Promise<void> {
    await this.go('#/pay');
    await this.page.getByLabel('Send to').fill(to);
    if (amount === 'all') await this.#press(this.#button('Send all'));
    else await this.page.getByLabel('Amount').fill(amount);
    await this.page.getByLabel('Note (optional)').fill(note);
    await expect(this.page.getByText('The receiver gets')).toBeVisible();
    await this.#press(this.#button('Review payment'));
    await expect(this.page.getByRole('heading', { name: 'Is this right?' })).toBeVisible();
  }

  /** Pays. @returns what the receiver needs */
  async pay(to: string, amount: string | 'all', note = ''): Promise<Handover> {
    await this.review(to, amount, note);
    await this.#press(this.#button(/^Send .* TTX( now)?$/));
    // Work is luck: a second on average here, and now and then many.
    await expect(this.page.getByRole('heading', { name: 'Hand over the payment' })).toBeVisible({ timeout: 60_000 });
    const link = await this.copied('payment link');
    await this.#press(this.page.getByText('Other ways and technical details'));
    return { link, magnet: await this.copied('magnet link') };
  }

  /** Pastes a payment into the box of the Accept screen. */
  async startAccepting(text: string): Promise<void> {
    await this.go('#/accept');
    await this.page.getByLabel('Payment link').fill(text);
    await this.#press(this.#button('Accept payment'));
  }

  /** Presses Ctrl+V on whatever screen is shown. */
  async paste(text: string): Promise<void> {
    await this.#setClipboard(text);
    await this.page.keyboard.press('Control+v');
  }

  /** The card of the payment that is being accepted. */
  acceptance(title: string | RegExp): Locator {
    return this.page
      .getByRole('article', { name: 'Payment being accepted' })
      .filter({ has: this.page.getByRole('heading', { name: title }) });
  }

  /** Pastes a payment and waits until it is accepted; a connected peer may have brought it before. @returns its card */
  async accept(text: string): Promise<Locator> {
    await this.startAccepting(text);
    // Earlier payments are on the same screen: each card names its infohash.
    const card = this.acceptance(/^Payment (accepted|received)$/).filter({ hasText: infohashIn(text) });
    await expect(card).toBeVisible();
    return card;
  }

  /** The 12 words. */
  async words(): Promise<string[]> {
    await this.go('#/settings/words');
    await this.#press(this.#button('Show the words'));
    const words = this.page.getByRole('list', { name: 'Your 12 words' }).getByRole('listitem');
    await expect(words).toHaveCount(12);
    return words.allInnerTexts();
  }

  async restore(words: readonly string[]): Promise<void> {
    await this.go('#/settings/restore');
    await this.page.getByLabel('The 12 words').fill(words.join(' '));
    await this.#press(this.#button('Restore wallet'));
    await expect(this.page).toHaveURL(/#\/$/);
  }

  /** For whoever looks into a failed test. */
  async attachTo(info: TestInfo): Promise<void> {
    if (this.#page === undefined || this.#page.isClosed()) return;
    const screenshot = await this.#page.screenshot({ timeout: 5_000 }).catch(() => undefined);
    if (screenshot !== undefined) await info.attach(`${this.name}.png`, { body: screenshot, contentType: 'image/png' });
    const snapshot = await this.#page
      .locator('body')
      .ariaSnapshot({ timeout: 5_000 })
      .catch((error: unknown) => String(error));
    await info.attach(`${this.name}.txt`, { body: snapshot, contentType: 'text/plain' });
  }
}
