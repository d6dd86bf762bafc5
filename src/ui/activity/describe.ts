/** Transactions in plain words. */
import type { ActivityEntry, TransactionState } from '../../api/node.ts';
import { plural, shortAddress } from '../format.ts';
import type { IconName } from '../part/icon.tsx';

/** What a line of the history is about. */
export function entryTitle(entry: ActivityEntry): string {
  switch (entry.kind) {
    case 'founded':
      return 'Founded the network';
    case 'received':
      return `From ${shortAddress(entry.counterparty)}`;
    case 'sent':
      return `To ${shortAddress(entry.counterparty)}`;
    case 'self':
      return 'To yourself';
  }
}

/** The icon of a line. */
export function entryIcon(entry: ActivityEntry): IconName {
  switch (entry.kind) {
    case 'founded':
      return 'seed';
    case 'received':
      return 'receive';
    case 'sent':
      return 'send';
    case 'self':
      return 'self';
  }
}

/** The amount with the sign it has for the owner; what was paid to oneself has moved nowhere. */
export function entryUnits(entry: ActivityEntry): bigint {
  return entry.kind === 'sent' ? -entry.amount : entry.amount;
}

/** Name of a state, in a word for lists and in full, and what it means for somebody who waits for money. */
export function stateText(state: TransactionState): {
  readonly word: string;
  readonly name: string;
  readonly meaning: string;
} {
  switch (state) {
    case 'mempool':
      return { word: 'waiting', name: 'Waiting', meaning: 'Some of its history has not arrived yet, so it does not count.' };
    case 'unconfirmed':
      return {
        word: 'valid',
        name: 'Valid, not yet confirmed',
        meaning: 'Its whole history is right. So far nothing is known of the same money being spent elsewhere; that can still change.',
      };
    case 'contested':
      return {
        word: 'contested',
        name: 'Contested',
        meaning: 'The same money was spent twice. The network is deciding; do not rely on it yet.',
      };
    case 'confirmed':
      return { word: 'confirmed', name: 'Confirmed', meaning: 'It has stood unopposed, and most connected devices hold it.' };
    case 'conflicted':
      return { word: 'void', name: 'Void', meaning: 'The same money was spent elsewhere first. This payment does not count.' };
    case 'rejected':
      return { word: 'invalid', name: 'Invalid', meaning: 'It breaks a rule and will never count.' };
  }
}

/** Whether a transaction counts, as far as is known here. */
export const counts = (state: TransactionState): boolean => state === 'unconfirmed' || state === 'confirmed';

/** How many others hold it, as a sentence's end. */
export function holdersText(holders: number): string {
  return holders === 0 ? 'Nobody else holds it yet' : `Held by ${plural(holders, 'other device')}`;
}
