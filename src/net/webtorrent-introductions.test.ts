/** Meeting through peers, and how many connections that makes. */
import { beforeEach, describe, expect, test } from 'vitest';
import { describeAttachment } from '../core/attachment.ts';
import type { Infohash } from '../core/id.ts';
import type { Intro } from '../core/message.ts';
import { writeDescription } from '../core/session-description.ts';
import { encodeMetainfo } from './metainfo.ts';
import type { Peer } from './swarm.ts';
import { clock, FakeConnection, file, genesis, infohashes, inv, open, payment, reset, settle, tracker } from './webtorrent.contract.ts';

/** Nobody's. */
const STRANGER = writeDescription({ ufrag: 'none', pwd: 'x'.repeat(24), fingerprint: 'ff'.repeat(32), setup: 'actpass', candidates: [] });

beforeEach(reset);

describe('without a tracker', () => {
  /** Passes on what peers send each other by way of `relay`, as its node does. */
  function relay(nodes: readonly Awaited<ReturnType<typeof open>>[], relayed: Awaited<ReturnType<typeof open>>) {
    const passed: string[] = [];
    const forge = { current: (intro: Intro) => intro };
    const pass = () => {
      for (const { from, intro } of relayed.intros.splice(0)) {
        const target = intro.to ?? nodes.find(({ id }) => id !== from.id && id !== relayed.id && !intro.known.includes(id))?.id;
        const peer = target === undefined ? undefined : relayed.peers.get(target);
        if (target === undefined || peer === undefined) continue;
        passed.push(intro.kind);
        peer.send({ ...forge.current(intro), to: target });
      }
    };
    const deliver = () => {
      for (const node of nodes) {
        if (node === relayed) continue;
        for (const { from, intro } of node.intros.splice(0)) node.swarm.introduced(from, intro);
      }
    };
    const run = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        clock.leap(1_000);
        await settle();
        pass();
        await settle();
        deliver();
        await settle();
      }
    };
    return { run, passed, forge };
  }

  /** Two nodes that each met a third, and not each other. */
  async function meetThrough() {
    const nodes = [await open('a'), await open('b'), await open('c')] as const;
    const [a, b, c] = nodes;
    b.swarm.seed(genesis);
    a.swarm.seed(genesis);
    await settle();
    tracker.forget(a.id);
    c.swarm.seed(genesis);
    await settle();
    tracker.isDead = true;
    expect([a.log, b.log, c.log]).toEqual([['peer b'], ['peer a', 'peer c'], ['peer b']]);
    return { a, b, c, ...relay(nodes, b) };
  }

  test('a peer introduces two others, who then are connected', async () => {
    const { a, c, run, passed } = await meetThrough();
    await run(30);
    expect([a.log, c.log]).toEqual([
      ['peer b', 'peer c'],
      ['peer b', 'peer a'],
    ]);
    expect(passed).toEqual(expect.arrayContaining(['offer', 'answer']));
    a.peers.get(c.id)?.send(inv);
    await settle();
    expect(c.messages).toContainEqual(inv);
  });

  test('whoever puts its own certificate into what it passes on is not believed', async () => {
    const { a, c, run, forge } = await meetThrough();
    forge.current = (intro) => {
      const sdp = new TextDecoder().decode(intro.signal).replace(/sha-256 ..:/, 'sha-256 EE:');
      return { ...intro, signal: new TextEncoder().encode(sdp) };
    };
    await run(120);
    expect([a.log, c.log]).toEqual([['peer b'], ['peer b']]);
  });

  test('nobody is asked again and again where there is nobody else', async () => {
    const { b, run, passed } = await meetThrough();
    await run(40);
    const before = FakeConnection.all.length;
    await run(1_800);
    expect(FakeConnection.all.length - before).toBeLessThan(40);
    expect([passed.filter((kind) => kind === 'answer').length <= 2, b.peers.size]).toEqual([true, 2]);
  }, 20_000);
});

