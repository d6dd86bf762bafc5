/** What ends something without being a failure: somebody did not want it any more, or the node stops. */
import { isTtxError } from '../../core/error.ts';

/** The reason of such an end. */
export const DISMISSED = 'dismissed';

/** Whether an error only says that something was taken back. */
export const isDismissal = (error: unknown): boolean => error === DISMISSED || isTtxError(error, 'cancelled');
