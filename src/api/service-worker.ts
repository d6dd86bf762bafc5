/** What the page and the service worker agree on, beside passing ports on (`broker.ts`). */

/** Page → a service worker that waits: the person has agreed to the new version. */
export interface Activate {
  readonly kind: 'activate';
}

/** Whether a message is an {@link Activate}. */
export const isActivate = (message: unknown): message is Activate =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'activate';

/** Where the system posts what is shared to the installed app, relative to the app. No file is there: the service worker answers. */
export const SHARE_PATH = 'share';

/** Fields of the form that the system posts, and that the app's manifest names. */
export const SHARE_FIELDS = { title: 'title', text: 'text', url: 'url', file: 'file' } as const;

/** Cache in which a shared file waits for the page, and the file's name there, relative to the app. */
export const SHARED_FILE = { cache: 'ttx-shared', path: 'shared-file' } as const;

/** Fragment with which the app is opened by a link handler, the link behind it percent-encoded. */
export const OPEN_LINK = '#/open?link=';

/** Fragment with which the app is opened when a shared file waits. */
export const OPEN_SHARED_FILE = '#/open?shared';
