/**
 * Merkle trees over sets of keys, 16-way radix trees: by the root two nodes see whether they hold the same set, by walking down where
 * hashes differ they find what only one of them holds, and a few nodes on one path prove to a stranger that a key is in or not.
 *
 * A subtree of 1 … {@link MAX_LEAVES} keys is one node that lists them, a larger one an inner node with a child for each next hex digit.
 * So the shape depends on the set alone, not on the order in which keys came and went. Paths with a single child are not shortened:
 * keys are hashes, and many of them with a long common beginning cost whoever wants that more than us. Hashes (SHA-256):
 *
 *     empty   00
 *     leaves  01 ‖ (key 32 bytes ‖ amount 16 bytes, big-endian, 0 where there is none)*, keys ascending
 *     inner   02 ‖ 16 hashes, that of the empty node where there is no child
 *
 * Trees are immutable and share what they have in common, so one from a moment ago costs only what has changed since. Hashes are computed
 * when they are asked for. Memory: 55 bytes a key at 100,000 keys, 90 with amounts, beside the keys themselves. docs/protocol.md, State.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { NOBLE } from './hashes.ts';
import { type Hash, hashFromBytes } from './id.ts';
import { MAX_LEAVES } from './limit.ts';
import type { TreeLeaf, TreeNode } from './message.ts';

const FANOUT = 16;
const HASH_BYTES = 32;
const AMOUNT_BYTES = 16;
const MAX_AMOUNT = 2n ** 128n - 1n;
const HASH = /^[0-9a-f]{64}$/;

/** What distinguishes the kinds of nodes under one hash function, in hex digits. */
const TAG = { empty: '00', leaves: '01', inner: '02' } as const;

interface Empty {
  readonly kind: 'empty';
}

interface Leaves {
  readonly kind: 'leaves';
  /** Ascending by key. */
  readonly leaves: readonly TreeLeaf[];
  /** Once it was asked for. */
  hash: Hash | undefined;
}

interface Inner {
  readonly kind: 'inner';
  /** By the next digit. */
  readonly children: readonly Tree[];
  readonly count: number;
  hash: Hash | undefined;
}

/** A tree or a subtree; never changed. */
export type Tree = Empty | Leaves | Inner;

export const EMPTY_TREE: Tree = { kind: 'empty' };

/** By key: the leaf that is there from now on, or undefined to remove it. */
export type TreeChanges = ReadonlyMap<Hash, TreeLeaf | undefined>;

type Change = readonly [key: Hash, leaf: TreeLeaf | undefined];

