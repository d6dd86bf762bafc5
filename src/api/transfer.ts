/** Errors across the thread: Comlink drops a TtxError's code and class, so its throw handler is replaced on both sides. */
import { type TransferHandler, transferHandlers } from 'comlink';
import { ERRORS, type ErrorCode, isTtxError, TtxError } from '../core/error.ts';
import type { ErrorReport } from './node.ts';

/** Comlink's wrapper around something thrown. */
interface Thrown {
  readonly value: unknown;
}

function report(error: unknown): ErrorReport {
  if (isTtxError(error)) return { code: error.code, detail: error.detail };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'bug', detail: { message: message.slice(0, 300) } };
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

/** Makes every error of the other side arrive as a TtxError; call once on each side, before anything is exposed or wrapped. */
export function installErrorTransfer(): void {
  const original = transferHandlers.get('throw') as TransferHandler<Thrown, unknown> | undefined;
  if (original === undefined) throw new TtxError('bug', { what: 'comlink throw handler' });
  const handler: TransferHandler<Thrown, ErrorReport> = {
    canHandle: original.canHandle,
    serialize: ({ value }) => [report(value), []],
    deserialize: ({ code, detail }) => {
      throw new TtxError(isCode(code) ? code : 'bug', detail);
    },
  };
  transferHandlers.set('throw', handler);
}
