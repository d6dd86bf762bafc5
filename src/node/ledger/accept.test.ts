import { expect, test } from 'vitest';
import { TtxError } from '../../core/error.ts';
import { locator } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import { checkSignature } from '../../core/signature.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Store } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';
import { Acceptor, type Decided } from './accept.ts';

const alice = person('alice');
const bob = person('bob');
const { file: genesis, network } = makeGenesis(alice);

async function open(store?: Store) {
  const kept = store ?? (await createMemoryStorage().openStore(network.id));
  const ledger = new Ledger(network);
  const decided: Decided[] = [];
  const verified: string[] = [];
  const acceptor = new Acceptor({
    store: kept,
    ledger,
    clock: new VirtualClock(),
    verify: async ({ transaction }) => {
      verified.push(transaction.signature);
      return checkSignature(transaction);
    },
    decided: (batch) => decided.push(...batch),
  });
  return { acceptor, ledger, decided, verified, store: kept };
}

const kinds = (outcomes: readonly { kind: string }[]) => outcomes.map((outcome) => outcome.kind);

function chain(length: number, units = 1n): TransactionFile[] {
  const files = [genesis];
  for (let i = 1; i < length; i++) files.push(makePayment(alice, [files[i - 1] as TransactionFile], bob.address, units, i));
  return files;
}

test('accepts a chain in one batch, in any order', async () => {
  const files = chain(30);
  const { acceptor, ledger, decided } = await open();
  const outcomes = await acceptor.accept([...files].reverse().map((file) => file.bytes));
  expect(new Set(kinds(outcomes))).toEqual(new Set(['accepted']));
  expect(ledger.size).toBe(30);
  expect(decided.map(({ file }) => file.txid)).toEqual(files.map((file) => file.txid));
});

test('keeps an orphan waiting and names what is missing, then accepts it with its parent', async () => {
  const [, first, second, third] = chain(4) as [TransactionFile, TransactionFile, TransactionFile, TransactionFile];
  const { acceptor, verified } = await open();
  await acceptor.accept([genesis.bytes]);
  const [orphan] = await acceptor.accept([third.bytes]);
  expect(orphan).toMatchObject({ kind: 'pending', missing: [locator(second.infohash, second.txid)] });
  const [deeper] = await acceptor.accept([second.bytes]);
  expect(deeper).toMatchObject({ kind: 'pending', missing: [locator(first.infohash, first.txid)] });
  const [again] = await acceptor.accept([third.bytes]);
  expect(again).toMatchObject({ kind: 'pending', missing: [] });
  expect(acceptor.missingAncestors(third)).toEqual([locator(first.infohash, first.txid)]);
  await acceptor.accept([first.bytes]);
  expect(kinds(await acceptor.accept([third.bytes]))).toEqual(['accepted']);
  expect(acceptor.pool.size).toBe(0);
  expect(verified).toHaveLength(4);
});

test('says that a transaction was known before, and keeps it once', async () => {
  const { acceptor, decided } = await open();
  await acceptor.accept([genesis.bytes]);
  const [again] = await acceptor.accept([genesis.bytes]);
  expect(again).toMatchObject({ kind: 'accepted', already: true });
  expect(decided).toHaveLength(1);
});

test('takes the first of two rivals, also within a batch, and what builds on the other is conflicted too', async () => {
  const { acceptor, ledger } = await open();
  const first = makePayment(alice, [genesis], bob.address, 5_000_000n, 1);
  const rival = makePayment(alice, [genesis], bob.address, 6_000_000n, 2);
  const child = makePayment(bob, [rival], alice.address, 1n, 3);
  const outcomes = await acceptor.accept([genesis, first, rival, child].map((file) => file.bytes));
  expect(kinds(outcomes)).toEqual(['accepted', 'accepted', 'conflicted', 'conflicted']);
  expect(outcomes[3]).toMatchObject({ winners: [first.txid] });
  expect(ledger.findSpender(genesis.txid, alice.address)).toBe(first.txid);
});

test('rejects malformed bytes and forged signatures with their code and goes on', async () => {
  const { acceptor } = await open();
  const forged = new TextDecoder().decode(makePayment(alice, [genesis], bob.address, 5n).bytes).replace('"time":2', '"time":3');
  const outcomes = await acceptor.accept([new Uint8Array(), new TextEncoder().encode(forged), genesis.bytes]);
  expect(outcomes).toMatchObject([{ kind: 'rejected', code: 'size' }, { kind: 'rejected', code: 'signature' }, { kind: 'accepted' }]);
  expect(await acceptor.accept([new TextEncoder().encode(forged)])).toMatchObject([{ kind: 'rejected', code: 'signature' }]);
});

