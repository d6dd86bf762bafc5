import { expect, test } from 'vitest';
import { type TxId, txidFromBytes } from '../../core/id.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makePayment } from '../testkit/people.ts';
import { ScriptedPeer } from '../testkit/scripted-peer.ts';
import { alice, bob, genesis } from '../testkit/world.ts';
import { Voting } from './voting.ts';

const sidesOf = (count: number) => Array.from({ length: count }, (_, n) => makePayment(alice, [genesis], bob.address, 1_000n, n).txid);
const voted = (peer: ScriptedPeer) => peer.heard.flatMap((message) => (message.t === 'vote' ? message.votes : []));
/** Whatever is asked about is a side of an open contest. */
const ANY = { isSide: () => true, openSides: () => ({ has: () => true }) as unknown as ReadonlySet<TxId> };
const ids = (count: number) =>
  Array.from({ length: count }, (_, n) => txidFromBytes(new Uint8Array(32).fill(n >> 8, 0, 1).fill(n & 255, 1, 2)));

test('votes get a tenth of the time, however many contests there are', async () => {
  const clock = new VirtualClock();
  let [spentMs, votes] = [0, 0];
  const search = (_: Uint8Array, effortMs: number) =>
    new Promise<number>((resolve) => {
      clock.after(effortMs, () => {
        spentMs += effortMs;
        resolve(++votes);
      });
    });
  const voting = new Voting({ genesis: genesis.txid, clock, search, bitsOf: () => 1, ...ANY });
  const sides = sidesOf(20);
  for (let passedMs = 0; passedMs < 100_000; passedMs += 250) {
    for (const side of sides) void voting.cast(side, 100);
    await clock.advance(250);
  }
  expect(votes).toBeGreaterThan(50);
  expect(spentMs).toBeLessThanOrEqual(10_100);
});

/** Counts the votes of one peer, and passes them on to another one; nonces below a thousand have work. */
function openVoting(openSides = ANY.openSides) {
  const clock = new VirtualClock();
  const bitsOf = (_: Uint8Array, nonce: number) => (nonce < 1_000 ? 4 : 0);
  const voting = new Voting({ genesis: genesis.txid, clock, search: undefined, bitsOf, isSide: () => true, openSides });
  const [voter, other] = [new ScriptedPeer('voter'), new ScriptedPeer('other')];
  for (const peer of [voter, other]) voting.joined(peer);
  const take = async (txids: readonly TxId[], nonces: readonly number[]) => {
    for (const txid of txids) voting.receive(voter, { t: 'vote', votes: nonces.map((nonce) => ({ txid, nonce })) });
    await clock.advance(1_000);
  };
  return { voting, other, take };
}

test('votes without work, each with a smaller nonce than the last, are not passed on without end, and hold up no others', async () => {
  const { voting, other, take } = openVoting();
  const [side = genesis.txid] = sidesOf(1);
  for (let last = 9e15; last > 9e15 - 640; last -= 64)
    await take(
      [side],
      Array.from({ length: 64 }, (_, n) => last - n),
    );
  expect(voted(other)).toHaveLength(64);
  expect(voting.weightOf(side)).toBe(64n);
  await take([side], [1, 2]);
  await take([side], [2, 1]);
  expect(voted(other)).toHaveLength(66);
  expect(voting.weightOf(side)).toBe(62n + 2n * 16n);
});

test('where there is no room for more ballots, votes do not go around for ever', async () => {
  const { other, take } = openVoting();
  const sides = ids(1_030);
  for (let from = 0; from < sides.length; from += 256) await take(sides.slice(from, from + 256), [1]);
  const before = voted(other).length;
  expect(before).toBe(1_024);
  await take(sides.slice(-256), [1]);
  expect(voted(other)).toHaveLength(before);
});

test('whoever fills all ballots without work keeps out none with work, and what was given up does not come back', async () => {
  const { voting, other, take } = openVoting();
  const [side, ...free] = ids(1_025) as [TxId, ...TxId[]];
  for (let from = 0; from < free.length; from += 256) await take(free.slice(from, from + 256), [5_000]);
  await take([side], [5_000]);
  expect(voting.weightOf(side)).toBe(0n);
  await take([side], [1]);
  expect(voting.weightOf(side)).toBe(16n);
  const before = voted(other).length;
  for (let from = 0; from < free.length; from += 256) await take(free.slice(from, from + 256), [5_000]);
  expect(voted(other)).toHaveLength(before);
});

test('ballots of contests that are over make room for one of an open contest, however heavy they are', async () => {
  const open = new Set<TxId>();
  const { voting, take } = openVoting(() => open);
  const [side, other, ...over] = ids(1_026) as [TxId, TxId, ...TxId[]];
  for (let from = 0; from < over.length; from += 256) await take(over.slice(from, from + 256), [1]);
  open.add(side);
  await take([side, other], [5_000]);
  expect([side, other].map((txid) => voting.weightOf(txid))).toEqual([1n, 0n]);
});
