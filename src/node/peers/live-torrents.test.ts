import { expect, test } from 'vitest';
import { type Infohash, locator, type TxId } from '../../core/id.ts';
import { Ledger } from '../../core/ledger.ts';
import { checkSignature } from '../../core/signature.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import type { SwarmStatus } from '../../net/swarm.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { Acceptor } from '../ledger/accept.ts';
import { makeGenesis, makePayment, person } from '../testkit/people.ts';
import { LiveTorrents, MAX_LIVE } from './live-torrents.ts';

const [alice, bob] = [person('alice'), person('bob')];
const { file: genesis, network } = makeGenesis(alice);
const chain: TransactionFile[] = [genesis];
for (let n = 1; n <= 100; n++) chain.push(makePayment(alice, [chain[n - 1] as TransactionFile], bob.address, 1n, n));

const TURN_MS = 180_000;

/** The torrents of a node that holds a genesis and a hundred payments. */
async function open() {
  const clock = new VirtualClock();
  const store = await createMemoryStorage().openStore(network.id);
  const ledger = new Ledger(network);
  const verify = async (file: TransactionFile) => checkSignature(file.transaction);
  const acceptor = new Acceptor({ store, ledger, clock, verify, decided: () => undefined });
  await acceptor.accept(chain.map(({ bytes }) => bytes));
  const live = new Map<Infohash, SwarmStatus['torrents'][number]>();
  let most = 0;
  const wallet = { payments: [] as TxId[], coins: [] as TransactionFile[], strong: new Set<TxId>() };
  const torrents = new LiveTorrents({
    ledger,
    store,
    clock,
    genesis: genesis.bytes,
    swarm: {
      seed: ({ infohash, role }) => {
        live.set(infohash, { infohash, role, peers: 0, holders: [], uploadedBytes: 0 });
        most = Math.max(most, live.size);
      },
      unseed: (infohash) => live.delete(infohash),
      status: () => ({ torrents: [...live.values()], trackers: [] }),
    },
    payments: () => wallet.payments,
    coins: () => wallet.coins.map(({ infohash, txid }) => ({ locator: locator(infohash, txid) }) as never),
    strength: (txid) => (wallet.strong.has(txid) ? 5 : 0),
    failed: (error) => expect.unreachable(String(error)),
  });
  await torrents.start();
  const isLive = ({ infohash }: TransactionFile) => live.has(infohash);
  /** Somebody connects to a torrent. */
  const visit = ({ infohash }: TransactionFile) => {
    const state = live.get(infohash);
    if (state !== undefined) live.set(infohash, { ...state, peers: 1 });
  };
  return { clock, torrents, live, wallet, isLive, visit, most: () => most };
}

const file = (n: number) => chain[n] as TransactionFile;

test('whatever is kept is live sooner or later, and the genesis always; never more than there is room for', async () => {
  const { clock, torrents, isLive, most } = await open();
  torrents.rotate();
  const seen = new Set<number>();
  for (let turn = 0; turn < 6; turn++) {
    await clock.advance(TURN_MS);
    for (const [n, one] of chain.entries()) if (isLive(one)) seen.add(n);
    expect(isLive(genesis)).toBe(true);
  }
  expect(seen.size).toBe(101);
  expect(most()).toBeLessThanOrEqual(MAX_LIVE);
});

test("the wallet's latest payments and opened proofs are live whoever's turn it is", async () => {
  const { clock, torrents, wallet, isLive } = await open();
  torrents.rotate();
  wallet.payments = chain.slice(40, 60).map(({ txid }) => txid);
  await torrents.refresh();
  torrents.open(file(7).txid, file(7).bytes);
  expect(isLive(file(7))).toBe(true);
  for (let turn = 0; turn < 8; turn++) {
    await clock.advance(TURN_MS);
    expect([...chain.slice(40, 52), file(7)].every(isLive)).toBe(true);
  }
  for (let n = 80; n < 86; n++) torrents.open(file(n).txid, file(n).bytes);
  for (let turn = 0; turn < 4; turn++) await clock.advance(TURN_MS);
  expect(chain.slice(80, 86).every(isLive)).toBe(true);
});

test('a torrent in which somebody is stays until he is gone, but few of them keep others from their turn', async () => {
  const { clock, torrents, live, isLive, visit } = await open();
  torrents.rotate();
  await clock.advance(1);
  for (const one of chain) if (isLive(one)) visit(one);
  const visited = [...live.keys()];
  await clock.advance(TURN_MS);
  expect(visited.filter((infohash) => live.has(infohash)).length).toBe(5);
});

test('ancestors of own coins that hardly anybody holds come before others', async () => {
  const { clock, torrents, wallet, isLive } = await open();
  torrents.rotate();
  wallet.coins = [file(50)];
  wallet.strong = new Set(chain.slice(0, 49).map(({ txid }) => txid));
  for (let turn = 0; turn < 5; turn++) {
    await clock.advance(TURN_MS);
    expect([isLive(file(50)), isLive(file(49))]).toEqual([true, true]);
  }
});

test('once stopped nothing is seeded any more', async () => {
  const { clock, torrents, live } = await open();
  torrents.rotate();
  await clock.advance(1);
  torrents.stop();
  const before = [...live.keys()];
  await clock.advance(10 * TURN_MS);
  expect([...live.keys()]).toEqual(before);
});
