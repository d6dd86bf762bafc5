/**
 * Finding out where two trees differ by asking for nodes of the other one, from the root down, only where hashes differ: ten differences
 * among 100,000 keys take four questions and some 20 kB. Every answer is checked against the hash above it, up to the root that the
 * other claimed, so a liar is found out; what it costs us is bounded, for a tree of inventions is a tree as well. docs/protocol.md, State.
 */
import type { Hash } from './id.ts';
import { MAX_PREFIXES } from './limit.ts';
import { isNodeOf, leavesOf, nodeAt, rootOf, subtreeAt, type Tree } from './merkle-tree.ts';
import type { TreeLeaf, TreeNode } from './message.ts';

/** What bounds a walk. */
export interface WalkLimits {
  /** Most keys found on either side; there may be more. */
  readonly maxFound: number;
  /** Most nodes asked for in all. */
  readonly maxNodes: number;
}

/** What an answer was worth. */
export type AnswerVerdict =
  /** Ask on, if there is something to ask. */
  | 'taken'
  /** The other does not keep this tree any more. */
  | 'gone'
  /** It is not what was asked for, or does not hash to what was claimed. */
  | 'false';

/** A place where the trees differ. */
interface Difference {
  readonly prefix: string;
  /** Hash of their node there. */
  readonly hash: Hash;
}

/** Compares `ours` with a tree of which only the root is known. Ask {@link TreeWalk.question}, give what comes to {@link TreeWalk.take}. */
export class TreeWalk {
  readonly root: Hash;
  /** Keys that only they have, or with another amount, in the order in which they were found. */
  readonly onlyTheirs: TreeLeaf[] = [];
  /** Keys that only we have, or with another amount. */
  readonly onlyOurs: TreeLeaf[] = [];
  readonly #ours: Tree;
  readonly #limits: WalkLimits;
  /** Not asked yet; the last one is next, so that few wait at a time. */
  readonly #waiting: Difference[] = [];
  #asked: readonly Difference[] = [];
  #asks = 0;
  #isCut = false;

  constructor(ours: Tree, root: Hash, limits: WalkLimits) {
    this.#ours = ours;
    this.root = root;
    this.#limits = limits;
    if (rootOf(ours) !== root) this.#waiting.push({ prefix: '', hash: root });
  }

  /** Whether everything was compared, or as much as the limits allow. */
  get isDone(): boolean {
    return this.#asked.length === 0 && this.#waiting.length === 0;
  }

  /** Whether there may be more differences than were found. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Prefixes of the nodes to ask for next, at most {@link MAX_PREFIXES}; none while an answer is awaited or when all is done. */
  question(): readonly string[] {
    if (this.#asked.length > 0) return [];
    const room = Math.min(MAX_PREFIXES, this.#limits.maxNodes - this.#asks);
    if (this.#waiting.length > 0 && room === 0) this.#cut();
    this.#asked = this.#waiting.splice(-room, room);
    this.#asks += this.#asked.length;
    return this.#asked.map(({ prefix }) => prefix);
  }

  /** Takes the answer to the last question: the nodes asked for, in the same order. Never throws. */
  take(nodes: readonly TreeNode[]): AnswerVerdict {
    const asked = this.#asked;
    if (asked.length > 0 && nodes.length === 0) return 'gone';
    if (nodes.length !== asked.length) return 'false';
    this.#asked = [];
    for (const [i, { prefix, hash }] of asked.entries()) {
      const node = nodes[i];
      if (node === undefined || !isNodeOf(hash, prefix, node)) return 'false';
      this.#compare(node);
    }
    return 'taken';
  }

  #compare(node: TreeNode): void {
    if (node.kind !== 'inner') return this.#compareLeaves(node.prefix, node.kind === 'leaves' ? node.leaves : []);
    for (const [digit, hash] of node.children.entries()) {
      const prefix = node.prefix + digit.toString(16);
      if (hash === undefined) this.#compareLeaves(prefix, []);
      else if (rootOf(subtreeAt(this.#ours, prefix)) !== hash) this.#waiting.push({ prefix, hash });
    }
  }

  /** Compares key by key. Of ours there may be any number below the prefix; of theirs there are few, and all of them are known. */
  #compareLeaves(prefix: string, theirs: readonly TreeLeaf[]): void {
    const { maxFound } = this.#limits;
    const amounts = new Map(theirs.map(({ key, amount }) => [key, amount]));
    for (const leaf of leavesOf(subtreeAt(this.#ours, prefix))) {
      if (amounts.has(leaf.key) && amounts.get(leaf.key) === leaf.amount) continue;
      if (this.onlyOurs.length === maxFound) {
        this.#isCut = true;
        break;
      }
      this.onlyOurs.push(leaf);
    }
    for (const leaf of theirs) {
      const [ours] = leavesOf(subtreeAt(this.#ours, leaf.key));
      if (ours !== undefined && ours.amount === leaf.amount) continue;
      if (this.onlyTheirs.length === maxFound) return this.#cut();
      this.onlyTheirs.push(leaf);
    }
  }

  /** Enough to go on with: another walk finds the rest. */
  #cut(): void {
    this.#isCut = true;
    this.#waiting.length = 0;
  }
}

/** Answers a question for nodes of `tree`. */
export const answerNodes = (tree: Tree, prefixes: readonly string[]): readonly TreeNode[] => prefixes.map((prefix) => nodeAt(tree, prefix));
