import { expect, test } from 'vitest';
import { STUN_HOSTS } from './stun.ts';

test('a deployment that names none asks the public ones, which are shown by their names', () => {
  expect(STUN_HOSTS).toEqual(['stun.l.google.com', 'global.stun.twilio.com']);
});