/** The tree after `changes`: O(log n) for each, much less for many at once. What is there already, or is not there to be removed, changes nothing. */
export const changeTree = (tree: Tree, changes: TreeChanges): Tree =>
  change(
    tree,
    0,
    [...changes].sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Keys in a tree. */
export function countOf(tree: Tree): number {
  return tree.kind === 'inner' ? tree.count : tree.kind === 'leaves' ? tree.leaves.length : 0;
}

/** Hash of a tree. */
export function rootOf(tree: Tree, hashes = NOBLE): Hash {
  if (tree.kind === 'empty') return EMPTY_HASH;
  tree.hash ??= hashOfNode(describe(tree, '', hashes), hashes);
  return tree.hash;
}

/** Computes at most `most` of the hashes that {@link rootOf} needs, at about 10 µs each. @returns how many; fewer than `most` when all are there */
export function hashSome(tree: Tree, most: number, hashes = NOBLE): number {
  if (tree.kind === 'empty' || tree.hash !== undefined) return 0;
  let done = 0;
  if (tree.kind === 'inner') for (const child of tree.children) done += done < most ? hashSome(child, most - done, hashes) : 0;
  if (done >= most) return done;
  rootOf(tree, hashes);
  return done + 1;
}

/** The part of `tree` whose keys begin with `prefix` (hex digits), as the tree it would be by itself at that depth. */
export function subtreeAt(tree: Tree, prefix: string): Tree {
  let at = tree;
  for (let depth = 0; depth < prefix.length; depth++) {
    if (at.kind === 'empty') return at;
    if (at.kind === 'leaves') return makeLeaves(at.leaves.filter(({ key }) => key.startsWith(prefix)));
    at = at.children[digitAt(prefix, depth)] ?? EMPTY_TREE;
  }
  return at;
}

/** All leaves, ascending by key; stop reading when it is enough. */
export function* leavesOf(tree: Tree): Generator<TreeLeaf> {
  if (tree.kind === 'leaves') yield* tree.leaves;
  else if (tree.kind === 'inner') for (const child of tree.children) yield* leavesOf(child);
}

/** The node of `tree` at `prefix`, as it is told to others. */
export const nodeAt = (tree: Tree, prefix: string): TreeNode => describe(subtreeAt(tree, prefix), prefix);

/** Whether `node`, from a stranger, is what hashes to `hash` at `prefix`. Takes anything of its type; never throws. */
export const isNodeOf = (hash: Hash, prefix: string, node: TreeNode): boolean =>
  node.prefix === prefix && isWellFormed(node) && hashOfNode(node) === hash;

/** The nodes on the path to one key, from the root down: each hashes to what the one above says. */
export type MerkleProof = readonly TreeNode[];

/** Proves that `key` is in `tree`, or that it is not. */
export function prove(tree: Tree, key: Hash): MerkleProof {
  const proof: TreeNode[] = [];
  for (let depth = 0; ; depth++) {
    const node = nodeAt(tree, key.slice(0, depth));
    proof.push(node);
    if (node.kind !== 'inner' || node.children[digitAt(key, depth)] === undefined) return proof;
  }
}

/** What a proof shows. */
export type ProofVerdict =
  | { readonly kind: 'included'; readonly leaf: TreeLeaf }
  | { readonly kind: 'excluded' }
  /** It is no proof of this key under this root. */
  | { readonly kind: 'invalid' };

const INVALID: ProofVerdict = { kind: 'invalid' };
const EXCLUDED: ProofVerdict = { kind: 'excluded' };

/** Reads a {@link MerkleProof} from a stranger: whether the tree with this root has `key`. Never throws. */
export function verifyProof(root: Hash, key: Hash, proof: MerkleProof): ProofVerdict {
  let hash = root;
  for (const [depth, node] of proof.entries()) {
    if (!isNodeOf(hash, key.slice(0, depth), node)) return INVALID;
    const isLast = depth === proof.length - 1;
    if (node.kind !== 'inner') {
      const leaf = node.kind === 'leaves' ? node.leaves.find((one) => one.key === key) : undefined;
      if (!isLast) return INVALID;
      return leaf === undefined ? EXCLUDED : { kind: 'included', leaf };
    }
    const child = node.children[digitAt(key, depth)];
    if (child === undefined) return isLast ? EXCLUDED : INVALID;
    hash = child;
  }
  return INVALID;
}

function hashOfNode(node: TreeNode, { sha256 } = NOBLE): Hash {
  switch (node.kind) {
    case 'empty':
      return hashFromBytes(sha256(hexToBytes(TAG.empty)));
    // Bytes are made of all digits at once: for each key by itself that took longer than the hash.
    case 'leaves': {
      const leaves = node.leaves.map(({ key, amount = 0n }) => key + amount.toString(16).padStart(2 * AMOUNT_BYTES, '0'));
      return hashFromBytes(sha256(hexToBytes(TAG.leaves + leaves.join(''))));
    }
    case 'inner':
      return hashFromBytes(sha256(hexToBytes(TAG.inner + node.children.map((child = EMPTY_HASH) => child).join(''))));
  }
}

const EMPTY_HASH: Hash = hashOfNode({ kind: 'empty', prefix: '' });

/** Whether a node from outside has a hash at all, and lists what belongs to its place, once. */
function isWellFormed(node: TreeNode): boolean {
  switch (node.kind) {
    case 'empty':
      return true;
    case 'inner':
      return (
        node.prefix.length < 2 * HASH_BYTES &&
        node.children.length === FANOUT &&
        node.children.every((child) => child === undefined || HASH.test(child))
      );
    case 'leaves':
      return (
        node.leaves.length > 0 &&
        node.leaves.length <= MAX_LEAVES &&
        node.leaves.every(
          ({ key, amount = 1n }, i) =>
            HASH.test(key) && key.startsWith(node.prefix) && key > (node.leaves[i - 1]?.key ?? '') && amount > 0n && amount <= MAX_AMOUNT,
        )
      );
  }
}

function describe(tree: Tree, prefix: string, hashes = NOBLE): TreeNode {
  switch (tree.kind) {
    case 'empty':
      return { kind: 'empty', prefix };
    case 'leaves':
      return { kind: 'leaves', prefix, leaves: tree.leaves };
    case 'inner':
      return {
        kind: 'inner',
        prefix,
        children: tree.children.map((child) => (child.kind === 'empty' ? undefined : rootOf(child, hashes))),
      };
  }
}

/** The value of the hex digit of `text` at `depth`. */
function digitAt(text: string, depth: number): number {
  const code = text.charCodeAt(depth);
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

/** Changes are ascending by key. Recursion goes no deeper than a key has digits. */
function change(tree: Tree, depth: number, changes: readonly Change[]): Tree {
  if (tree.kind !== 'inner') return changeLeaves(tree, depth, changes);
  const children = [...tree.children];
  let isChanged = false;
  for (let from = 0; from < changes.length; ) {
    const digit = digitAt(changes[from]?.[0] ?? '', depth);
    let to = from + 1;
    while (to < changes.length && digitAt(changes[to]?.[0] ?? '', depth) === digit) to++;
    const child = children[digit] ?? EMPTY_TREE;
    const changed = change(child, depth + 1, changes.slice(from, to));
    isChanged ||= changed !== child;
    children[digit] = changed;
    from = to;
  }
  return isChanged ? join(children) : tree;
}

/** Both sides are ascending: one pass over them does it. */
function changeLeaves(tree: Empty | Leaves, depth: number, changes: readonly Change[]): Tree {
  const before = tree.kind === 'empty' ? [] : tree.leaves;
  const after: TreeLeaf[] = [];
  let isChanged = false;
  let at = 0;
  for (const [key, leaf] of changes) {
    let next = before[at];
    for (; next !== undefined && next.key < key; next = before[++at]) after.push(next);
    const present = next?.key === key ? next : undefined;
    if (present !== undefined) at++;
    const isSame = present?.amount === leaf?.amount && (present === undefined) === (leaf === undefined);
    const kept = isSame ? present : leaf;
    if (kept !== undefined) after.push(kept);
    isChanged ||= !isSame;
  }
  if (!isChanged) return tree;
  return build([...after, ...before.slice(at)], depth);
}

/** The tree of some leaves, ascending by key. */
function build(leaves: readonly TreeLeaf[], depth: number): Tree {
  if (leaves.length <= MAX_LEAVES) return makeLeaves(leaves);
  const parts: TreeLeaf[][] = Array.from({ length: FANOUT }, () => []);
  for (const leaf of leaves) parts[digitAt(leaf.key, depth)]?.push(leaf);
  return { kind: 'inner', children: parts.map((part) => build(part, depth + 1)), count: leaves.length, hash: undefined };
}

/** One tree out of 16; so few keys that an inner node is too much for them become leaves. */
function join(children: readonly Tree[]): Tree {
  const count = children.reduce((sum, child) => sum + countOf(child), 0);
  if (count > MAX_LEAVES) return { kind: 'inner', children, count, hash: undefined };
  return makeLeaves(children.flatMap((child) => [...leavesOf(child)]));
}

const makeLeaves = (leaves: readonly TreeLeaf[]): Tree => (leaves.length === 0 ? EMPTY_TREE : { kind: 'leaves', leaves, hash: undefined });
