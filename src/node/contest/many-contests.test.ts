/** Sixty coins spent twice in one breath: what that costs the peers, and that nobody is blamed for it. */
import { expect, test } from 'vitest';
import type { Message } from '../../core/message.ts';
import type { TransactionFile } from '../../core/transaction.ts';
import { LoopbackHub } from '../../net/loopback.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Storage } from '../../storage/store.ts';
import { VirtualClock } from '../../time/virtual-clock.ts';
import { makePayment } from '../testkit/people.ts';
import { ScriptedPeer } from '../testkit/scripted-peer.ts';
import { alice, bob, carol, genesis, network, World } from '../testkit/world.ts';

const COUNT = 60;
const coins: TransactionFile[] = [];
for (let n = 0; n < COUNT; n++) coins.push(makePayment(alice, [coins.at(-1) ?? genesis], bob.address, 3_000_000n, 10 + n));
const ones = coins.map((coin) => makePayment(bob, [coin], carol.address, 1_000n, 1));
const others = coins.map((coin) => makePayment(bob, [coin], carol.address, 1_000n, 2));

/** `readMs`: how long a disk takes for a read now. */
function newWorld(readMs = () => 0): World {
  const clock = new VirtualClock();
  const hub = new LoopbackHub({ clock, latencyMs: () => 100, wantedPeers: 8 });
  const createStorage = (): Storage => {
    const storage = createMemoryStorage();
    const openStore: Storage['openStore'] = async (network) => {
      const store = await storage.openStore(network);
      const loadFiles = store.loadFiles.bind(store);
      store.loadFiles = async (txids) => {
        if (readMs() > 0) await new Promise<void>((resolve) => clock.after(readMs(), resolve));
        return loadFiles(txids);
      };
      return store;
    };
    return { ...storage, openStore };
  };
  return new World(clock, () => hub.createSwarm(), createStorage);
}

/** Reads one message at a time, when the test lets it. */
class SlowReader extends ScriptedPeer {
  readonly #reads: (() => void)[] = [];
  override drained(): Promise<void> {
    return new Promise((resolve) => this.#reads.push(resolve));
  }
  read(): void {
    this.#reads.shift()?.();
  }
}

test('rivals that come together are asked about in one question, and proofs go no faster than a peer reads them', async () => {
  const world = newWorld();
  const node = await world.open();
  await world.give(node, ...coins, ...ones);
  const peer = new SlowReader('1'.repeat(40));
  node.exchange.join(peer);
  const summary = node.ledger.summary();
  node.exchange.receive(peer, { t: 'hello', software: 'x', protocol: 1, genesis: network.id, mode: 'full', modules: [], summary });
  const heard = (t: Message['t']) => peer.heard.filter((message) => message.t === t).length;
  await world.clock.advance(0);
  expect(heard('spent')).toBe(0);
  await world.give(node, ...others);
  await world.clock.advance(0);
  expect([heard('spent'), heard('dsp')]).toEqual([1, 1]);
  for (let n = 2; n <= COUNT; n++) {
    peer.read();
    await world.clock.advance(0);
    expect(heard('dsp')).toBe(n);
  }
  await world.stop();
});

test('nodes with slow disks stay connected over sixty contests', async () => {
  let readMs = 0;
  const world = newWorld(() => readMs);
  await world.openMany(4);
  await world.give(world.nodes[0], ...coins, ...ones);
  await world.clock.advance(5_000);
  expect(world.nodes.map(({ exchange }) => exchange.readyPeers)).toEqual([3, 3, 3, 3]);
  readMs = 2;
  const given = world.give(world.nodes[0], ...others);
  await world.clock.advance(5_000);
  await given;
  expect(world.nodes.map(({ exchange }) => exchange.readyPeers)).toEqual([3, 3, 3, 3]);
  await world.stop();
});
