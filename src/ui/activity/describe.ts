/** Transactions in plain words. */
import type { ActivityEntry, TransactionState } from '../../api/node.ts';
import { plural, shortAddress } from '../format.ts';
import type { IconName } from '../part/icon.tsx';

/** What a line of the history is about. */
export function entryTitle(entry: Pick<ActivityEntry, 'kind' | 'counterparty'>): string {
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

/** A state in a word or two, for lists. */
export const STATE_WORDS: { readonly [State in TransactionState]: string } = {
  mempool: 'waiting',
  unconfirmed: 'not yet confirmed',
  contested: 'contested',
  confirmed: 'confirmed',
  conflicted: 'withdrawn',
  rejected: 'refused',
};

/** Why a payment was withdrawn, or may be, as a part of a sentence. */
export function cheatText({ kind, cheat, state, chosenAtMs }: Pick<ActivityEntry, 'kind' | 'cheat' | 'state' | 'chosenAtMs'>): string {
  if (state === 'conflicted' && chosenAtMs !== undefined) return 'money was spent twice, and you chose the other side';
  if (cheat === 'earlier') return 'money that it came from was spent twice';
  return kind === 'received' ? 'its sender spent the money twice' : 'the money was spent twice with your words, perhaps on another device';
}

/** Whether a transaction counts, as far as is known here. */
export const counts = (state: TransactionState): boolean => state === 'unconfirmed' || state === 'confirmed';

/** Whether its amount is struck out: it has moved nothing. What is contested may yet. */
export const isVoid = (state: TransactionState): boolean => state === 'conflicted' || state === 'rejected';

/** How many others hold it, as a sentence's end. */
export function holdersText({ holders, delivered }: Pick<ActivityEntry, 'holders' | 'delivered'>): string {
  if (holders > 0) return `Held by ${plural(holders, 'other device')}`;
  return delivered ? 'Others have it, but none of them is connected now' : 'Nobody else is known to hold it yet';
}
