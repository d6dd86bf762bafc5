/** Errors as the screens get them. */
import type { ErrorReport } from '../api/node.ts';
import { isTtxError } from '../core/error.ts';

/** Whatever was thrown, as a code and its detail; anything that is no TtxError is a bug of ours. */
export function toReport(error: unknown): ErrorReport {
  if (isTtxError(error)) return { code: error.code, detail: error.detail };
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'bug', detail: { message: text.slice(0, 300) } };
}
