import { expect, test } from 'vitest';
import type { Infohash } from '../core/id.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { Introducer } from './introducer.ts';
import type { Peer } from './swarm.ts';

/** Peers who know nobody else. */
function open() {
  const clock = new VirtualClock();
  const peers = new Map<string, Peer>();
  const asked: string[] = [];
  const introducer = new Introducer({
    peerId: 'me',
    clock,
    peers: () => [...peers.values()],
    meetingPlace: () => '1'.repeat(40) as Infohash,
    wants: () => true,
    signaling: {
      offer: ({ source }) => {
        asked.push(source);
        return true;
      },
      takeOffer: () => false,
      takeAnswer: () => 'unknown-offer',
    },
  });
  const join = (id: string) => {
    peers.set(id, { id } as Peer);
    introducer.refresh();
  };
  const leave = (id: string) => {
    peers.delete(id);
    introducer.refresh();
  };
  return { clock, asked, join, leave };
}

test('whoever comes and goes all the time does not make it ask all the time', async () => {
  const { clock, asked, join, leave } = open();
  join('stays');
  join('flaps');
  await clock.advance(300_000);
  const before = asked.length;
  for (let times = 0; times < 120; times++) {
    leave('flaps');
    await clock.advance(2_500);
    join('flaps');
    await clock.advance(2_500);
  }
  // Ten minutes: as if everybody were met anew every two. Without end it would be 40.
  expect(asked.length - before).toBeLessThanOrEqual(20);
  expect(asked.length - before).toBeGreaterThan(3);
});

test('somebody new is asked soon, however long nobody else brought anybody', async () => {
  const { clock, asked, join } = open();
  join('old');
  await clock.advance(1_200_000);
  const before = asked.length;
  join('new');
  await clock.advance(10_000);
  expect(asked.slice(before)).toEqual(['new']);
});
