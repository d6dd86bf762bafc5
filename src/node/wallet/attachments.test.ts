import { beforeEach, expect, test } from 'vitest';
import type { Attachment } from '../../core/attachment.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import type { LoopbackSwarm } from '../../net/loopback-swarm.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Storage } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makeGenesis, person } from '../testkit/people.ts';
import { Attachments } from './attachments.ts';

const { network } = makeGenesis(person('ada'));
const TEXT = 'not for everybody';
const file = (text = TEXT, type = 'text/plain') => new Blob([text], { type });

let hub: LoopbackHub;
let clock: VirtualClock;
beforeEach(() => {
  hub = new LoopbackHub();
  clock = new VirtualClock();
});

async function open({ storage = createMemoryStorage(), budgetBytes = 1_000_000 }: { storage?: Storage; budgetBytes?: number } = {}) {
  const swarm: LoopbackSwarm = hub.createSwarm();
  await swarm.start({ peer: () => {}, message: () => {}, gone: () => {}, changed: () => {} });
  let changes = 0;
  const attachments = new Attachments({
    store: await storage.openStore(network.id),
    swarm,
    clock,
    budgetBytes: () => budgetBytes,
    trackers: () => [],
    quiet: (task) => task(),
    changed: () => void changes++,
    failed: (error) => expect.unreachable(String(error)),
  });
  await attachments.start();
  const stages = () => attachments.fetches().map(({ stage }) => stage);
  /** A file of this device, as it is sent. */
  const send = async (content = file(), name = 'letter.txt') => {
    const attachment = await attachments.describe(content, name);
    await clock.advance(1);
    return { attachment, forget: await attachments.attach([attachment], [content]) };
  };
  const arrived = (attachment: Attachment) => expect.poll(() => attachments.holds(attachment)).toBe(true);
  const text = async (attachment: Attachment) => new TextDecoder().decode(await attachments.load(attachment));
  return { attachments, storage, swarm, stages, send, arrived, text, changes: () => changes };
}

test('what was sent is fetched when somebody asks, and no sooner, and served on by whoever has it', async () => {
  const [ada, bob, carol] = [await open(), await open(), await open()];
  const { attachment } = await ada.send();
  expect(attachment).toMatchObject({ name: 'letter.txt', size: TEXT.length, type: 'text/plain' });
  expect(bob.attachments.holds(attachment)).toBe(false);
  bob.attachments.fetch(attachment);
  await bob.arrived(attachment);
  expect(await bob.text(attachment)).toBe(TEXT);
  expect(bob.stages()).toEqual([]);
  hub.kill(ada.swarm);
  carol.attachments.fetch(attachment);
  await carol.arrived(attachment);
});

test('what was kept is seeded again after a reload', async () => {
  const ada = await open();
  const { attachment } = await ada.send();
  hub.kill(ada.swarm);
  const bob = await open();
  bob.attachments.fetch(attachment);
  expect(bob.stages()).toEqual([{ kind: 'fetching', peers: 0, receivedBytes: 0 }]);
  const again = await open({ storage: ada.storage });
  expect(again.attachments.usedBytes).toBe(TEXT.length);
  await bob.arrived(attachment);
});

test('a content of another hash is thrown away, and said so', async () => {
  const [ada, bob] = [await open(), await open()];
  const { attachment } = await ada.send();
  const lie: Attachment = { ...attachment, sha256: 'f'.repeat(64) };
  bob.attachments.fetch(lie);
  await expect.poll(bob.stages).toEqual([{ kind: 'failed', error: { code: 'attachment', detail: { what: 'content' } } }]);
  expect(bob.attachments.usedBytes).toBe(0);
  await expect(bob.attachments.load(lie)).rejects.toMatchObject({ code: 'attachment' });
  // The honest description of the same torrent is none the worse for it.
  bob.attachments.fetch(attachment);
  await bob.arrived(attachment);
  bob.attachments.fetch(lie);
  await expect.poll(bob.stages).toMatchObject([{ kind: 'failed' }]);
  expect(await bob.text(attachment)).toBe(TEXT);
});

test('a fetch goes on until it is cancelled, and may begin again', async () => {
  const [ada, bob] = [await open(), await open()];
  const { attachment } = await ada.send();
  hub.kill(ada.swarm);
  bob.attachments.fetch(attachment);
  bob.attachments.fetch(attachment);
  expect(bob.stages()).toHaveLength(1);
  bob.attachments.cancel(attachment.infohash);
  expect(bob.stages()).toEqual([]);
  bob.attachments.fetch(attachment);
  await open({ storage: ada.storage });
  await bob.arrived(attachment);
});

