/** What people read when something went wrong: one plain sentence or two for every error code, and what to do now. */
import type { ErrorReport } from '../api/node.ts';
import { formatAmount } from '../core/amount.ts';
import type { ErrorCode, ErrorDetail } from '../core/error.ts';

/** A headline and what to do. */
export interface ErrorText {
  readonly title: string;
  readonly text: string;
}

const DAMAGED = 'It cannot be accepted by anyone. Ask the sender to send the link again, or to pay you again.';

function missingText(detail: ErrorDetail): string {
  const missing = detail.missing;
  return typeof missing === 'bigint' && missing > 0n
    ? `You are ${formatAmount(missing)} TTX short. Enter a smaller amount, or choose “Send all”.`
    : 'Enter a smaller amount, or choose “Send all”.';
}

function trackerText(detail: ErrorDetail): string {
  return detail.what === 'tracker'
    ? 'A tracker’s address starts with wss:// (or ws:// on your own computer). Check what you typed.'
    : 'Copy the whole link, from its first character to its last, and paste it again.';
}

function attachmentText({ what }: ErrorDetail): ErrorText {
  switch (what) {
    case 'content':
    case 'torrent':
      return {
        title: 'This is not the file that was attached',
        text: 'What came is something else than the payment describes, so it was thrown away. Ask the sender to send the file again.',
      };
    case 'changed':
      return {
        title: 'A file has changed',
        text: 'It is not as it was when you added it, or cannot be read. Nothing was sent. Remove it and add it again.',
      };
    case 'budget':
      return {
        title: 'No room for these files',
        text: 'They may take up half of the storage that this network has on your device. Allow it more in the settings, or choose smaller files.',
      };
    case 'gone':
      return { title: 'This file is not on your device any more', text: 'Older files go when room is needed. Fetch it again.' };
    default:
      return { title: 'This file cannot be attached', text: 'It is empty, or larger than 16 MiB. Choose a smaller one.' };
  }
}

