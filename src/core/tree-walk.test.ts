import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Hash, hashFromBytes } from './id.ts';
import { changeTree, EMPTY_TREE, rootOf, type Tree } from './merkle-tree.ts';
import type { Message, TreeLeaf, TreeNode } from './message.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';
import { answerNodes, TreeWalk, type WalkLimits } from './tree-walk.ts';

const LIMITS: WalkLimits = { maxFound: 1_000, maxNodes: 4_096 };
const hash = (text: string): Hash => hashFromBytes(sha256(new TextEncoder().encode(text)));
const treeOf = (leaves: readonly TreeLeaf[]): Tree => changeTree(EMPTY_TREE, new Map(leaves.map((leaf) => [leaf.key, leaf])));
const keysOf = (leaves: readonly TreeLeaf[]) => leaves.map(({ key }) => key).sort();

/** What went over the wire. */
interface Cost {
  roundTrips: number;
  bytes: number;
}

/** Both ends, with every message through the real codec. */
function compare(ours: Tree, theirs: Tree, limits = LIMITS): TreeWalk & { cost: Cost } {
  const walk = new TreeWalk(ours, rootOf(theirs), limits);
  const cost: Cost = { roundTrips: 0, bytes: 0 };
  const sent = <T extends Message>(message: T): T => {
    const bytes = encodeMessage(message);
    cost.bytes += bytes.length;
    return decodeMessage(bytes) as T;
  };
  for (let prefixes = walk.question(); prefixes.length > 0; prefixes = walk.question()) {
    const asked = sent({ t: 'node', tree: 'transactions', root: walk.root, prefixes });
    const { nodes } = sent({ t: 'nodes', tree: asked.tree, root: asked.root, nodes: answerNodes(theirs, asked.prefixes) });
    expect(walk.take(nodes)).toBe('taken');
    cost.roundTrips++;
  }
  expect(walk.isDone).toBe(true);
  return Object.assign(walk, { cost });
}

const crowded: fc.Arbitrary<Hash> = fc
  .tuple(fc.constantFrom('', '0', 'abc', 'abcdef0123'), fc.nat(400))
  .map(([prefix, i]) => (prefix + hash(String(i)).slice(prefix.length)) as Hash);
const keys = fc.uniqueArray(crowded, { maxLength: 300, size: 'max' });

test('finds exactly what only one side has, whatever the two sets', () => {
  fc.assert(
    fc.property(keys, keys, fc.array(fc.boolean(), { minLength: 300, maxLength: 300 }), (some, others, kept) => {
      // Mostly the same, or nothing in common: both occur.
      const theirKeys = kept[0] ? others : [...new Set([...some.filter((_, i) => kept[i]), ...others.slice(0, 20)])];
      const walk = compare(treeOf(some.map((key) => ({ key }))), treeOf(theirKeys.map((key) => ({ key }))));
      expect(keysOf(walk.onlyTheirs)).toEqual(theirKeys.filter((key) => !some.includes(key)).sort());
      expect(keysOf(walk.onlyOurs)).toEqual(some.filter((key) => !theirKeys.includes(key)).sort());
      expect(walk.isCut).toBe(false);
    }),
  );
});

test('10 differences among 100,000 take at most 6 round trips and 64 KiB both ways', () => {
  const common = Array.from({ length: 100_000 }, (_, i) => ({ key: hash(`key ${i}`) }));
  const [ours, theirs] = ['ours', 'theirs'].map((side) => Array.from({ length: 5 }, (_, i) => ({ key: hash(`${side} ${i}`) }))) as [
    TreeLeaf[],
    TreeLeaf[],
  ];
  const tree = treeOf(common);
  const more = (leaves: readonly TreeLeaf[]) => changeTree(tree, new Map(leaves.map((leaf) => [leaf.key, leaf])));
  const walk = compare(more(ours), more(theirs));
  expect(keysOf(walk.onlyOurs)).toEqual(keysOf(ours));
  expect(keysOf(walk.onlyTheirs)).toEqual(keysOf(theirs));
  expect(walk.cost.roundTrips).toBeLessThanOrEqual(6);
  expect(walk.cost.bytes).toBeLessThanOrEqual(65_536);
});

test('equal trees need no question', () => {
  const tree = treeOf([{ key: hash('a') }]);
  expect(compare(tree, tree).cost.roundTrips).toBe(0);
});

test('another amount is a difference on both sides', () => {
  const [ours, theirs] = [
    { key: hash('a'), amount: 1n },
    { key: hash('a'), amount: 2n },
  ];
  const walk = new TreeWalk(treeOf([ours]), rootOf(treeOf([theirs])), LIMITS);
  expect(walk.take(answerNodes(treeOf([theirs]), walk.question()))).toBe('taken');
  expect([walk.onlyOurs, walk.onlyTheirs]).toEqual([[ours], [theirs]]);
});

describe('against a liar', () => {
  const tree = treeOf(Array.from({ length: 200 }, (_, i) => ({ key: hash(String(i)) })));
  const answer = (change: (nodes: readonly TreeNode[]) => readonly TreeNode[]) => {
    const walk = new TreeWalk(EMPTY_TREE, rootOf(tree), LIMITS);
    return walk.take(change(answerNodes(tree, walk.question())));
  };

  test('takes only what hashes to the root that was claimed, where it was asked for', () => {
    expect(answer((nodes) => nodes)).toBe('taken');
    expect(answer(() => [])).toBe('gone');
    expect(answer((nodes) => [...nodes, ...nodes])).toBe('false');
    expect(answer((nodes) => nodes.map((node) => ({ ...node, prefix: '0' })))).toBe('false');
    expect(answer(() => answerNodes(EMPTY_TREE, ['']))).toBe('false');
    expect(answer(() => answerNodes(tree, ['0']))).toBe('false');
  });

  test('an answer that nobody asked for is false', () => {
    const walk = new TreeWalk(tree, rootOf(tree), LIMITS);
    expect(walk.take(answerNodes(tree, ['']))).toBe('false');
  });

  test('a tree of inventions ends at the limits, with what was found', () => {
    const invented = treeOf(Array.from({ length: 20_000 }, (_, i) => ({ key: hash(`invented ${i}`) })));
    const few = compare(EMPTY_TREE, invented, { maxFound: 100, maxNodes: 4_096 });
    expect([few.onlyTheirs.length, few.isCut]).toEqual([100, true]);
    const short = compare(EMPTY_TREE, invented, { maxFound: 100_000, maxNodes: 300 });
    expect(short.isCut).toBe(true);
    expect(short.cost.roundTrips).toBeLessThan(10);
  });

  test('whoever has almost nothing does not keep us from finding it', () => {
    const ours = treeOf(Array.from({ length: 5_000 }, (_, i) => ({ key: hash(`our ${i}`) })));
    const walk = compare(ours, treeOf([{ key: hash('their only one') }]), { maxFound: 100, maxNodes: 100 });
    expect(keysOf(walk.onlyTheirs)).toEqual([hash('their only one')]);
    expect([walk.onlyOurs.length, walk.isCut]).toEqual([100, true]);
  });
});
