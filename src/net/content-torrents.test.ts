import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import Wire from 'bittorrent-protocol';
import { beforeEach, expect, test } from 'vitest';
import type { ChunkStore, Torrent, TorrentOptions } from 'webtorrent';
import { describeAttachment } from '../core/attachment.ts';
import type { Infohash } from '../core/id.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { ContentTorrents } from './content-torrents.ts';

const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest();
const content = Uint8Array.from({ length: 70_000 }, (_, n) => n % 251);
const pieces = new Uint8Array(Buffer.concat([sha1(content.subarray(0, 65_536)), sha1(content.subarray(65_536))]));
const { attachment: name, info } = describeAttachment({ size: content.length, sha256: 'a'.repeat(64), pieces }, 'bread.png', 'image/png');

/** As much of WebTorrent's torrent as is touched. */
class FakeTorrent extends EventEmitter {
  infoBuffer?: Uint8Array;
  destroyed = false;
  readonly source: string | Uint8Array;
  readonly store: ChunkStore | undefined;
  constructor(source: string | Uint8Array, { store: Store, preloadedStore }: TorrentOptions) {
    super();
    this.source = source;
    this.store = preloadedStore ?? (Store && new Store(65_536));
  }
  receive(dictionary: Uint8Array): void {
    this.infoBuffer = dictionary;
    this.emit('metadata');
  }
  complete(): void {
    this.store?.put(0, content.subarray(0, 65_536));
    this.store?.put(1, content.subarray(65_536));
    this.emit('done');
  }
}

let clock: VirtualClock;
let contents: ContentTorrents;
let added: FakeTorrent[];
let closed: Infohash[];
let transaction: 'none' | 'sought' | 'here';
let spoiled: (Wire | undefined)[];
let sought: number;
let peers: number;
beforeEach(() => {
  clock = new VirtualClock(0);
  contents = new ContentTorrents();
  added = [];
  closed = [];
  transaction = 'none';
  spoiled = [];
  sought = 0;
  peers = 2;
});

function start(): void {
  contents.start({
    clock,
    add: (source, options) => {
      const torrent = new FakeTorrent(source, options);
      added.push(torrent);
      return torrent as unknown as Torrent;
    },
    transaction: () => transaction,
    opened: () => {},
    closed: (infohash) => closed.push(infohash),
    connections: () => peers,
    seek: () => void sought++,
    spoiled: (_, culprit) => void spoiled.push(culprit),
  });
}

const seed = { ...name, info, load: async () => content };
const fetch = (signal = new AbortController().signal, progress: { peers: number; receivedBytes: number }[] = []) =>
  contents.fetch(name, { signal, progress: (step) => progress.push(step) });

test('a file is fetched whole, with its progress, and its torrent closed before it is known what it is', async () => {
  start();
  const progress: { peers: number; receivedBytes: number }[] = [];
  const fetched = fetch(undefined, progress);
  expect(added[0]?.source).toBe(name.infohash);
  expect(contents.isFetched(name.infohash)).toBe(true);
  expect(contents.metadataBytes(name.infohash)).toBe(info.length);
  contents.count(name.infohash);
  added[0]?.receive(info);
  added[0]?.complete();
  expect(await fetched).toEqual({ info, bytes: content });
  expect(progress).toEqual([0, 65_536, 70_000].map((receivedBytes) => ({ peers: 2, receivedBytes })));
  expect(closed).toEqual([name.infohash]);
  expect(contents.isFetched(name.infohash)).toBeUndefined();
});

test('a torrent of another name or size is refused before a piece of it is asked for', async () => {
  start();
  const film = describeAttachment({ size: 70_001, sha256: 'a'.repeat(64), pieces }, 'bread.png', 'image/png').info;
  const fetched = fetch();
  added[0]?.receive(film);
  await expect(fetched).rejects.toMatchObject({ code: 'attachment', detail: { what: 'torrent' } });
  expect(closed).toEqual([name.infohash]);
});

