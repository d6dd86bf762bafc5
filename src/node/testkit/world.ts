/** For tests: whole nodes of one network, with a virtual clock. Wires and disks are the test's. */
import { isTtxError } from '../../core/error.ts';
import type { TxId } from '../../core/id.ts';
import { voteBits } from '../../core/vote.ts';
import type { Swarm } from '../../net/swarm.ts';
import type { Storage } from '../../storage/store.ts';
import type { VirtualClock } from '../../time/virtual-clock.ts';
import { NetworkNode } from '../network-node.ts';
import { makeGenesis, person } from './people.ts';

export const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(person) as [
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
];
export const { file: genesis, network } = makeGenesis(alice);

/** Really hashes, a few hundred tries. */
const voteSearch = async (core: Uint8Array) => {
  let best = 0;
  for (let nonce = 1; nonce < 300; nonce++) if (voteBits(core, nonce) > voteBits(core, best)) best = nonce;
  return best;
};

export class World {
  readonly nodes: NetworkNode[] = [];
  readonly clock: VirtualClock;
  readonly #createSwarm: () => Swarm;
  readonly #createStorage: () => Storage;
  readonly #faults: unknown[] = [];

  constructor(clock: VirtualClock, createSwarm: () => Swarm, createStorage: () => Storage) {
    this.clock = clock;
    this.#createSwarm = createSwarm;
    this.#createStorage = createStorage;
  }

  async open(owner = alice, storage = this.#createStorage()): Promise<NetworkNode> {
    const node = new NetworkNode({
      network,
      genesis: genesis.bytes,
      store: await storage.openStore(network.id),
      swarm: this.#createSwarm(),
      clock: this.clock,
      verify: async () => 'valid',
      owner: owner.address,
      trackers: [],
      software: 'test/1',
      random: () => 0.5,
      voteSearch,
      isJoined: () => true,
      isDrawn: Promise.resolve(),
      changed: () => undefined,
      failed: (error) => {
        if (!isTtxError(error, 'storage-full')) this.#faults.push(error);
      },
    });
    this.nodes.push(node);
    await node.start();
    return node;
  }

  async openMany(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.open();
    await this.clock.advance(2_000);
  }

  give(node: NetworkNode | undefined, ...files: readonly { readonly bytes: Uint8Array }[]) {
    return node?.acceptor.accept(files.map(({ bytes }) => bytes));
  }

  /** @throws the first fault that a node reported */
  async stop(): Promise<void> {
    for (const node of this.nodes) await node.stop();
    if (this.#faults.length > 0) throw this.#faults[0];
  }

  holding(txid: TxId): number {
    return this.nodes.filter(({ ledger }) => ledger.isAccepted(txid)).length;
  }
  stages(txid: TxId): readonly string[] {
    return this.nodes.map(({ conflicts }) => conflicts.standingOf(txid).stage);
  }
}