test('few are fetched at a time; the others have their turn', async () => {
  const [ada, bob] = [await open(), await open()];
  const sent: Attachment[] = [];
  for (let n = 0; n < 5; n++) sent.push((await ada.send(file(`letter ${n}`))).attachment);
  hub.kill(ada.swarm);
  for (const attachment of sent) bob.attachments.fetch(attachment);
  expect(bob.stages().map(({ kind }) => kind)).toEqual(['fetching', 'fetching', 'fetching', 'waiting', 'waiting']);
  await open({ storage: ada.storage });
  for (const attachment of sent) await bob.arrived(attachment);
});

test('half of the budget is for attached files; the oldest go, and what never fits is refused', async () => {
  const ada = await open({ budgetBytes: 100 });
  const first = await ada.send(file('a'.repeat(20)));
  const second = await ada.send(file('b'.repeat(20)));
  const third = await ada.send(file('c'.repeat(20)));
  expect([first, second, third].map(({ attachment }) => ada.attachments.holds(attachment))).toEqual([false, true, true]);
  expect(ada.attachments.usedBytes).toBe(40);
  await expect(ada.send(file('d'.repeat(51)))).rejects.toMatchObject({ code: 'attachment', detail: { what: 'budget' } });
  expect(ada.attachments.usedBytes).toBe(40);
});

test('a file that has changed since it was described is not sent, nor one that is empty or too large', async () => {
  const { attachments } = await open();
  const described = await attachments.describe(file(), 'letter.txt');
  await expect(attachments.attach([described], [file('another letter, by now')])).rejects.toMatchObject({ code: 'attachment' });
  await expect(attachments.attach([described], [])).rejects.toMatchObject({ code: 'attachment' });
  expect(attachments.holds(described)).toBe(false);
  await expect(attachments.describe(file(''), 'a')).rejects.toMatchObject({ code: 'attachment' });
  await expect(attachments.describe({ size: 2 ** 24 + 1 } as Blob, 'a')).rejects.toMatchObject({ code: 'attachment' });
});

test('what was not sent in the end is forgotten, unless it was here before', async () => {
  const ada = await open();
  const before = await ada.send();
  const again = await ada.send();
  await again.forget();
  expect(ada.attachments.holds(before.attachment)).toBe(true);
  await before.forget();
  expect(ada.attachments.holds(before.attachment)).toBe(false);
  expect(ada.attachments.usedBytes).toBe(0);
});

test('a file that is here already is not thrown away for another one of the same payment', async () => {
  const ada = await open({ budgetBytes: 200 });
  const old = await ada.send(file('a'.repeat(40)));
  const other = await ada.send(file('b'.repeat(50)));
  const content = file('c'.repeat(40));
  const fresh = await ada.attachments.describe(content, 'c');
  await clock.advance(1);
  await ada.attachments.attach([old.attachment, fresh], [file('a'.repeat(40)), content]);
  expect([old.attachment, fresh, other.attachment].map((one) => ada.attachments.holds(one))).toEqual([true, true, false]);
  expect(await ada.text(old.attachment)).toBe('a'.repeat(40));
  // Also after opening again.
  const again = await open({ storage: ada.storage, budgetBytes: 200 });
  await again.send(file('d'.repeat(40)));
  expect([old.attachment, fresh].filter((one) => again.attachments.holds(one))).toHaveLength(1);
});

test('a file that was sent long ago is seeded again when it is sent again', async () => {
  const [ada, bob] = [await open(), await open()];
  const { attachment } = await ada.send();
  for (let n = 0; n < 16; n++) await ada.send(file(`letter ${n}`));
  bob.attachments.fetch(attachment);
  await clock.advance(1_000);
  expect(bob.attachments.holds(attachment)).toBe(false);
  await ada.send();
  await bob.arrived(attachment);
});

test('a file that is cancelled while it is checked, and fetched again, goes on being fetched', async () => {
  const [ada, bob] = [await open(), await open()];
  const { attachment } = await ada.send();
  const fetchContent = bob.swarm.fetchContent.bind(bob.swarm);
  let isFirst = true;
  let changes = Number.POSITIVE_INFINITY;
  bob.swarm.fetchContent = async (name, options) => {
    if (!isFirst) return new Promise(() => {});
    isFirst = false;
    const fetched = await fetchContent(name, options);
    queueMicrotask(() => {
      bob.attachments.cancel(attachment.infohash);
      bob.attachments.fetch(attachment);
      changes = bob.changes();
    });
    return fetched;
  };
  bob.attachments.fetch(attachment);
  // The first one has ended.
  await expect.poll(() => bob.changes() > changes).toBe(true);
  expect(bob.stages()).toMatchObject([{ kind: 'fetching' }]);
});
