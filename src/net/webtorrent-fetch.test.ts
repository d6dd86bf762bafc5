/** Fetching a transaction from its own swarm. */
import { beforeEach, describe, expect, test } from 'vitest';
import { encode } from '../core/bencode.ts';
import { infoDictionary } from '../core/torrent.ts';
import { clock, FakeSocket, genesis, open, payment, reset, settle, tracker } from './webtorrent.contract.ts';
import { WebTorrentSwarm } from './webtorrent.ts';

beforeEach(reset);

test('a torrent that is not a transaction ends its fetch', async () => {
  const a = await open('a');
  const fetched = a.swarm.fetch(payment.infohash, { signal: new AbortController().signal });
  await settle();
  const [torrent] = a.torrents;
  if (torrent === undefined) throw new Error('no torrent');
  torrent.infoBuffer = encode({ length: 7, name: 'tx.json', 'piece length': 16_384, pieces: new Uint8Array(20) });
  torrent.emit('metadata');
  await expect(fetched).rejects.toMatchObject({ code: 'schema' });
  expect(torrent.destroyed).toBe(true);
});

describe('a fetch whose peers say that the metadata is too long for a transaction', () => {
  /** Starts to fetch the payment from peers that name these lengths, and lets a moment pass. */
  async function fetchFrom(...sizes: number[]) {
    const seeders = await Promise.all(sizes.map((size, n) => open(String(n + 1), size)));
    for (const { swarm } of seeders) swarm.seed(payment);
    await settle();
    const a = await open('a');
    let verdict: unknown;
    let connected = 0;
    const options = { signal: new AbortController().signal, connected: (peers: number) => (connected = peers) };
    a.swarm.fetch(payment.infohash, options).catch((error: unknown) => {
      verdict = error;
    });
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        await settle();
        clock.leap(1_000);
      }
      await settle();
    };
    await pass(5);
    return { a, seeders, pass, verdict: () => verdict, connected: () => connected };
  }

  test('ends when two said so and nobody else came', async () => {
    const { a, pass, verdict } = await fetchFrom(20_000, 3_000);
    expect([verdict(), a.torrents[0]?.destroyed]).toEqual([undefined, false]);
    await pass(30);
    expect(verdict()).toMatchObject({ code: 'schema' });
    expect([a.torrents[0]?.destroyed, a.swarm.status().torrents]).toEqual([true, []]);
  });

  test('goes on while only one says so, again and again', async () => {
    const { a, pass, verdict } = await fetchFrom(20_000);
    await pass(90);
    expect([verdict(), a.torrents[0]?.destroyed]).toEqual([undefined, false]);
  });

  test('goes on if another one that comes later says otherwise', async () => {
    const { a, seeders, pass, verdict, connected } = await fetchFrom(20_000, 3_000);
    // The made-up tracker passes offers to the first two it knows.
    seeders[0]?.swarm.unseed(payment.infohash);
    const honest = await open('c');
    honest.swarm.seed(payment);
    await pass(90);
    expect([verdict(), a.torrents[0]?.destroyed, connected()]).toEqual([undefined, false, 1]);
  });

  test('ends for nobody once the metadata is here', async () => {
    const { a, pass, verdict } = await fetchFrom(20_000, 3_000);
    const [torrent] = a.torrents;
    if (torrent === undefined) throw new Error('no torrent');
    torrent.infoBuffer = infoDictionary(payment.bytes);
    torrent.emit('metadata');
    await pass(60);
    expect([verdict(), torrent.destroyed]).toEqual([undefined, false]);
  });
});

test('callers of one fetch share a torrent, which ends with the last of them', async () => {
  const a = await open('a');
  const [first, second] = [new AbortController(), new AbortController()];
  const fetches = [first, second].map(({ signal }) => a.swarm.fetch(payment.infohash, { signal }));
  const outcomes = Promise.allSettled(fetches);
  await settle();
  expect(a.torrents).toHaveLength(1);
  first.abort('first');
  expect(a.torrents[0]?.destroyed).toBe(false);
  second.abort('second');
  expect(a.torrents[0]?.destroyed).toBe(true);
  expect(await outcomes).toMatchObject([{ reason: 'first' }, { reason: 'second' }]);
  await expect(a.swarm.fetch(payment.infohash, { signal: first.signal })).rejects.toBe('first');
});

test('what is seeded is fetched from memory, and a file that arrives otherwise ends the fetch', async () => {
  const a = await open('a');
  const fetched = a.swarm.fetch(payment.infohash, { signal: new AbortController().signal });
  a.swarm.seed(payment);
  a.swarm.seed(payment);
  expect(await fetched).toEqual(payment.bytes);
  expect(await a.swarm.fetch(payment.infohash, { signal: new AbortController().signal })).toEqual(payment.bytes);
  expect(a.swarm.status().torrents).toHaveLength(1);
  a.swarm.unseed(payment.infohash);
  expect(a.swarm.status().torrents).toEqual([]);
});

test('what was asked for before the start happens after it, and stopping ends fetches', async () => {
  const a = await open('a');
  const b = new WebTorrentSwarm({
    load: () => new Promise(() => {}),
    connectTracker: () => new FakeSocket(tracker),
    clock,
    random: () => 0,
    randomBytes: (count) => new Uint8Array(count),
    iceServers: [],
  });
  b.seed(genesis);
  b.setTrackers(['wss://tracker.example']);
  void b.start({ peer: () => {}, message: () => {}, gone: () => {}, changed: () => {} });
  const fetched = b.fetch(payment.infohash, { signal: new AbortController().signal });
  const outcome = expect(fetched).rejects.toMatchObject({ code: 'cancelled' });
  expect(b.status()).toEqual({ torrents: [], trackers: [{ url: 'wss://tracker.example', status: 'offline' }] });
  await b.stop();
  await outcome;
  await a.swarm.stop();
  expect(a.swarm.status().torrents).toEqual([]);
});
