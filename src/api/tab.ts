/** Names a tab holds while it lives. */

/** Name of the Web Lock that a tab holds for as long as it lives. */
export const tabLock = (tab: string): string => `ttx-tab-${tab}`;
