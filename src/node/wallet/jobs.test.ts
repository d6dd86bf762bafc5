import { expect, test } from 'vitest';
import { Jobs } from './jobs.ts';

test('a job that still runs is not started again when it is asked for, however many others have ended meanwhile', async () => {
  const jobs = new Jobs(() => undefined);
  let started = 0;
  let end = (_: string) => {};
  const wait = () => {
    started++;
    return new Promise<string>((resolve) => {
      end = resolve;
    });
  };
  const first = jobs.run('waits', 'pay', wait);
  for (let n = 0; n < 100; n++) await jobs.run(`${n}`, 'pay', async () => n);
  const again = jobs.run('waits', 'pay', wait);
  expect([started, jobs.list().length]).toEqual([1, 1]);
  end('paid');
  expect(await Promise.all([first, again])).toEqual(['paid', 'paid']);
});

test('of what has ended the latest results are given to whoever asks again; what failed is tried again', async () => {
  const jobs = new Jobs(() => undefined);
  for (let n = 0; n < 30; n++) await jobs.run(`${n}`, 'pay', async () => n);
  const again = (id: string) => jobs.run<unknown>(id, 'pay', async () => 'again');
  expect([await again('29'), await again('0')]).toEqual([29, 'again']);
  await jobs.run('fails', 'pay', () => Promise.reject(new Error('no'))).catch(() => undefined);
  expect(await again('fails')).toBe('again');
});
