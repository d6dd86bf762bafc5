import { describe, expect, it } from 'vitest';
import { addressOf } from '../../core/address.ts';
import type { PublicKey } from '../../core/id.ts';
import { draftOf, fillDraft, findRequest, readDraft, requestOf } from './read-draft.ts';

const ADDRESS = addressOf('ab'.repeat(32) as PublicKey, 'river');
const GOOD = { to: ADDRESS, amount: '12.5', all: false, note: '' };

describe('a draft of a payment', () => {
  it('becomes a request when all fields are right', () => {
    expect(requestOf(readDraft(GOOD, 'river'))).toEqual({ to: ADDRESS, amount: 12_500_000n, note: undefined });
  });

  it('forgives spaces and the capitals of a QR code in the address', () => {
    expect(readDraft({ ...GOOD, to: ` ${ADDRESS.toUpperCase()}\n` }, 'river').to).toEqual({ kind: 'ok', value: ADDRESS });
  });

  it('refuses an address of another network by name', () => {
    expect(readDraft(GOOD, 'ttx').to).toMatchObject({ kind: 'wrong', text: expect.stringContaining('another network') });
  });

  it('refuses a mistyped address', () => {
    expect(readDraft({ ...GOOD, to: `${ADDRESS.slice(0, -1)}${ADDRESS.endsWith('q') ? 'p' : 'q'}` }, 'river').to.kind).toBe('wrong');
  });

  it.each(['1,5', '1.2345678', 'x', '-1', '0', '1e3', '9'.repeat(40)])('refuses the amount %s', (amount) => {
    expect(readDraft({ ...GOOD, amount }, 'river').amount.kind).toBe('wrong');
  });

  it.each([
    ['1,5', 'not a comma'],
    ['1.2345678', 'at most 6 decimals'],
    ['12 five', 'Write digits'],
    ['9007199254.740992', 'No payment can be more than'],
    ['99 999 999 999', 'No payment can be more than'],
  ])('says what is wrong with the amount %s', (amount, words) => {
    expect(readDraft({ ...GOOD, amount }, 'river').amount).toMatchObject({ kind: 'wrong', text: expect.stringContaining(words) });
  });

  it('sends everything whatever stands in the amount', () => {
    expect(readDraft({ ...GOOD, amount: 'x', all: true }, 'river').amount).toEqual({ kind: 'ok', value: 'all' });
  });

  it('counts a note in bytes', () => {
    expect(readDraft({ ...GOOD, note: 'ü'.repeat(500) }, 'river').note.kind).toBe('ok');
    expect(readDraft({ ...GOOD, note: 'ü'.repeat(501) }, 'river').note.kind).toBe('wrong');
  });

  it('is incomplete without being wrong while a field is empty', () => {
    const reading = readDraft({ ...GOOD, to: ' ' }, 'river');
    expect(reading.to.kind).toBe('empty');
    expect(requestOf(reading)).toBeUndefined();
  });

  it('is filled from a payment link', () => {
    const link = findRequest(`https://x.example/#/pay?to=${ADDRESS}&amount=1234.5&note=two%20words`);
    expect(link && draftOf(link)).toEqual({ to: ADDRESS, amount: '1234.5', all: false, note: 'two words' });
    expect(findRequest('https://x.example/#/pay?to=nobody')).toBeUndefined();
  });

  it('takes a bare address into what has been typed already', () => {
    const link = { kind: 'address', address: ADDRESS, hrp: 'river' } as const;
    const typed = { to: ' ', amount: '5', all: false, note: 'lunch' };
    expect(fillDraft(typed, link)).toEqual({ ...typed, to: ADDRESS });
    expect(fillDraft({ ...typed, to: 'somebody else' }, link)).toEqual({ to: ADDRESS, amount: '', all: false, note: '' });
  });

  it('begins anew with a request that names its amount', () => {
    const link = findRequest(`#/pay?to=${ADDRESS}&amount=7`);
    expect(link && fillDraft({ to: '', amount: '5', all: true, note: 'lunch' }, link)).toMatchObject({ amount: '7', all: false, note: '' });
  });
});
