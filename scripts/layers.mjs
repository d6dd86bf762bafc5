/**
 * Which layer may import what (docs/architecture.md). Reads every module of src/ and workers/ and names each import and, in
 * core, each impurity that breaks the rule. Tests may import what they like.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';

/** A layer is a folder of src, `workers`, or `root` for src's own files (the page's composition root). */
const LAYER = /^(?:src\/(?<layer>[^/]+)\/|(?<workers>workers)\/|src\/[^/]+$)/;

/**
 * What a layer may import besides itself: `layer/`, a `layer/file`, or a package (with everything below it).
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const ALLOWED = {
  core: ['@noble/', '@scure/', 'canonicalize'],
  api: ['core/', 'comlink'],
  storage: ['core/', 'idb'],
  // Clocks, and what comes one after another.
  time: [],
  net: ['core/', 'api/', 'time/', '@noble/hashes', 'webtorrent', 'bittorrent-protocol', '@thaunknown/simple-peer'],
  // Hashes and mnemonics are functions of bytes; stretching a mnemonic is asynchronous and so has no place in core.
  node: ['core/', 'api/', 'time/', 'storage/store.ts', 'net/swarm.ts', '@noble/hashes', '@scure/base', '@scure/bip39'],
  workers: ['package.json', 'core/', 'api/', 'time/', 'storage/', 'net/', 'node/', 'comlink'],
  // Everything that has no screen, many times over.
  simulation: ['core/', 'api/', 'time/', 'storage/', 'net/', 'node/'],
  client: ['api/', 'core/', 'comlink', '@preact/signals', 'qr', 'workbox-window', 'workers/'],
  ui: [
    'package.json',
    'client/',
    'core/amount.ts',
    'core/address.ts',
    'core/link.ts',
    'core/id.ts',
    'core/error.ts',
    'core/limit.ts',
    'preact',
    '@preact/signals',
    'qr',
  ],
  root: ['client/', 'ui/', 'preact', '@preact/signals'],
};

/**
 * A room is a folder of a layer; one that is named here may import from the layer, besides itself, only these.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const ROOMS = {
  'node/ledger': [],
  'node/peers': ['node/ledger/'],
  'node/contest': ['node/ledger/', 'node/peers/'],
  'node/light': ['node/ledger/', 'node/peers/'],
  'node/wallet': ['node/ledger/', 'node/peers/'],
};

/** Types may come from further away: they leave nothing in the bundle. @type {Readonly<Record<string, readonly string[]>>} */
const ALLOWED_TYPES = {
  ui: ['api/', 'core/'],
  root: ['api/'],
};

/** What core must not touch. Its tsconfig has no types for most of these; clocks and chance are part of the language. */
const IMPURE = /\b(Date|Math\s*\.\s*random|performance|crypto|console|setTimeout|setInterval|queueMicrotask|fetch|Promise|async|await)\b/;

const IMPORT =
  /(?:^|[;{}\n])\s*(?<statement>import|export)\s+(?<type>type\s)?(?:[^'"`;]*?\sfrom\s*)?['"](?<from>[^'"]+)['"]|\b(?:import|new URL)\s*\(\s*['"](?<dynamic>[^'"]+)['"]/g;

/**
 * @typedef {object} Violation
 * @property {string} file
 * @property {string} what
 */

/** Comments and the contents of strings are no code. @param {string} source @param {{ strings: boolean }} keep */
function codeOf(source, { strings }) {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return source.replace(token, (text) =>
    text.startsWith('/') ? ' ' : strings ? text : text.startsWith('`') ? text.replace(/[^${}\w\s.()]/g, ' ') : "''",
  );
}

/** @param {string} file @returns {string} */
function layerOf(file) {
  const groups = LAYER.exec(file)?.groups;
  return groups?.layer ?? groups?.workers ?? 'root';
}

/** The room of a module, or its layer. @param {string} file @returns {string} */
const roomOf = (file) => posix.dirname(file).replace(/^src\//, '');

/** Where an import leads: `layer/file` inside the project, the package's path outside. @param {string} file @param {string} from */
function targetOf(file, from) {
  if (!from.startsWith('.')) return from;
  const path = posix.join(posix.dirname(file), from);
  return path.startsWith('src/') ? path.slice('src/'.length) : path;
}

/** @param {string} target @param {readonly string[]} allowed */
const isAllowed = (target, allowed) =>
  allowed.some((entry) =>
    entry.endsWith('/') || entry.endsWith('.ts') ? target.startsWith(entry) : target === entry || target.startsWith(`${entry}/`),
  );

/** @param {string} file relative to the repository, with slashes @param {string} source @returns {Violation[]} */
export function checkModule(file, source) {
  const layer = layerOf(file);
  const allowed = ALLOWED[layer];
  if (allowed === undefined) return [{ file, what: `${layer} is not a layer` }];
  /** @type {Violation[]} */
  const violations = [];
  for (const match of codeOf(source, { strings: true }).matchAll(IMPORT)) {
    const from = match.groups?.from ?? match.groups?.dynamic;
    if (from === undefined || /\.(css(\?inline)?|svg)$/.test(from)) continue;
    const target = targetOf(file, from);
    const own = layer === 'root' ? !target.includes('/') : target.startsWith(`${layer}/`);
    const room = roomOf(file);
    if (own && ROOMS[room] !== undefined && !target.startsWith(`${room}/`) && !isAllowed(target, ROOMS[room]))
      violations.push({ file, what: `${room} imports ${target}` });
    const type = match.groups?.type !== undefined ? (ALLOWED_TYPES[layer] ?? []) : [];
    if (!(from.startsWith('.') && own) && !isAllowed(target, [...allowed, ...type]))
      violations.push({ file, what: `${layer} imports ${target}` });
  }
  const impure = layer === 'core' ? IMPURE.exec(codeOf(source, { strings: false })) : null;
  if (impure !== null) violations.push({ file, what: `core uses ${impure[1]}` });
  return violations;
}

/** @param {string} root @param {string} folder @returns {Promise<string[]>} modules below it, tests and declarations left out */
async function findModules(root, folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.(test|contract)\.tsx?$|\.d\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/**
 * Checks a tree with the folders src/ and workers/.
 * @param {string} root
 * @returns {Promise<{ files: number, imports: number, violations: Violation[] }>}
 */
export async function checkLayers(root) {
  const files = (await Promise.all(['src', 'workers'].map((folder) => findModules(root, folder)))).flat();
  /** @type {Violation[]} */
  const violations = [];
  let imports = 0;
  for (const file of files) {
    const source = await readFile(join(root, file), 'utf8');
    imports += [...codeOf(source, { strings: true }).matchAll(IMPORT)].length;
    violations.push(...checkModule(file, source));
  }
  return { files: files.length, imports, violations };
}
