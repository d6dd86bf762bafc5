/** Many signed messages in one piece of memory, for the way to another thread: a hundred objects would take longer than the checks. */
import type { SignatureVerdict, SignedMessage } from '../../core/ed25519.ts';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** The message's length, 4 bytes, little-endian; then key, signature, message. */
const HEAD_BYTES = 4 + KEY_BYTES + SIGNATURE_BYTES;

const VERDICTS = ['valid', 'key', 'signature'] as const satisfies readonly SignatureVerdict[];

/** One message after the other. */
export function packMessages(messages: readonly SignedMessage[]): Uint8Array<ArrayBuffer> {
  const batch = new Uint8Array(messages.reduce((total, { message }) => total + HEAD_BYTES + message.length, 0));
  const view = new DataView(batch.buffer);
  let at = 0;
  for (const { key, signature, message } of messages) {
    view.setUint32(at, message.length, true);
    batch.set(key, at + 4);
    batch.set(signature, at + 4 + KEY_BYTES);
    batch.set(message, at + HEAD_BYTES);
    at += HEAD_BYTES + message.length;
  }
  return batch;
}

/** What {@link packMessages} packed, as views of `batch`. */
export function unpackMessages(batch: Uint8Array): SignedMessage[] {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  const messages: SignedMessage[] = [];
  let at = 0;
  while (at < batch.length) {
    const end = at + HEAD_BYTES + view.getUint32(at, true);
    messages.push({
      key: batch.subarray(at + 4, at + 4 + KEY_BYTES),
      signature: batch.subarray(at + 4 + KEY_BYTES, at + HEAD_BYTES),
      message: batch.subarray(at + HEAD_BYTES, end),
    });
    at = end;
  }
  return messages;
}

/** A byte a verdict. */
export const packVerdicts = (verdicts: readonly SignatureVerdict[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(verdicts, (verdict) => VERDICTS.indexOf(verdict));

/** What {@link packVerdicts} packed; undefined for a byte that is no verdict. */
export const unpackVerdicts = (bytes: Uint8Array): (SignatureVerdict | undefined)[] => Array.from(bytes, (byte) => VERDICTS[byte]);
