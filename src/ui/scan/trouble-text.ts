/** What people read when the camera cannot be used, and what works without. */
import type { CameraTrouble } from '../../client/scan.ts';
import type { ErrorText } from '../error-text.ts';

const WITHOUT = 'Or choose a picture of the code: a phone lets you take one right then.';

const TEXTS: { readonly [Trouble in CameraTrouble]: ErrorText } = {
  insecure: {
    title: 'The camera needs a secure connection',
    text: `Browsers give it only to pages that were opened with https. Open the app with https. ${WITHOUT}`,
  },
  unsupported: {
    title: 'This browser has no camera for this app',
    text: `Open the app in another browser, or outside of the home screen. ${WITHOUT}`,
  },
  denied: {
    title: 'The camera is not allowed',
    text: `Allow it for this site: in the address bar, or in the settings of the browser or the device. Then try again. ${WITHOUT}`,
  },
  missing: { title: 'No camera was found', text: `Connect one and try again. ${WITHOUT}` },
  busy: {
    title: 'The camera is in use',
    text: `Another program or tab has it. Close that and try again. ${WITHOUT}`,
  },
  reader: {
    title: 'The scanner could not be loaded',
    text: 'You may be offline, or the app was updated while it was open. Reload the page, or paste the link instead.',
  },
  failed: { title: 'The camera did not start', text: `Try again. ${WITHOUT}` },
};

/** Title and advice for a camera that cannot be used. */
export const describeTrouble = (trouble: CameraTrouble): ErrorText => TEXTS[trouble];
