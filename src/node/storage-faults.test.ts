/** What a person meets when the disk is full, or when the browser deletes what it kept. */
import { beforeEach, expect, test } from 'vitest';
import { TtxError } from '../core/error.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Storage, Store, Vault } from '../storage/store.ts';
import { clock, inviteTo, openBrowser, reset, TTX } from './node.contract.ts';

beforeEach(reset);

/** A disk that a test can fill, and whose data it can delete under whoever has it open. */
function createDisk() {
  let inner = createMemoryStorage();
  let generation = 0;
  let isFull = false;
  let closed: (() => void)[] = [];
  /** Every call of an object made before the data was deleted fails; so does writing while the disk is full. */
  const guarded = <T extends Store | Vault>(target: T): T => {
    const born = generation;
    return new Proxy(target, {
      get: (object, name: string) => {
        const method = Reflect.get(object, name);
        if (typeof method !== 'function') return method;
        return async (...values: unknown[]) => {
          if (born !== generation && name !== 'close') throw new TtxError('storage-lost', { what: 'deleted' });
          if (isFull && /^(commit|put)/.test(name)) throw new TtxError('storage-full');
          return Reflect.apply(method, object, values);
        };
      },
    });
  };
  const storage: Storage = {
    openVault: async (onClosed = () => undefined) => {
      closed.push(onClosed);
      return guarded(await inner.openVault());
    },
    openStore: async (network, onClosed = () => undefined) => {
      closed.push(onClosed);
      return guarded(await inner.openStore(network));
    },
    deleteStore: (network) => inner.deleteStore(network),
  };
  return {
    storage,
    fill: () => {
      isFull = true;
    },
    makeRoom: () => {
      isFull = false;
    },
    /** As when site data is cleared while the app is open. */
    wipe: () => {
      generation++;
      inner = createMemoryStorage();
      const told = closed;
      closed = [];
      for (const tell of told) tell();
    },
  };
}

async function openPair() {
  const [aliceDisk, bobDisk] = [createDisk(), createDisk()];
  const [alice, bob] = [await openBrowser(aliceDisk.storage), await openBrowser(bobDisk.storage)];
  await alice.found();
  await inviteTo(alice, bob);
  return { alice, bob, aliceDisk, bobDisk };
}

test('paying on a full disk says so and pays nothing; with room again the same payment is made, and the trouble is over', async () => {
  const { alice, bob, aliceDisk } = await openPair();
  aliceDisk.fill();
  await expect(alice.pay(bob.address(), 5n * TTX, undefined, 'job')).rejects.toMatchObject({ code: 'storage-full' });
  await alice.see((state) => state.trouble?.code === 'storage-full');
  expect(alice.state().network?.balance.total).toBe(1_000n * TTX);
  await clock.advance(10_000);
  expect(bob.state().network?.balance.total).toBe(0n);
  aliceDisk.makeRoom();
  await alice.pay(bob.address(), 5n * TTX, undefined, 'job');
  await bob.see((state) => state.network?.balance.total === 5n * TTX);
  await alice.see((state) => state.trouble === undefined && state.network?.activityTotal === 2);
});

test('a payment that arrives while the disk is full is not lost, and comes by itself when there is room', async () => {
  const { alice, bob, bobDisk } = await openPair();
  bobDisk.fill();
  await alice.pay(bob.address(), 5n * TTX);
  await bob.see((state) => state.trouble?.code === 'storage-full');
  expect(bob.state().network?.balance.total).toBe(0n);
  bobDisk.makeRoom();
  await bob.see((state) => state.network?.balance.total === 5n * TTX && state.trouble === undefined);
});

test('accepting on a full disk says so; begun before, it goes on when there is room', async () => {
  const { alice, bob, bobDisk } = await openPair();
  const to = bob.address();
  await bob.node.setConditions('tab', { online: false, visible: true, resumed: false });
  await bob.see((state) => state.network?.peers.length === 0);
  const { magnet } = await alice.pay(to, 5n * TTX);
  bobDisk.fill();
  await expect(bob.node.accept(magnet)).rejects.toMatchObject({ code: 'storage-full' });
  bobDisk.makeRoom();
  await bob.node.accept(magnet.replace(/&x\.tx=[\w-]+/, ''));
  bobDisk.fill();
  await bob.node.setConditions('tab', { online: true, visible: true, resumed: false });
  await bob.see((state) => state.trouble?.code === 'storage-full');
  await clock.advance(20_000);
  expect(bob.state().network?.balance.total).toBe(0n);
  bobDisk.makeRoom();
  await bob.see((state) => state.acceptances[0]?.stage.kind === 'accepted' && state.trouble === undefined);
});

test('site data deleted under an open tab: keys and networks are put back, peers bring the money, and it is said', async () => {
  const { alice, bob, bobDisk } = await openPair();
  await alice.pay(bob.address(), 5n * TTX);
  await bob.see((state) => state.network?.balance.total === 5n * TTX);
  const words = await bob.node.loadWords();
  bobDisk.wipe();
  await bob.see((state) => state.trouble?.code === 'storage-lost' && state.trouble.detail.what === 'deleted');
  await bob.see((state) => !state.isOpening && state.network?.balance.total === 5n * TTX);
  // What was put back is really there.
  const again = await openBrowser(bobDisk.storage);
  await again.see((state) => state.network?.balance.total === 5n * TTX);
  expect(await again.node.loadWords()).toEqual(words);
});

test('a payment that nobody else holds survives the deletion of its store', async () => {
  const { alice, bob, aliceDisk } = await openPair();
  await alice.node.setConditions('tab', { online: false, visible: true, resumed: false });
  await alice.see((state) => state.network?.peers.length === 0);
  const { txid } = await alice.pay(bob.address(), 5n * TTX);
  aliceDisk.wipe();
  await alice.see((state) => state.trouble !== undefined && state.network?.activity[0]?.txid === txid);
  expect(alice.state().network?.balance.total).toBeLessThan(995n * TTX);
  await alice.node.setConditions('tab', { online: true, visible: true, resumed: false });
  await bob.see((state) => state.network?.balance.total === 5n * TTX);
});
