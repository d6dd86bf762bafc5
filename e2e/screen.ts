/** Going from screen to screen of an open page, as its own links do: without loading it anew. */
import type { Page } from '@playwright/test';

/** @param hash of the screen, `#/activity` */
export const showScreen = (page: Page, hash: string): Promise<void> =>
  page.evaluate((to) => {
    window.location.hash = to;
  }, hash);