test('a crowd that wants to connect, by a tracker and by introductions, makes no more than 40 connections at any moment', async () => {
  const a = await open('a');
  a.swarm.seed(genesis);
  for (const extra of Array.from({ length: 20 }, (_, i) => file(`{"payment":${i}}`, 'payment'))) a.swarm.seed(extra);
  a.swarm.fetch(payment.infohash, { signal: new AbortController().signal }).catch(() => {});
  await settle();
  let most = 0;
  const made = { count: FakeConnection.all.length };
  const swarms = ['genesis', ...Array.from({ length: 20 }, (_, i) => i)].map((name) =>
    name === 'genesis' ? genesis.infohash : file(`{"payment":${name}}`, 'payment').infohash,
  );
  const binary = (hex: string) => String.fromCharCode(...Buffer.from(hex, 'hex'));
  for (let second = 0; second < 120; second++) {
    for (let n = 0; n < 30; n++) {
      const number = second * 30 + n;
      const infohash = swarms[number % swarms.length] ?? '';
      const offer = { type: 'offer', sdp: STRANGER };
      const peerId = (n % 2 === 0 ? Buffer.from('-Tx0100-').toString('hex') : '') + number.toString(16).padStart(40, '0');
      tracker.tell(a.id, infohash, {
        peer_id: binary(peerId.slice(0, 16) + peerId.slice(-24)),
        offer_id: binary(peerId.slice(-40)),
        offer,
      });
    }
    await settle();
    most = Math.max(most, FakeConnection.all.filter(({ destroyed }) => !destroyed).length);
    clock.leap(1_000);
  }
  expect(FakeConnection.all.length - made.count).toBeGreaterThan(20);
  expect(most).toBeLessThanOrEqual(40);
}, 20_000);

test('an attached file that no tracker brings is found at a connected peer, by an offer for that peer alone', async () => {
  const [a, b] = [await open('a', 91), await open('b')];
  a.swarm.seed(genesis);
  await settle();
  b.swarm.seed(genesis);
  await settle();
  tracker.isDead = true;
  const hashes = { size: 5, sha256: 'a'.repeat(64), pieces: new Uint8Array(20).fill(7) };
  const { attachment, info } = describeAttachment(hashes, 'letter.txt', 'text/plain');
  infohashes.set(String(encodeMetainfo(info)), attachment.infohash);
  a.swarm.seedContent({ ...attachment, info, load: async () => undefined });
  const ended = new AbortController();
  const found: number[] = [];
  const fetched = b.swarm.fetchContent(attachment, { signal: ended.signal, progress: ({ peers }) => found.push(peers) });
  await settle();
  clock.leap(3_000);
  await settle();
  expect(a.intros).toMatchObject([{ intro: { kind: 'offer', from: b.id, to: a.id, known: [], torrent: attachment.infohash } }]);
  for (const { from, intro } of a.intros) a.swarm.introduced(from, intro);
  await settle();
  expect(b.intros).toMatchObject([{ intro: { kind: 'answer', from: a.id, to: b.id, torrent: attachment.infohash } }]);
  for (const { from, intro } of b.intros) b.swarm.introduced(from, intro);
  await settle();
  expect(found).toContain(1);
  ended.abort('enough');
  await expect(fetched).rejects.toBe('enough');
});

test('an offer to meet in the swarm of a file that is not here, or that somebody else makes, is not answered', async () => {
  const [a, b, c] = [await open('a'), await open('b'), await open('c')];
  for (const { swarm } of [a, b, c]) {
    swarm.seed(genesis);
    await settle();
  }
  a.swarm.seed(payment);
  const peer = a.peers.get(b.id) as Peer;
  const signal = new TextEncoder().encode(STRANGER);
  const intro: Intro = {
    t: 'intro',
    kind: 'offer',
    id: '1'.repeat(40),
    from: b.id,
    to: a.id,
    known: [],
    torrent: 'f'.repeat(40) as Infohash,
    signal,
  };
  a.swarm.introduced(peer, intro);
  a.swarm.introduced(peer, { ...intro, id: '2'.repeat(40), from: c.id, torrent: payment.infohash });
  await settle();
  expect([...b.intros, ...c.intros]).toEqual([]);
  a.swarm.introduced(peer, { ...intro, id: '3'.repeat(40), torrent: payment.infohash });
  await settle();
  expect(b.intros).toMatchObject([{ intro: { kind: 'answer', torrent: payment.infohash } }]);
});
