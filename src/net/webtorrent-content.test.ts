/** Attached files in the swarm: whoever brings wrong pieces, whoever lies about lengths, and transactions of the same infohash. */
import { createHash } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type Wire from 'bittorrent-protocol';
import { beforeEach, expect, test, vi } from 'vitest';
import { describeAttachment } from '../core/attachment.ts';
import { clock, infohashes, open, reset, settle, tracker } from './webtorrent.contract.ts';
import { deliverBlock } from './wire.contract.ts';

beforeEach(reset);

const content = new TextEncoder().encode('not for everybody');
const pieces = createHash('sha1').update(content).digest();
const described = describeAttachment({ size: content.length, sha256: 'a'.repeat(64), pieces }, 'letter.txt', 'text/plain');
const { attachment: name, info } = described;
const letter = { ...name, info, load: async () => content };
infohashes.set(String(Uint8Array.from([...Buffer.from('d4:info'), ...info, 0x65])), name.infohash);

type Node = Awaited<ReturnType<typeof open>>;

/** Begins to fetch the letter. */
function fetch(node: Node) {
  const wires: (Wire & EventEmitter)[] = [];
  const ended = new AbortController();
  const state = { peers: 0, error: undefined as unknown };
  const fetched = node.swarm.fetchContent(name, { signal: ended.signal, progress: ({ peers }) => (state.peers = peers) });
  fetched.catch((error) => (state.error = error));
  const torrent = node.torrents.at(-1);
  torrent?.on('wire', (wire) => wires.push(wire));
  const deliver = (n: number) => deliverBlock(wires[n] as Wire, 0);
  const spoil = () => torrent?.emit('warning', new Error('Piece 0 failed verification'));
  return { state, ended, torrent, wires, deliver, spoil };
}

/** Fetches it from two who have it. */
async function fetchFromTwo(metadataSize = info.length) {
  for (const digit of ['1', '2']) (await open(digit, metadataSize)).swarm.seedContent(letter);
  await settle();
  const a = await open('a');
  const fetching = fetch(a);
  await settle();
  return { a, ...fetching };
}

test('who brought all of a wrong piece is let go, and the other one stays', async () => {
  const { state, wires, deliver, spoil } = await fetchFromTwo();
  expect(state.peers).toBe(2);
  deliver(1);
  spoil();
  await settle();
  expect([state.peers, wires[0]?.destroyed, wires[1]?.destroyed]).toEqual([1, false, true]);
});

test('an honest seeder is not barred for the block of a stranger who left', async () => {
  const { state, wires, deliver, spoil } = await fetchFromTwo();
  deliver(0);
  wires[0]?.destroy();
  await settle();
  deliver(1);
  spoil();
  await settle();
  expect([state.peers, wires[1]?.destroyed]).toEqual([1, false]);
});

test('of two who both brought blocks of a wrong piece one stays, so that next time it is known who', async () => {
  const { state, wires, deliver, spoil } = await fetchFromTwo();
  for (const wire of wires) deliverBlock(wire, 0);
  spoil();
  await settle();
  expect([state.peers, wires[0]?.destroyed]).toEqual([1, false]);
  deliver(0);
  spoil();
  await settle();
  expect(wires[0]?.destroyed).toBe(true);
});

test('strangers who say that the metadata is of another length are let go, and end nothing', async () => {
  const { state, wires, torrent } = await fetchFromTwo(20_000);
  for (let second = 0; second < 60; second++) {
    clock.leap(1_000);
    await settle();
  }
  expect(wires.length).toBeGreaterThanOrEqual(2);
  expect([state.peers, state.error, torrent?.destroyed]).toEqual([0, undefined, false]);
});

test('a transaction is not sought behind the infohash of a file that is here, and the file stays seeded', async () => {
  const a = await open('a');
  a.swarm.seedContent(letter);
  const { signal } = new AbortController();
  await expect(a.swarm.fetch(name.infohash, { signal })).rejects.toMatchObject({ code: 'schema' });
  expect(a.torrents.map(({ destroyed }) => destroyed)).toEqual([false]);
});

test('a transaction that is sought behind the infohash of a file ends when the file is here', async () => {
  const a = await open('a');
  const outcome = expect(a.swarm.fetch(name.infohash, { signal: new AbortController().signal })).rejects.toMatchObject({ code: 'schema' });
  a.swarm.seedContent(letter);
  await outcome;
  expect(a.torrents.map(({ destroyed }) => destroyed)).toEqual([true, false]);
});

test('a fetch waits while a transaction of its infohash is sought, and goes on afterwards', async () => {
  const a = await open('a');
  const { state } = fetch(a);
  const ended = new AbortController();
  const sought = a.swarm.fetch(name.infohash, { signal: ended.signal }).catch((reason) => reason);
  expect(a.torrents.map(({ destroyed }) => destroyed)).toEqual([true, false]);
  ended.abort('enough');
  expect(await sought).toBe('enough');
  expect(a.torrents.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
  await settle();
  expect(state.error).toBeUndefined();
});

test('a fetch ends where a transaction of its infohash turns out to be here', async () => {
  const a = await open('a');
  const { state } = fetch(a);
  a.swarm.seed({ infohash: name.infohash, bytes: content, role: 'payment' });
  await settle();
  expect(state.error).toMatchObject({ code: 'attachment' });
  expect(a.torrents.map(({ destroyed }) => destroyed)).toEqual([true, false]);
});

test('others who only fetch it as well, or give nothing, do not keep it from being sought', async () => {
  const a = await open('a');
  const { state } = fetch(a);
  for (const digit of ['1', '2', '3']) fetch(await open(digit));
  for (let second = 0; second < 30; second++) {
    clock.leap(1_000);
    await settle();
  }
  expect(state.peers).toBe(3);
  const hear = vi.spyOn(tracker, 'hear');
  (await open('4', info.length)).swarm.seedContent(letter);
  for (let second = 0; second < 30; second++) {
    clock.leap(1_000);
    await settle();
  }
  const offers = hear.mock.calls.map(([, message]) => message as { peer_id: string; offers?: object[] });
  const own = offers.filter(({ peer_id }) => Buffer.from(peer_id, 'latin1').toString('hex') === a.id);
  expect(own.some(({ offers = [] }) => offers.length > 0)).toBe(true);
});
