/** What a light node fetches to accept one payment from a full one: a kept economy, real nodes, loopback wires of 100 ms there and back. */
import { readFile } from 'node:fs/promises';
import { networkOf } from '../src/core/decide.ts';
import type { Entry } from '../src/core/entry.ts';
import { decodeTransaction } from '../src/core/transaction.ts';
import { LoopbackHub } from '../src/net/loopback.ts';
import { NetworkNode } from '../src/node/network-node.ts';
import { createMemoryStorage } from '../src/storage/memory.ts';
import { VirtualClock } from '../src/time/virtual-clock.ts';
import { keepEconomy, unpackEconomy } from './economy-file.ts';

const LATENCY_MS = 50;

/** Accepts the payment whose cone is that share of the largest ones, and prints what went over the wires. */
export async function fetchLight(count: number, share: number): Promise<void> {
  const { file } = await keepEconomy(count);
  const files = unpackEconomy(await readFile(file));
  const [genesis] = files;
  if (genesis === undefined) throw new Error('an empty economy');
  const network = networkOf(decodeTransaction(genesis));
  const clock = new VirtualClock();
  let bytes = 0;
  const hub = new LoopbackHub({
    clock,
    latencyMs: () => LATENCY_MS,
    sent: (_, __, sent) => {
      bytes += sent;
    },
  });
  const open = async (owner: Entry['to'], mode: 'full' | 'light') => {
    const node = new NetworkNode({
      network,
      genesis,
      mode,
      store: await createMemoryStorage().openStore(network.id),
      swarm: hub.createSwarm(),
      clock,
      verify: async () => 'valid',
      owner,
      trackers: [],
      software: 'bench/1',
      isJoined: () => true,
      isDrawn: Promise.resolve(),
      changed: () => undefined,
      failed: (error) => console.error(error),
    });
    await node.start();
    return node;
  };
  const full = await open(decodeTransaction(genesis).transaction.to, 'full');
  for (let from = 0; from < files.length; from += 2_000) await full.acceptor.accept(files.slice(from, from + 2_000));
  const coins = full.ledger.accepted().flatMap((entry) =>
    full.ledger
      .unspentCoins(entry)
      .filter(({ owner }) => owner === entry.to)
      .map(() => entry),
  );
  const sampled = coins.filter((_, n) => n % Math.ceil(coins.length / 300) === 0);
  // Of somebody who has nothing else: a wallet that is new.
  const isNew = ({ to, txid }: Entry, cone: readonly Entry[]) =>
    cone.every((one) => one.txid === txid || (one.to !== to && one.sender !== to));
  const cones = sampled
    .map((entry) => ({ entry, cone: [...full.ledger.cone(entry.txid)] }))
    .filter(({ entry, cone }) => isNew(entry, cone))
    .map(({ entry, cone }) => ({ entry, size: cone.length }))
    .sort((a, b) => a.size - b.size);
  const chosen = cones[Math.min(cones.length - 1, Math.floor(share * cones.length))];
  if (chosen === undefined) throw new Error('no coin');
  const { entry, size } = chosen;
  const light = await open(entry.to, 'light');
  // Until the economy's double spends have been talked about enough.
  await clock.advance(90_000);
  bytes = 0;
  const [startMs, realMs] = [clock.nowMs(), performance.now()];
  await light.acceptances.start('one', { infohash: entry.infohash, txid: entry.txid, trackers: [], network: undefined, file: undefined });
  await clock.until(
    () => light.acceptances.list()[0]?.stage.kind !== 'ancestors' && light.ledger.find(entry.txid) !== undefined,
    3_600_000,
  );
  const acceptedMs = clock.nowMs() - startMs;
  const fetched = bytes;
  const asked = () => {
    const stage = light.acceptances.list()[0]?.stage;
    return stage?.kind === 'accepted' ? stage.witnesses : undefined;
  };
  await clock.until(() => asked()?.clear === 1 && asked()?.unspent === 1, 600_000);
  const kB = (count: number) => `${Math.round(count / 1_000)} kB`;
  console.log(
    `${full.ledger.size} transactions, cone ${size}: held ${light.ledger.size}, accepted after ${(acceptedMs / 1_000).toFixed(1)} s, ${kB(fetched)}; ` +
      `asked ${JSON.stringify(asked())} ${kB(bytes - fetched)} more; ${((performance.now() - realMs) / 1_000).toFixed(1)} s of this machine`,
  );
}