test('nobody is given a piece while it is not known what it is', async () => {
  start();
  void fetch().catch(() => undefined);
  const wire = new Wire('webrtc');
  added[0]?.emit('wire', wire);
  wire.unchoke();
  expect(wire.amChoking).toBe(true);
  contents.seed({ ...seed, infohash: 'b'.repeat(40) as Infohash });
  const other = new Wire('webrtc');
  added[1]?.emit('wire', other);
  other.unchoke();
  expect(other.amChoking).toBe(false);
});

test('an abandoned fetch closes its torrent, and may begin again', async () => {
  start();
  const ended = new AbortController();
  const fetched = fetch(ended.signal);
  await expect(fetch()).rejects.toMatchObject({ code: 'bug' });
  ended.abort('enough');
  await expect(fetched).rejects.toBe('enough');
  expect(closed).toEqual([name.infohash]);
  const again = fetch();
  added[1]?.receive(info);
  added[1]?.complete();
  expect((await again).bytes).toEqual(content);
  await expect(contents.fetch(name, { signal: ended.signal })).rejects.toBe('enough');
});

test('what is seeded is loaded piece by piece when asked for, also if it was given before the start', async () => {
  contents.seed(seed);
  start();
  contents.seed(seed);
  expect(added).toHaveLength(1);
  expect(contents.isFetched(name.infohash)).toBe(false);
  const piece = await new Promise((resolve) => added[0]?.store?.get(1, null, (_, bytes) => resolve(bytes)));
  expect(piece).toEqual(content.subarray(65_536));
  contents.unseed(name.infohash);
  expect(closed).toEqual([name.infohash]);
  expect(contents.find(name.infohash)).toBeUndefined();
});

test('a transaction takes its infohash back from whoever called an attachment so', async () => {
  start();
  const fetched = fetch();
  contents.refuse(name.infohash);
  await expect(fetched).rejects.toMatchObject({ code: 'attachment' });
  transaction = 'here';
  await expect(fetch()).rejects.toMatchObject({ code: 'attachment' });
  contents.seed(seed);
  expect(added).toHaveLength(1);
});

test('while a transaction of its infohash is sought a fetch waits, if nothing is known yet', async () => {
  start();
  const progress: { peers: number; receivedBytes: number }[] = [];
  const fetched = fetch(undefined, progress);
  contents.count(name.infohash);
  expect(contents.isCertain(name.infohash)).toBe(false);
  transaction = 'sought';
  contents.pause(name.infohash);
  expect(closed).toEqual([name.infohash]);
  expect(progress.at(-1)).toEqual({ peers: 0, receivedBytes: 0 });
  transaction = 'none';
  contents.resume(name.infohash);
  added[1]?.receive(info);
  expect(contents.isCertain(name.infohash)).toBe(true);
  added[1]?.complete();
  expect((await fetched).bytes).toEqual(content);
});

test('what is fetched or seeded while a transaction is sought begins when that ends', async () => {
  start();
  transaction = 'sought';
  const fetched = fetch();
  contents.seed({ ...seed, infohash: 'b'.repeat(40) as Infohash });
  expect(added).toHaveLength(0);
  transaction = 'none';
  contents.resume(name.infohash);
  contents.resume('b'.repeat(40) as Infohash);
  expect(added).toHaveLength(2);
  added[0]?.receive(info);
  added[0]?.complete();
  await fetched;
});

test('connected peers are asked for it while nobody is in its swarm, until it ends', async () => {
  start();
  contents.seed({ ...seed, infohash: 'b'.repeat(40) as Infohash });
  const ended = new AbortController();
  const fetched = fetch(ended.signal);
  clock.leap(3_000);
  expect(sought).toBe(0);
  peers = 0;
  clock.leap(6_000);
  expect(sought).toBe(2);
  ended.abort('enough');
  await expect(fetched).rejects.toBe('enough');
  clock.leap(6_000);
  expect(sought).toBe(2);
});

test('a piece that came wrong is told, and a stop ends everything', async () => {
  start();
  contents.seed({ ...seed, infohash: 'b'.repeat(40) as Infohash });
  const fetched = fetch();
  added[1]?.emit('warning', new Error('Piece 0 failed verification'));
  expect(spoiled).toEqual([undefined]);
  contents.stop();
  await expect(fetched).rejects.toMatchObject({ code: 'cancelled' });
  expect(closed).toHaveLength(2);
  expect(contents.isFetching).toBe(false);
});
