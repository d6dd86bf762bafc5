import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Hash, hashFromBytes } from './id.ts';
import { MAX_LEAVES } from './limit.ts';
import {
  changeTree,
  countOf,
  EMPTY_TREE,
  isNodeOf,
  leavesOf,
  nodeAt,
  prove,
  rootOf,
  subtreeAt,
  type Tree,
  verifyProof,
} from './merkle-tree.ts';
import type { TreeLeaf, TreeNode } from './message.ts';
import vectors from './vectors/tree.json' with { type: 'json' };

const hash = (text: string): Hash => hashFromBytes(sha256(new TextEncoder().encode(text)));
const treeOf = (leaves: readonly TreeLeaf[], tree = EMPTY_TREE): Tree => changeTree(tree, new Map(leaves.map((leaf) => [leaf.key, leaf])));
const without = (tree: Tree, keys: readonly Hash[]): Tree => changeTree(tree, new Map(keys.map((key) => [key, undefined])));

/** A leaf as vectors write it. */
const leafOf = ({ key, amount }: { key: string; amount?: string }): TreeLeaf =>
  amount === undefined ? { key: key as Hash } : { key: key as Hash, amount: BigInt(amount) };

describe('vectors', () => {
  test.each(vectors.valid.map((v) => [v.name, v] as const))('the root of %s', (_, vector) => {
    const { count = 0, prefix = '', leaves } = vector as { count?: number; prefix?: string; leaves?: { key: string; amount?: string }[] };
    const made = Array.from({ length: count }, (_, i) => ({ key: (prefix + hash(String(i)).slice(prefix.length)) as Hash }));
    const tree = treeOf(leaves?.map(leafOf) ?? made);
    expect(rootOf(tree)).toBe(vector.root);
    expect(countOf(tree)).toBe(leaves?.length ?? count);
  });

  test.each(vectors.proofs.map((v) => [v.name, v] as const))('a proof: %s', (_, { root, key, nodes, verdict }) => {
    const proof = nodes.map(({ kind, prefix, ...rest }) => {
      const { children, leaves } = rest as { children?: (Hash | null)[]; leaves?: { key: string; amount?: string }[] };
      return { kind, prefix, children: children?.map((child) => child ?? undefined), leaves: leaves?.map(leafOf) } as TreeNode;
    });
    expect(verifyProof(root as Hash, key as Hash, proof).kind).toBe(verdict);
  });
});

/** Few first digits, so that keys crowd: lists overflow, single children and removals that fold inner nodes up are common. */
const crowded: fc.Arbitrary<Hash> = fc
  .tuple(fc.constantFrom('', '0', 'a', 'abc', 'abcdef0123'), fc.nat(400))
  .map(([prefix, i]) => (prefix + hash(String(i)).slice(prefix.length)) as Hash);
const leaf: fc.Arbitrary<TreeLeaf> = fc
  .tuple(crowded, fc.option(fc.bigInt({ min: 1n, max: 3n }), { nil: undefined }))
  .map(([key, amount]) => (amount === undefined ? { key } : { key, amount }));
const leaves = fc.uniqueArray(leaf, { selector: ({ key }) => key, maxLength: 300, size: 'max' });

describe('the root', () => {
  test('depends on the set alone, however it came about', () => {
    fc.assert(
      fc.property(leaves, leaves, fc.integer({ min: 1, max: 90 }), (wanted, others, batch) => {
        const expected = rootOf(treeOf(wanted));
        const keys = new Set(wanted.map(({ key }) => key));
        let tree = treeOf(others);
        const backwards = [...wanted].reverse();
        for (let from = 0; from < backwards.length; from += batch) tree = treeOf(backwards.slice(from, from + batch), tree);
        tree = without(
          tree,
          others.map(({ key }) => key).filter((key) => !keys.has(key)),
        );
        expect(rootOf(tree)).toBe(expected);
        expect([...leavesOf(tree)]).toEqual([...wanted].sort((a, b) => (a.key < b.key ? -1 : 1)));
        expect(countOf(tree)).toBe(wanted.length);
      }),
    );
  });

  test('differs where sets differ, in a key or in an amount', () => {
    fc.assert(
      fc.property(leaves, leaf, (some, one) => {
        const tree = treeOf(some);
        const known = some.find(({ key }) => key === one.key);
        const isSame = known !== undefined && known.amount === one.amount;
        const added = treeOf([one], tree);
        expect(rootOf(added) === rootOf(tree)).toBe(isSame);
        expect(added === tree).toBe(isSame);
        expect(without(tree, [one.key]) === tree).toBe(known === undefined);
      }),
    );
  });

  test('of an old tree stays what it was', () => {
    const before = treeOf(Array.from({ length: 200 }, (_, i) => ({ key: hash(String(i)) })));
    const root = rootOf(before);
    const after = treeOf([{ key: hash('new') }], before);
    expect(rootOf(after)).not.toBe(root);
    expect([rootOf(before), countOf(before)]).toEqual([root, 200]);
    expect(rootOf(without(after, [hash('new')]))).toBe(root);
  });
});

