import { expect, test } from 'vitest';
import type { Clock } from '../time/clock.ts';
import { Surroundings } from './surroundings.ts';

/** Rings when told, as late as told. */
function sleepyClock() {
  let nowMs = 1_000;
  let alarm: (() => void) | undefined;
  const clock: Clock = {
    nowMs: () => nowMs,
    after: (_, action) => {
      alarm = action;
      return () => {
        alarm = undefined;
      };
    },
  };
  const ring = (afterMs: number) => {
    nowMs += afterMs;
    alarm?.();
  };
  return { clock, ring };
}

function watch() {
  const { clock, ring } = sleepyClock();
  const log: string[] = [];
  const surroundings = new Surroundings(clock, {
    changed: ({ online, visible }) => log.push(`${online ? 'online' : 'offline'} ${visible ? 'visible' : 'hidden'}`),
    woke: () => log.push('woke'),
  });
  return { surroundings, ring, log };
}

const shown = { online: true, visible: true, resumed: false };

test('the app is visible while any tab is, and until a tab says otherwise', () => {
  const { surroundings, log } = watch();
  surroundings.tell('a', { ...shown, visible: false });
  surroundings.tell('b', shown);
  surroundings.tell('b', shown);
  surroundings.leave('b');
  surroundings.leave('nobody');
  expect(log).toEqual(['online hidden', 'online visible', 'online hidden']);
});

test('who is online again, or comes back from the cache, has woken up', () => {
  const { surroundings, log } = watch();
  surroundings.tell('a', { ...shown, online: false });
  surroundings.tell('a', shown);
  surroundings.tell('a', { ...shown, resumed: true });
  expect(log).toEqual(['offline visible', 'online visible', 'woke', 'woke']);
});

test('a clock that has jumped tells that the device slept; timers of a hidden page are no sleep', () => {
  const { surroundings, ring, log } = watch();
  ring(5_000);
  ring(60_000);
  expect(log).toEqual([]);
  ring(600_000);
  expect(log).toEqual(['woke']);
  surroundings.stop();
  ring(600_000);
  expect(log).toEqual(['woke']);
});