test('rejects an orphan when its parent turns out to be invalid', async () => {
  const { acceptor } = await open();
  await acceptor.accept([genesis.bytes]);
  const overspent = makePayment(alice, [genesis], bob.address, 9_000_000_000_000n);
  const child = makePayment(bob, [overspent], alice.address, 1n);
  expect(kinds(await acceptor.accept([child.bytes]))).toEqual(['pending']);
  expect(await acceptor.accept([overspent.bytes])).toMatchObject([{ kind: 'rejected', code: 'insufficient' }]);
  expect(await acceptor.accept([child.bytes])).toMatchObject([{ kind: 'rejected', code: 'parent-rejected' }]);
});

test('reports and counts nothing of a batch that could not be written, and takes it later', async () => {
  const store = await createMemoryStorage().openStore(network.id);
  let full = true;
  const failing: Store = {
    load: (page) => store.load(page),
    upgrade: (decide) => store.upgrade(decide),
    holds: (txid) => store.holds(txid),
    usage: () => store.usage(),
    loadWants: () => store.loadWants(),
    findPaid: (job) => store.findPaid(job),
    loadFiles: (txids) => store.loadFiles(txids),
    loadAttachments: () => store.loadAttachments(),
    loadAttachment: (infohash) => store.loadAttachment(infohash),
    close: () => store.close(),
    commit: async (commit) => {
      if (full) throw new TtxError('storage-full');
      await store.commit(commit);
    },
  };
  const { acceptor, ledger, decided } = await open(failing);
  await expect(acceptor.accept([genesis.bytes])).rejects.toMatchObject({ code: 'storage-full' });
  expect(ledger.size).toBe(0);
  expect(decided).toHaveLength(0);
  full = false;
  expect(kinds(await acceptor.accept([genesis.bytes]))).toEqual(['accepted']);
});

test('decides a chain of 500 orphans when the first arrives, without recursion', async () => {
  const files = chain(500);
  const { acceptor, ledger } = await open();
  for (const file of files.slice(1).reverse()) await acceptor.accept([file.bytes]);
  expect(acceptor.pool.size).toBe(499);
  await acceptor.accept([genesis.bytes]);
  expect(ledger.size).toBe(500);
});

test.each(['before', 'after'])('takes a payment of 32 coins that comes %s its parents, at once', async (order) => {
  const { acceptor, ledger } = await open();
  const parents: TransactionFile[] = [];
  let last = genesis;
  for (let i = 0; i < 32; i++) {
    last = makePayment(alice, [last], bob.address, 5_000_000n, i + 1);
    parents.push(last);
  }
  const merge = makePayment(bob, parents, alice.address, 1n, 100);
  const files = order === 'before' ? [merge, ...parents] : [...parents, merge];
  await acceptor.accept([genesis.bytes]);
  const outcomes = await acceptor.accept(files.map((file) => file.bytes));
  expect(new Set(kinds(outcomes))).toEqual(new Set(['accepted']));
  expect(ledger.size).toBe(34);
});

test('keeps eight rivals of a coin and those that are smaller than all before, but says of each that it is conflicted', async () => {
  const { acceptor, ledger, store } = await open();
  const first = makePayment(alice, [genesis], bob.address, 5_000_000n, 1);
  await acceptor.accept([genesis.bytes, first.bytes]);
  const rivals = Array.from({ length: 50 }, (_, i) => makePayment(alice, [genesis], bob.address, 6_000_000n, 2 + i));
  const outcomes = await acceptor.accept(rivals.map((rival) => rival.bytes));
  expect(new Set(kinds(outcomes))).toEqual(new Set(['conflicted']));
  expect(outcomes.at(-1)).toMatchObject({ winners: [first.txid] });
  const txids = rivals.map(({ txid }) => txid);
  const kept = txids.filter((txid, i) => i < 8 || txids.slice(0, i).every((before) => txid < before));
  expect([...ledger.conflicts().keys()]).toEqual(kept);
  expect((await store.loadFiles(txids)).size).toBe(kept.length);
});

const byTxid = (a: TransactionFile, b: TransactionFile) => (a.txid < b.txid ? -1 : 1);

test('coins that nobody else spends make no room for more rivals of one that somebody does', async () => {
  const { acceptor, ledger } = await open();
  const coins = [makePayment(alice, [genesis], bob.address, 500_000_000n, 1)];
  for (let i = 1; i < 6; i++) coins.push(makePayment(alice, [coins.at(-1) ?? genesis], bob.address, 1n, 1));
  const [spent, ...others] = coins as [TransactionFile, ...TransactionFile[]];
  const first = makePayment(bob, [spent], alice.address, 1n, 2);
  await acceptor.accept([genesis, ...coins, first].map(({ bytes }) => bytes));
  const rivals = others.flatMap((coin) => Array.from({ length: 8 }, (_, i) => makePayment(bob, [spent, coin], alice.address, 2n, i)));
  rivals.sort(byTxid);
  await acceptor.accept(rivals.map(({ bytes }) => bytes));
  expect([...ledger.conflicts().keys()]).toEqual(rivals.slice(0, 8).map(({ txid }) => txid));
});