describe('nodes', () => {
  test('every node of a tree is what its parent says, and a part is a tree by itself', () => {
    fc.assert(
      fc.property(leaves, (some) => {
        const tree = treeOf(some);
        const worklist: { prefix: string; expected: Hash }[] = [{ prefix: '', expected: rootOf(tree) }];
        for (let next = worklist.pop(); next !== undefined; next = worklist.pop()) {
          const { prefix, expected } = next;
          const node = nodeAt(tree, prefix);
          expect(isNodeOf(expected, prefix, node)).toBe(true);
          expect([...leavesOf(subtreeAt(tree, prefix))]).toEqual([...leavesOf(tree)].filter(({ key }) => key.startsWith(prefix)));
          if (node.kind === 'leaves') expect(node.leaves.length).toBeLessThanOrEqual(MAX_LEAVES);
          if (node.kind !== 'inner') continue;
          expect(countOf(subtreeAt(tree, prefix))).toBeGreaterThan(MAX_LEAVES);
          node.children.forEach((child, digit) => {
            if (child !== undefined) worklist.push({ prefix: prefix + digit.toString(16), expected: child });
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  test('a malformed node is nobody’s, whatever it hashes to', () => {
    const key = hash('a');
    const root = rootOf(treeOf([{ key }]));
    const odd: readonly TreeNode[] = [
      { kind: 'leaves', prefix: '', leaves: [] },
      { kind: 'leaves', prefix: '', leaves: [{ key: 'xyz' as Hash }] },
      { kind: 'leaves', prefix: '', leaves: [{ key, amount: 0n }] },
      { kind: 'leaves', prefix: '', leaves: [{ key, amount: 2n ** 128n }] },
      { kind: 'leaves', prefix: '', leaves: [{ key }, { key }] },
      { kind: 'leaves', prefix: `${key[0]}`, leaves: [{ key }] },
      { kind: 'inner', prefix: '', children: [] },
      { kind: 'inner', prefix: '', children: Array.from({ length: 16 }, () => 'odd' as Hash) },
    ];
    for (const node of odd) expect(isNodeOf(root, '', node)).toBe(false);
    expect(isNodeOf(root, '', { kind: 'leaves', prefix: '', leaves: [{ key }] })).toBe(true);
  });
});

describe('proofs', () => {
  test('show what is in and what is not, and nothing else', () => {
    fc.assert(
      fc.property(leaves, crowded, (some, key) => {
        const tree = treeOf(some);
        const known = some.find((one) => one.key === key);
        const proof = prove(tree, key);
        expect(verifyProof(rootOf(tree), key, proof)).toEqual(
          known === undefined ? { kind: 'excluded' } : { kind: 'included', leaf: known },
        );
        expect(verifyProof(hash('another root'), key, proof)).toEqual({ kind: 'invalid' });
        const other = known === undefined ? treeOf([{ key }], tree) : without(tree, [key]);
        expect(verifyProof(rootOf(other), key, proof)).toEqual({ kind: 'invalid' });
      }),
    );
  });

  test('that are forged show nothing', () => {
    fc.assert(
      fc.property(leaves, crowded, fc.nat(), fc.nat(), leaf, (some, key, at, digit, forged) => {
        const tree = treeOf(some);
        const proof = prove(tree, key);
        const changed = proof.map((node, i): TreeNode => {
          if (i !== at % proof.length) return node;
          if (node.kind === 'inner') return { ...node, children: node.children.with(digit % 16, hash('forged')) };
          const list = node.kind === 'leaves' ? node.leaves : [];
          const rest = list.filter((one) => one.key !== forged.key);
          const more = [...rest, forged].sort((a, b) => (a.key < b.key ? -1 : 1));
          return { kind: 'leaves', prefix: node.prefix, leaves: list.some((one) => one === forged) ? rest : more };
        });
        const isSame = JSON.stringify(changed, text) === JSON.stringify(proof, text);
        expect(verifyProof(rootOf(tree), key, changed).kind === 'invalid').toBe(!isSame);
      }),
    );
  });
});

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

test('one key more among 100,000 changes the nodes on one path', () => {
  const tree = treeOf(Array.from({ length: 100_000 }, (_, i) => ({ key: hash(`key ${i}`) })));
  const root = rootOf(tree);
  const one = hash('one more');
  const more = treeOf([{ key: one }], tree);
  const kept = (a: Tree, b: Tree | undefined): number => {
    if (a === b || a.kind !== 'inner' || b?.kind !== 'inner') return a === b ? 1 : 0;
    return a.children.reduce((sum, child, digit) => sum + kept(child, b.children[digit]), 0);
  };
  expect(kept(tree, more)).toBe(3 * 15);
  expect(rootOf(more)).not.toBe(root);
  expect(rootOf(without(more, [one]))).toBe(root);
});
