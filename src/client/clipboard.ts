/** The clipboard, which a browser may refuse. */

/** Puts `text` on the clipboard. False when the browser or the person said no: then the text must be selectable. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads the clipboard after a click on a "Paste" button. Undefined when that is not allowed or not possible. */
export async function readClipboard(): Promise<string | undefined> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return undefined;
  }
}

/** Whether a "Paste" button can work here at all. */
export const canReadClipboard = (): boolean => typeof navigator.clipboard?.readText === 'function';
