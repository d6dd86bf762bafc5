import { expect, test } from 'vitest';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { SyncProgress } from './sync-progress.ts';

function open() {
  const clock = new VirtualClock();
  const world = { held: 1, peers: [1_000] as number[], isBusy: true };
  const progress = new SyncProgress({ clock, held: () => world.held, peers: () => world.peers, isBusy: () => world.isBusy });
  return { clock, world, progress };
}

test('says how many of about how many are here, and how fast they come', async () => {
  const { clock, world, progress } = open();
  for (let n = 0; n < 20; n++) {
    await clock.advance(250);
    world.held += 10;
    progress.take(10);
  }
  expect(progress.state()).toEqual({ held: 201, about: 1_000, perSec: 40 });
  await clock.advance(6_000);
  expect(progress.state()).toEqual({ held: 201, about: 1_000, perSec: 0 });
});

test('the rate is right from the second batch on', async () => {
  const { clock, progress } = open();
  progress.take(64);
  expect(progress.state()?.perSec).toBe(0);
  await clock.advance(1_000);
  progress.take(100);
  expect(progress.state()?.perSec).toBe(100);
});

test('one peer that claims to have any number is not believed when there are others', () => {
  const { world, progress } = open();
  world.peers = [10 ** 15, 900, 1_000];
  expect(progress.state()?.about).toBe(1_000);
});

test('a few that are missing are not worth showing, but what was begun is shown to its end', () => {
  const { world, progress } = open();
  world.held = 990;
  expect(progress.state()).toBeUndefined();
  world.held = 900;
  expect(progress.state()).toBeDefined();
  world.held = 999;
  expect(progress.state()).toBeDefined();
  world.held = 1_000;
  expect(progress.state()).toBeUndefined();
});

test('a difference that nobody works at is not shown as progress', () => {
  const { world, progress } = open();
  world.isBusy = false;
  expect(progress.state()).toBeUndefined();
});
