/** What people read when a pairing does not go as it should. */
import type { ErrorReport } from '../../api/node.ts';
import { describeError, type ErrorText } from '../error-text.ts';

const AGAIN = 'Begin again: one device shows a new code, the other reads it.';

const WRONG: Readonly<Record<string, ErrorText>> = {
  damaged: {
    title: 'This is not a whole code',
    text: 'A character is wrong or missing. Copy it from its first character to its last, or scan it.',
  },
  own: {
    title: 'This is the code of this very device',
    text: 'Let the other device read it, and read here the answer that the other device then shows.',
  },
  'no offer of another': {
    title: 'This is the code of this very device',
    text: 'Let the other device read it, and read here the answer that the other device then shows.',
  },
  'no answer to this offer': {
    title: 'This answer belongs to another code',
    text: `It may be for a code that was shown before, or the code has ended. ${AGAIN}`,
  },
  'offer ended': { title: 'The code has ended', text: AGAIN },
};

const LATE: Readonly<Record<string, ErrorText>> = {
  lifetime: { title: 'The code has ended', text: `A code is good for ten minutes. ${AGAIN}` },
  connection: {
    title: 'The two devices could not reach each other',
    text: 'Perhaps it was stopped on the other one. It works best when both are in the same Wi-Fi. Some networks, of companies or hotels, do not let devices connect directly. Try another one, then begin again.',
  },
  room: {
    title: 'This device has as many connections as it can take',
    text: 'Wait until some have ended, then begin again.',
  },
};

const NO_WAY: ErrorText = {
  title: 'This browser found no way to connect',
  text: 'Look whether the device is in a network, and whether a setting or an extension blocks WebRTC. Then begin again.',
};

/** Title and advice for an error of a pairing. */
export function describePairingError(error: ErrorReport): ErrorText {
  const what = String(error.detail.what);
  if (error.code === 'pairing') return WRONG[what] ?? describeError(error);
  if (error.code === 'timeout') return LATE[what] ?? NO_WAY;
  if (error.code === 'cancelled')
    return { title: 'Stopped', text: `Another tab may have begun anew, or another network was opened. ${AGAIN}` };
  return describeError(error);
}
