/** The system's share sheet. A browser may have none, or one that takes no files. */

/** How sharing ended. `refused`: hand it over in another way. */
export type ShareEnd = 'shared' | 'dismissed' | 'refused';

/** Whether links can be shared. */
export const canShare = (): boolean => typeof navigator.share === 'function';

/** Whether this file can be shared, as far as the browser tells: Chromium agrees to any, then refuses types that are not on its list. */
export const canShareFile = (file: File): boolean => canShare() && navigator.canShare?.({ files: [file] }) === true;

/** Opens the share sheet. Call it in the very handler of a tap: browsers ask for one. */
async function share(data: ShareData): Promise<ShareEnd> {
  if (!canShare()) return 'refused';
  try {
    await navigator.share(data);
    return 'shared';
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError' ? 'dismissed' : 'refused';
  }
}

export const shareLink = (title: string, url: string): Promise<ShareEnd> => share({ title, url });

export const shareFile = (file: File): Promise<ShareEnd> => share({ files: [file] });