test('rivals in descending order are not kept without end, though each is smaller than all before', async () => {
  const { acceptor, ledger } = await open();
  const rivals = Array.from({ length: 80 }, (_, i) => makePayment(alice, [genesis], bob.address, 6_000_000n, 2 + i));
  const first = makePayment(alice, [genesis], bob.address, 5_000_000n, 1);
  await acceptor.accept([genesis, first, ...rivals.sort(byTxid).reverse()].map(({ bytes }) => bytes));
  expect(ledger.conflicted).toBe(56);
  // What peers follow has places of its own, so that nobody fills them all beforehand.
  const followed = rivals.slice(60, 70);
  await acceptor.accept(
    followed.map(({ bytes }) => bytes),
    { isFollowed: true },
  );
  expect(followed.filter(({ txid }) => ledger.find(txid) !== undefined)).toHaveLength(8);
});

test('the room for rivals of one coin is no way into the places for those of another', async () => {
  const { acceptor, ledger } = await open();
  const files = chain(11, 5_000_000n);
  const [coin, ...others] = files.slice(1) as [TransactionFile, ...TransactionFile[]];
  const pay = (parents: readonly TransactionFile[], time: number) => makePayment(bob, parents, alice.address, 1n, time);
  const firsts = [coin, ...others].map((parent) => pay([parent], 2));
  // Eight rivals that spend this coin, too, for each of the others.
  const rivals = others.flatMap((other) => Array.from({ length: 8 }, (_, n) => pay([coin, other], 3 + n)));
  await acceptor.accept([...files, ...firsts, ...rivals].map(({ bytes }) => bytes));
  expect(ledger.rivalsOf(coin.txid, bob.address)).toBe(56);
  const followed = pay([coin], 99);
  await acceptor.accept([followed.bytes], { isFollowed: true });
  expect(ledger.find(followed.txid)).toBeDefined();
});

test('keeps a rival that peers follow beside more of others than are kept', async () => {
  const { acceptor, ledger } = await open();
  const rivals = Array.from({ length: 50 }, (_, i) => makePayment(alice, [genesis], bob.address, 6_000_000n, 2 + i));
  await acceptor.accept([genesis, ...rivals].map(({ bytes }) => bytes));
  const forgotten = rivals.find(({ txid }) => ledger.find(txid) === undefined);
  await acceptor.accept(forgotten === undefined ? [] : [forgotten.bytes], { isFollowed: true });
  expect(ledger.findWinners(forgotten?.txid ?? genesis.txid)).toEqual([rivals[0]?.txid]);
});

test('decides in the order in which files came, whichever signatures are checked first', async () => {
  const store = await createMemoryStorage().openStore(network.id);
  const ledger = new Ledger(network);
  const checks: (() => void)[] = [];
  const acceptor = new Acceptor({
    store,
    ledger,
    clock: new VirtualClock(),
    verify: () => new Promise((resolve) => checks.push(() => resolve('valid'))),
    decided: () => undefined,
  });
  const first = makePayment(alice, [genesis], bob.address, 5_000_000n, 1);
  const rival = makePayment(alice, [genesis], bob.address, 6_000_000n, 2);
  const outcomes = Promise.all([acceptor.accept([genesis.bytes]), acceptor.accept([first.bytes]), acceptor.accept([rival.bytes])]);
  for (const check of checks.reverse()) check();
  expect((await outcomes).map(([outcome]) => outcome?.kind)).toEqual(['accepted', 'accepted', 'conflicted']);
});

test('what is checked while a commit is written goes into the next one, together', async () => {
  const sizes: number[] = [];
  let began: (write: () => void) => void = () => undefined;
  const nextCommit = () => new Promise<() => void>((resolve) => (began = resolve));
  const commit: Store['commit'] = ({ added = [] }) => {
    sizes.push(added.length);
    return new Promise((resolve) => began(resolve));
  };
  const { acceptor, ledger } = await open({ commit } as Partial<Store> as Store);
  const files = chain(6);
  const first = nextCommit();
  const outcomes = Promise.all(files.map(({ bytes }) => acceptor.accept([bytes])));
  const write = await first;
  const second = nextCommit();
  write();
  (await second)();
  expect(kinds((await outcomes).flat())).toEqual(Array(6).fill('accepted'));
  expect(sizes).toEqual([1, 5]);
  expect(ledger.size).toBe(6);
});
