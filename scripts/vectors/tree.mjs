/** Vectors of the state trees: roots of sets, the keys of coins, and proofs, made by plain recursion over the whole set. */
import { bech32, sha256 } from './oracle.mjs';

/** @typedef {{ key: string, amount?: string }} Leaf Amounts are decimal text: they may exceed 2^53. */
/** @typedef {{ kind: string, prefix: string, children?: (string | null)[], leaves?: readonly Leaf[] }} TreeNode */

const MAX_LEAVES = 48;
const DIGITS = [...'0123456789abcdef'];

/** @param {Uint8Array[]} parts */
const hash = (...parts) => sha256(Buffer.concat(parts)).toString('hex');
const EMPTY = hash(Buffer.from([0]));

/** The node at `prefix` of the tree of `leaves`. @param {readonly Leaf[]} leaves @param {string} prefix @returns {TreeNode} */
function node(leaves, prefix) {
  const below = leaves.filter(({ key }) => key.startsWith(prefix)).sort((a, b) => (a.key < b.key ? -1 : 1));
  if (below.length === 0) return { kind: 'empty', prefix };
  if (below.length <= MAX_LEAVES) return { kind: 'leaves', prefix, leaves: below };
  const children = DIGITS.map((digit) => hashOf(below, prefix + digit)).map((child) => (child === EMPTY ? null : child));
  return { kind: 'inner', prefix, children };
}

/** @param {TreeNode} node @returns {string} */
function hashOfNode({ kind, children = [], leaves = [] }) {
  if (kind === 'empty') return EMPTY;
  if (kind === 'inner') return hash(Buffer.from([2]), ...children.map((child) => Buffer.from(child ?? EMPTY, 'hex')));
  const parts = leaves.map(({ key, amount = '0' }) => Buffer.from(key + BigInt(amount).toString(16).padStart(32, '0'), 'hex'));
  return hash(Buffer.from([1]), ...parts);
}

/** @param {readonly Leaf[]} leaves @param {string} [prefix] */
const hashOf = (leaves, prefix = '') => hashOfNode(node(leaves, prefix));

/** Root of a tree. @param {readonly Leaf[]} leaves */
export const rootOf = (leaves) => hashOf(leaves);

/** Key of a coin. @param {string} txid @param {Uint8Array} payload of the owner's address */
export const coinKey = (txid, payload) => hash(Buffer.from(txid, 'hex'), payload);

/** @param {number} i */
const madeKey = (i) => sha256(String(i)).toString('hex');
/** Keys SHA-256("0"), SHA-256("1") … @param {number} count @param {string} [prefix] written over the beginning of each @returns {Leaf[]} */
const made = (count, prefix = '') => Array.from({ length: count }, (_, i) => ({ key: prefix + madeKey(i).slice(prefix.length) }));

/** Nodes on the path to `key`. @param {readonly Leaf[]} leaves @param {string} key */
function prove(leaves, key) {
  const nodes = [];
  for (let depth = 0; ; depth++) {
    const here = node(leaves, key.slice(0, depth));
    nodes.push(here);
    if (here.kind !== 'inner' || node(leaves, key.slice(0, depth + 1)).kind === 'empty') return nodes;
  }
}

export function treeVectors() {
  /** @param {string} name @param {string} description @param {readonly Leaf[]} leaves */
  const set = (name, description, leaves) => ({ name, description, leaves, root: rootOf(leaves) });
  /** @param {string} name @param {string} description @param {number} count @param {string} [prefix] */
  const many = (name, description, count, prefix = '') => ({ name, description, count, prefix, root: rootOf(made(count, prefix)) });
  const [first, second] = [madeKey(0), madeKey(1)];
  const hundred = made(100);
  const coins = hundred.map((leaf, i) => ({ ...leaf, amount: String(i + 1) }));
  /** @param {string} name @param {string} description @param {string} verdict @param {readonly Leaf[]} leaves @param {string} key @param {TreeNode[]} [nodes] */
  const proof = (name, description, verdict, leaves, key, nodes = prove(leaves, key)) => ({
    name,
    description,
    root: rootOf(leaves),
    key,
    nodes,
    verdict,
  });
  const absent = madeKey(1000);
  const path = prove(coins, first);
  const top = /** @type {TreeNode} */ (path[0]);
  const bottom = /** @type {TreeNode} */ (path.at(-1));
  const list = bottom.leaves ?? [];
  return {
    description:
      'State trees. valid: the root of a set, given as leaves (amount: decimal text) or as a count of keys SHA-256("0"), SHA-256("1") … with prefix written over their beginning. coins: key of a coin. proofs: nodes on the path to a key, and what they show.',
    valid: [
      set('empty', 'no key', []),
      set('one', 'one key', [{ key: first }]),
      set('two', 'two keys, ascending whatever order they came in', [{ key: second }, { key: first }]),
      set('amount', 'a key with an amount', [{ key: first, amount: '1' }]),
      set('amount-beyond-2-64', 'an amount beyond 2^64', [{ key: first, amount: String(2n ** 64n + 1n) }]),
      many('leaves-48', 'as many keys as one node lists', 48),
      many('leaves-49', 'one more: an inner node', 49),
      many('single-child', '49 keys whose first three digits are equal: inner nodes with one child each', 49, 'abc'),
      many('deep-leaves', '48 keys whose first three digits are equal: one node all the same', 48, 'abc'),
      many('thousand', '1,000 keys', 1_000),
    ],
    coins: [
      ['alice', '11'],
      ['bob', '22'],
    ].map(([name = '', byte = '']) => {
      const [txid, payload] = [byte.repeat(32), sha256(name)];
      return { name, txid, owner: payload.toString('hex'), address: bech32('ttx', payload), key: coinKey(txid, payload) };
    }),
    proofs: [
      proof('included', 'a key that is in', 'included', coins, first),
      proof('excluded', 'a key that is not in', 'excluded', coins, absent),
      proof('excluded-no-child', 'a key below a child that is not there', 'excluded', made(49, 'abc'), first),
      proof('excluded-empty', 'a key in no tree', 'excluded', [], first),
      proof('other-key', 'a proof of another key', 'invalid', coins, first, prove(coins, absent)),
      proof('cut', 'a proof without its last node', 'invalid', coins, first, path.slice(0, -1)),
      proof('no-nodes', 'a proof without nodes', 'invalid', coins, first, []),
      proof('node-behind', 'a node behind the last', 'invalid', coins, first, [...path, bottom]),
      proof('leaf-left-out', 'the key left out of the list', 'invalid', coins, first, [
        top,
        { ...bottom, leaves: list.filter(({ key }) => key !== first) },
      ]),
      proof('other-amount', 'another amount', 'invalid', coins, first, [
        top,
        { ...bottom, leaves: list.map((leaf) => (leaf.key === first ? { ...leaf, amount: '7' } : leaf)) },
      ]),
      proof('other-root', 'nodes of another tree', 'invalid', coins, first, prove(hundred, first)),
    ],
  };
}
