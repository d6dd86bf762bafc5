import { describe, expect, it } from 'vitest';
import { readFoundForm, USUAL } from './found-form.ts';

const FORM = { ...USUAL, name: 'Harbour' };

describe('the form that founds a network', () => {
  it('needs nothing but a name', () => {
    expect(readFoundForm(FORM)).toEqual({
      kind: 'ok',
      request: {
        parameters: { name: 'Harbour', hrp: 'ttx', burnPerByte: 1_000, workReward: 100_000, maxGain: 0 },
        supply: 1_000_000_000_000_000n,
        workBits: 20,
      },
    });
    expect(readFoundForm(USUAL)).toMatchObject({ kind: 'wrong', errors: { name: expect.any(String) } });
  });

  it('counts the name in characters, not in UTF-16 units', () => {
    expect(readFoundForm({ ...FORM, name: '🌊'.repeat(32) }).kind).toBe('ok');
    expect(readFoundForm({ ...FORM, name: '🌊'.repeat(33) }).kind).toBe('wrong');
  });

  it.each([
    ['supply', '0'],
    ['supply', '1,000'],
    ['supply', '99999999999'],
    ['hrp', 'TTX'],
    ['hrp', ''],
    ['hrp', 'abcdefghijklmnopq'],
    ['burnPerByte', '-1'],
    ['burnPerByte', '1.5'],
    ['workReward', '1099511627777'],
    ['maxGain', ''],
    ['workBits', '31'],
  ] as const)('refuses %s = %j and says which', (key, value) => {
    expect(readFoundForm({ ...FORM, [key]: value })).toMatchObject({ kind: 'wrong', errors: { [key]: expect.any(String) } });
  });
});
