import { describe, expect, test } from 'vitest';
import type { Standing } from '../../api/node.ts';
import { type StandingFacts, standingText, waitOf } from './standing-text.ts';

const STANDING: Standing = { stage: 'fresh', sinceMs: 4_000, confirmsInMs: 11_000, rivals: [], peers: 3, isCounting: true };
const RIVAL = 'a'.repeat(64) as Standing['rivals'][number];

function facts(change: Partial<StandingFacts> = {}, standing: Partial<Standing> = {}): StandingFacts {
  return { kind: 'received', state: 'unconfirmed', holders: 2, delivered: true, standing: { ...STANDING, ...standing }, ...change };
}

describe('may I hand over the goods?', () => {
  test.each([
    ['fresh', facts(), 'Not yet. Wait until it is confirmed.'],
    ['alone', facts({}, { peers: 0, isCounting: false }), 'Not yet.'],
    [
      'contested',
      facts({ state: 'contested', cheat: 'sender' }, { stage: 'contested', confirmsInMs: undefined }),
      'No, wait. It may be withdrawn.',
    ],
    ['confirmed', facts({ state: 'confirmed' }, { stage: 'confirmed', confirmsInMs: 0 }), 'Yes.'],
    ['confirmed, and few devices disagree', facts({ state: 'confirmed', differing: 1 }, { stage: 'confirmed', peers: 8 }), 'Yes.'],
    [
      'confirmed, and many devices disagree',
      facts({ state: 'confirmed', differing: 3 }, { stage: 'confirmed', peers: 8 }),
      'No, not while devices disagree.',
    ],
    ['withdrawn', facts({ state: 'conflicted', cheat: 'sender', standing: undefined }), 'No.'],
  ])('%s', (_, given, answer) => {
    expect(standingText(given).answer).toBe(answer);
  });

  test('nobody asks about what one has sent', () => {
    expect(standingText(facts({ kind: 'sent' })).answer).toBeUndefined();
  });
});

test('what is said does not change from second to second', () => {
  const { title, text, answer } = standingText(facts());
  expect(standingText(facts({}, { confirmsInMs: 10_000, sinceMs: 5_000 }))).toMatchObject({ title, text, answer });
});

test('alone, or while catching up, time is not said to pass', () => {
  expect(standingText(facts({}, { peers: 0, isCounting: false })).text).toContain('waits for other devices');
  expect(standingText(facts({}, { isCounting: false })).text).toContain('catch up');
});

test('what it rests on is counted', () => {
  expect(standingText(facts()).basis).toEqual([
    'None of the 3 connected devices has told of another use of the money.',
    '2 other devices hold it now.',
    'Unopposed for 4 seconds in touch with others.',
  ]);
  expect(standingText(facts({ witnesses: { asked: 4, clear: 3, disputed: 0, unspent: 3 } })).basis[0]).toBe(
    '3 of 4 devices asked know of no other use of the money; 3 of 4 show that it is unspent.',
  );
  expect(standingText(facts({ state: 'contested' }, { rivals: [RIVAL], confirmsInMs: undefined })).basis[0]).toBe(
    '1 other payment of the same money is known.',
  );
});

test('a cheat is blamed on the sender only where it was the sender', () => {
  const lost = { state: 'conflicted', standing: undefined } as const;
  expect(standingText(facts({ ...lost, cheat: 'sender' })).text).toMatch(/^Its sender spent the same money twice/);
  expect(standingText(facts({ ...lost, cheat: 'earlier' })).text).toContain('by somebody before');
  expect(standingText(facts({ ...lost, cheat: 'sender', kind: 'sent' })).text).toContain('with your words');
});

test('the ring closes with good time, and only on the way to confirmed', () => {
  expect(waitOf(facts())).toEqual({ share: expect.closeTo(4 / 15), left: 11 });
  expect(waitOf(facts({}, { confirmsInMs: 1 }))).toMatchObject({ left: 0 });
  expect(waitOf(facts({ state: 'contested' }, { confirmsInMs: undefined }))).toBeUndefined();
  expect(waitOf(facts({ state: 'confirmed' }, { confirmsInMs: 0 }))).toBeUndefined();
});

test('a proof of a cheat that comes long after is told calmly, and changes nothing', () => {
  const settled = { stage: 'confirmed', confirmsInMs: 0, rivals: [RIVAL] } as const;
  const { tone, title, text, answer, basis } = standingText(facts({ state: 'confirmed' }, settled));
  expect([tone, title, answer]).toEqual(['good', 'Confirmed', 'Yes.']);
  expect(text).toBe('The same money was spent again, but this payment is the one that counts.');
  expect(basis[0]).toBe('1 other payment of the same money is known.');
});

test('a fork is told on both of its sides, and whose choice it was', () => {
  const confirmed = { stage: 'confirmed', confirmsInMs: 0, peers: 8 } as const;
  const disputed = standingText(facts({ state: 'confirmed', differing: 3, chosenAtMs: 1 }, confirmed));
  expect(disputed).toMatchObject({ tone: 'caution', title: 'Devices disagree' });
  expect(disputed.text).toContain('3 connected devices count another payment');
  expect(disputed.basis).toContain('You chose this side; this device stays on it.');
  const few = standingText(facts({ state: 'confirmed', differing: 1 }, confirmed));
  expect(few).toMatchObject({ tone: 'good', title: 'Confirmed' });
  expect(few.basis).toContain('1 connected device counts another payment of the money instead.');
  const lost = standingText(facts({ state: 'conflicted', standing: undefined, cheat: 'sender', differing: 2, chosenAtMs: 1 }));
  expect(lost.text).toContain('you chose to follow the other side');
  expect(lost.basis).toEqual(['2 connected devices count it all the same.']);
  expect(waitOf(facts({ differing: 2 }))).toBeUndefined();
});
