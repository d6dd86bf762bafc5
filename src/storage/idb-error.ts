/** What IndexedDB throws, in the project's own codes. */
import { type ErrorCode, TtxError } from '../core/error.ts';

/**
 * Codes by DOMException name. Whatever is not listed and comes from the database means that the connection is of no use any
 * more: AbortError, InvalidStateError, NotFoundError, and Safari's UnknownError "Connection to Indexed Database server lost".
 */
const CODES: Readonly<Record<string, ErrorCode>> = {
  QuotaExceededError: 'storage-full',
  VersionError: 'storage-newer',
  DataCloneError: 'bug',
  DataError: 'bug',
};

/** Browsers name a full disk UnknownError; only the text tells. */
const FULL = /full disk|disk full|quota/i;

/** Names an error of IndexedDB; a TtxError passes through, whatever else is not a DOMException is a `bug`. */
export function storageError(error: unknown): TtxError {
  if (error instanceof TtxError) return error;
  if (!(error instanceof DOMException)) return new TtxError('bug', { what: 'storage' }, { cause: error });
  const code = FULL.test(error.message) ? 'storage-full' : (CODES[error.name] ?? 'storage-lost');
  return new TtxError(code, { name: error.name }, { cause: error });
}

/** Names an error of opening a database: there, a state or security error says that the browser offers no storage at all. */
export function openError(error: unknown): TtxError {
  const refused = error instanceof DOMException && (error.name === 'SecurityError' || error.name === 'InvalidStateError');
  if (refused) return new TtxError('unsupported', { what: 'indexeddb', name: error.name }, { cause: error });
  return storageError(error);
}

/** Runs `work`, and names what it throws. */
export async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error);
  }
}
