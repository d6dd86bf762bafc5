import { expect, test } from 'vitest';
import type { TxId } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Store, StoredTransaction } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';
import { Acceptor } from './accept.ts';
import { replay } from './replay.ts';

const [alice, bob] = [person('alice'), person('bob')];
const { file: genesis, network } = makeGenesis(alice);
const first = makePayment(alice, [genesis], bob.address, 5_000_000n);
const rival = makePayment(alice, [genesis], bob.address, 6_000_000n, 3);
const second = makePayment(bob, [first], alice.address, 1_000n, 4);
const files = [genesis, first, rival, second];

/** A ledger that has decided on all files, and the store it has written to. */
async function decideAll() {
  const storage = createMemoryStorage();
  const store = await storage.openStore(network.id);
  const ledger = new Ledger(network);
  const clock = new VirtualClock();
  const acceptor = new Acceptor({ store, ledger, clock, verify: async () => 'valid', decided: () => undefined });
  await acceptor.accept(files.map(({ bytes }) => bytes));
  return { storage, ledger, clock };
}

const facts = (ledger: Ledger) => ({
  entries: [...ledger.entries()],
  winners: files.map(({ txid }) => ledger.findWinners(txid)),
  spenders: files.flatMap(({ txid }) => [alice, bob].map(({ address }) => ledger.findSpender(txid, address))),
  rivals: ledger.rivalsOf(genesis.txid, alice.address),
  summary: ledger.summary(),
});

test('brings back what was decided, conflicts too, without reading a file', async () => {
  const { storage, ledger, clock } = await decideAll();
  const store = await storage.openStore(network.id);
  const unread: Store = Object.assign(Object.create(store) as Store, {
    load: (page: Parameters<Store['load']>[0]) => store.load(page),
    upgrade: (decide: Parameters<Store['upgrade']>[0]) => store.upgrade(decide),
    loadFiles: () => expect.unreachable('files are read'),
  });
  const again = new Ledger(network);
  const seen: TxId[] = [];
  await replay(unread, again, ({ entry, firstSeenMs }) => {
    seen.push(entry.txid);
    expect(firstSeenMs).toBe(clock.nowMs());
  });
  expect(facts(again)).toEqual(facts(ledger));
  expect(seen).toEqual(files.map(({ txid }) => txid));
});

test('decides what an older version kept without entries, and gives it back to be kept with them', async () => {
  const { ledger } = await decideAll();
  const store = await createMemoryStorage().openStore(network.id);
  const kept: StoredTransaction[] = [];
  const older: Store = Object.assign(Object.create(store) as Store, {
    load: async () => undefined,
    upgrade: async (decide: Parameters<Store['upgrade']>[0]) => {
      const pages = [files.slice(0, 2), files.slice(1, 3), files.slice(3)];
      // The second page again: its commit reached the disk, and nobody was told.
      for (const page of [...pages, files.slice(1, 3)]) kept.push(...decide(page.map(({ bytes }, n) => ({ bytes, firstSeenMs: n }))));
    },
  });
  const again = new Ledger(network);
  await replay(older, again, () => undefined);
  expect(facts(again)).toEqual(facts(ledger));
  expect(kept.map(({ entry }) => entry.txid)).toEqual([genesis, first, first, rival, second, first, rival].map(({ txid }) => txid));
  expect(kept.filter(({ winners }) => winners.length > 0).map(({ entry }) => entry.txid)).toEqual([rival.txid, rival.txid]);
  expect(kept[0]).toEqual({ entry: ledger.find(genesis.txid), winners: [], firstSeenMs: 0, bytes: genesis.bytes });
});