const TEXTS: { readonly [Code in ErrorCode]: (detail: ErrorDetail) => ErrorText } = {
  size: ({ what }) =>
    what === 'attachments'
      ? {
          title: 'Too much to say in one payment',
          text: 'The names of the files and the note do not fit. Shorten the note, or remove a file.',
        }
      : { title: 'This payment is empty or far too large', text: DAMAGED },
  depth: () => ({ title: 'This payment is damaged', text: DAMAGED }),
  encoding: () => ({ title: 'This payment is damaged', text: DAMAGED }),
  canonical: () => ({ title: 'This payment is damaged', text: DAMAGED }),
  schema: () => ({ title: 'This payment is not written correctly', text: DAMAGED }),
  address: () => ({
    title: 'This address has a mistake in it',
    text: 'One or more characters are wrong or missing. Copy the whole address again instead of typing it.',
  }),
  key: () => ({ title: 'This payment was made with an unsafe key', text: 'Do not rely on it. Ask the sender to pay from another wallet.' }),
  signature: () => ({
    title: 'The signature does not match',
    text: 'The payment was changed after it was signed, or never came from its owner. Do not rely on it.',
  }),
  'wrong-network': () => ({
    title: 'This payment belongs to another network',
    text: 'Ask the sender which network they use and for an invitation to it.',
  }),
  'parent-rejected': () => ({
    title: 'The money in this payment is not real',
    text: 'It comes from an earlier payment that is invalid. Do not rely on it.',
  }),
  locator: () => ({
    title: 'This payment points to a false history',
    text: 'It names an earlier payment by a wrong fingerprint. Do not rely on it.',
  }),
  'no-coin': () => ({
    title: 'The sender does not own this money',
    text: 'The payment spends money that was never the sender’s. Do not rely on it.',
  }),
  insufficient: () => ({ title: 'The sender does not have enough', text: 'The payment promises more than it spends. Do not rely on it.' }),
  bencode: () => ({
    title: 'Another device sent something unreadable',
    text: 'It was ignored. Nothing is lost and you need not do anything.',
  }),
  message: () => ({
    title: 'Another device sent something unreadable',
    text: 'It was ignored. Nothing is lost and you need not do anything.',
  }),
  'double-spend': () => ({
    title: 'Another device sent something unreadable',
    text: 'It was ignored. Nothing is lost and you need not do anything.',
  }),
  'other-network-peer': () => ({
    title: 'Another device follows a different network',
    text: 'It was disconnected. You need not do anything.',
  }),
  link: (detail) => ({
    title: detail.what === 'tracker' ? 'This is not a tracker’s address' : 'This is not a link that TorrentTX understands',
    text: trackerText(detail),
  }),
  evidence: () => ({
    title: 'This file proves nothing',
    text: 'It is not evidence that one person spent the same money twice, or it has been altered.',
  }),
  'proof-file': () => ({
    title: 'This file is not a payment',
    text: 'Choose the .torrent file that the sender saved from TorrentTX. If that is the one, ask the sender to save and send it again.',
  }),
  pairing: () => ({
    title: 'This is not the code that was expected',
    text: 'Copy the whole code from the other device. Both devices must have the same network open, and a code is good for one pairing, for ten minutes.',
  }),
  amount: () => ({
    title: 'This is not an amount',
    text: 'Write digits, with a point and at most 6 decimals if you need them, such as 12.5.',
  }),
  words: () => ({
    title: 'These are not the words of a wallet',
    text: 'Enter all 12 words in their order, separated by spaces. Check the spelling of each one.',
  }),
  'network-parameters': () => ({
    title: 'One of these values is out of range',
    text: 'Correct the marked fields, or reset the rules to the usual ones.',
  }),
  'not-enough': (detail) => ({ title: 'Not enough money for this', text: missingText(detail) }),
  'no-network': () => ({
    title: 'No network is open',
    text: 'Join a network or found one first. Ask whoever sent you here for an invitation.',
  }),
  'no-wallet': () => ({ title: 'This wallet is not on this device', text: 'Restore it from its 12 words.' }),
  'unknown-transaction': () => ({
    title: 'This payment is not known here',
    text: 'It may belong to another network or another wallet. Open the link you got for it again.',
  }),
  'file-dropped': () => ({
    title: 'The file of this payment is not kept here',
    text: 'To save space this device keeps the files of your own payments only, and what you need to prove your coins. Others on the network still have it.',
  }),
  attachment: attachmentText,
  'quote-changed': () => ({
    title: 'Something has changed',
    text: 'Money came in or went out, there is something new to know about your coins, or another network or wallet was opened in the meantime. Nothing was handed over. Look at the payment again and decide.',
  }),
  cancelled: () => ({ title: 'Stopped', text: 'Nothing was handed over.' }),
  timeout: () => ({
    title: 'Nobody answered',
    text: 'Whoever sent you the link has to have TorrentTX open. Ask them to open it, check your internet connection, and try again.',
  }),
  'storage-full': () => ({
    title: 'This device is out of storage',
    text: 'Nothing new can be kept until there is room: payments that you receive wait. Free some space on the device. Your wallet is safe.',
  }),
  'storage-lost': (detail) =>
    detail.what === 'deleted'
      ? {
          title: 'The browser deleted what this app had stored',
          text: 'Your wallet was still open here and has been stored again; its history comes back from other devices. Make sure that you have written down your 12 words.',
        }
      : {
          title: 'The browser closed the wallet’s storage',
          text: 'Reload this page. If that does not help, restart the browser. Private windows may not keep anything.',
        },
  'leaf-taken': () => ({
    title: 'The test coins of this wallet are gone',
    text: 'Somebody has spoilt them: anybody can on the test network. Ask another person there to send you some, or use another wallet.',
  }),
  'work-lost': () => ({
    title: 'A part of the app could not be loaded',
    text: 'Check your connection, reload the page, then try again. Nothing was signed.',
  }),
  moved: () => ({
    title: 'The tab that did this was closed',
    text: 'Look whether it is done. If not, do it again: this tab has taken over.',
  }),
  'other-version': () => ({
    title: 'This tab runs an older version of the app',
    text: 'Another tab uses the wallet with a newer one. Reload this page to use it here too, and look whether this was done.',
  }),
  'storage-taken': () => ({
    title: 'Another tab has taken over',
    text: 'The wallet goes on in another tab or window. Reload this one to use it here.',
  }),
  'storage-newer': () => ({
    title: 'This copy of the app is out of date',
    text: 'A newer version has used your wallet. Reload this page to get the new version.',
  }),
  unsupported: (detail) =>
    String(detail.what).toLowerCase() === 'webrtc'
      ? {
          title: 'This browser cannot connect to others',
          text: 'WebRTC is missing or switched off. You can still sign a payment and hand it over as a file, and accept one from a file. For everything else use a current Chrome, Edge, Firefox or Safari.',
        }
      : {
          title: 'This browser lacks something the wallet needs',
          text: 'Use a current Chrome, Edge, Firefox or Safari. To keep this wallet, write down its words first.',
        },
  bug: () => ({
    title: 'Something unexpected happened',
    text: 'Reload this page. Your wallet is kept. If it happens again, please report it with the text below.',
  }),
};

/** Title and advice for an error. */
export function describeError(report: ErrorReport): ErrorText {
  return TEXTS[report.code](report.detail);
}

/** The facts of an error for a bug report, or undefined where they would tell nobody anything. */
export function errorFacts(report: ErrorReport): string | undefined {
  if (report.code !== 'bug') return undefined;
  return Object.entries(report.detail)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join('\n');
}
