/** A network in which coins are going to be spent twice: real nodes, some of them hostile, and votes whose luck is drawn. */
import type { TransactionFile } from '../core/transaction.ts';
import { makePayment, type Person, person } from '../node/testkit/people.ts';
import { seededRandom } from './random.ts';
import { type Hostility, Plots, TwoFaced } from './two-faced.ts';
import { VoteLuck } from './vote-luck.ts';
import { type Inhabitant, World } from './world.ts';

/** What it is made of. */
export interface ArenaOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly hostile?: { readonly share: number; readonly kind: Hostility };
}

/** Nodes at rest. */
export interface Arena {
  readonly world: World;
  readonly luck: VoteLuck;
  readonly plots: Plots;
  /** Of the hostile nodes, by peer id. */
  readonly faces: ReadonlyMap<string, TwoFaced>;
  readonly honest: readonly Inhabitant[];
}

const DEGREE = 8;
const LATENCY_MS = [20, 400] as const;
/** Of an attacker's coin. */
const COIN = 1_000_000_000n;

/** Founds a network whose nodes have met. */
export async function createArena({ nodes, seed, hostile }: ArenaOptions): Promise<Arena> {
  const plots = new Plots();
  const faces = new Map<string, TwoFaced>();
  const luck = new VoteLuck(seededRandom(seed + 1));
  const world = await World.create({
    seed,
    nodes,
    degree: DEGREE,
    latencyMs: LATENCY_MS,
    isWeb: true,
    equip: ({ random }, n, swarm) => {
      const voting = { voteSearch: luck.search, voteBits: luck.bitsOf, random };
      if (hostile === undefined || n >= Math.round(nodes * hostile.share)) return voting;
      const face = new TwoFaced(hostile.kind, plots);
      faces.set(swarm.id, face);
      return { ...voting, swarm: face.wrap(swarm) };
    },
  });
  const honest = world.inhabitants.filter(({ swarm }) => !faces.has(swarm.id));
  await world.hasten(3_000);
  return { world, luck, plots, faces, honest };
}

/** Somebody with a coin, about to spend it twice. */
export interface Cheat {
  readonly owner: Person;
  readonly coin: TransactionFile;
}

/** Gives each of these names a coin that all nodes know; it has not settled yet. */
export async function fundCheats(world: World, names: readonly string[]): Promise<readonly Cheat[]> {
  const cheats = names.map((name) => {
    const owner = person(name);
    return { owner, coin: world.createPayment(world.founder, owner.address, COIN) };
  });
  for (const { node } of world.inhabitants) await node.acceptor.accept(cheats.map(({ coin }) => coin.bytes));
  return cheats;
}

/** Hands files to a node. */
export function give({ failures }: World, { node }: Inhabitant, files: readonly TransactionFile[]): void {
  node.acceptor.accept(files.map(({ bytes }) => bytes)).catch((error: unknown) => failures.push(error));
}

/** A payment, and `length` more by the same person, each out of the change of the one before. */
export function makeBranch({ owner, coin }: Cheat, payee: string, length: number): readonly [TransactionFile, ...TransactionFile[]] {
  const { address } = person(payee);
  const first = makePayment(owner, [coin], address, 1_000n, 5);
  const branch: [TransactionFile, ...TransactionFile[]] = [first];
  for (let last = first; branch.length <= length; branch.push(last)) last = makePayment(owner, [last], address, 1_000n, branch.length + 5);
  return branch;
}

/** Whether a double spend is part of what a node's owner is shown: it counts one side here, and a connected peer the other. */
export function isForkShown({ node }: Inhabitant, [one, other]: readonly [TransactionFile, TransactionFile]): boolean {
  const [ours, theirs] = node.ledger.isAccepted(one.txid) ? [one.txid, other.txid] : [other.txid, one.txid];
  return node.forks.news().some((fork) => fork.theirs === theirs && fork.ours.includes(ours));
}
