/**
 * What `npm start`, `npm test` and the others need before they can import a package. Imports nothing but Node itself, since
 * node_modules may be empty; npm runs no pre- and post-scripts here (`ignore-scripts` in .npmrc).
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Oldest Node that the tools run on. */
const NODE = { major: 20, minor: 19 };

/** What a person has to put right: the message is all there is to say. */
export class SetupError extends Error {}

/** @typedef {{ version?: string, optional?: boolean, link?: boolean }} LockedPackage */

/** @param {string} file @returns {Promise<Record<string, LockedPackage> | undefined>} */
async function readLock(file) {
  try {
    return JSON.parse(await readFile(new URL(`../${file}`, import.meta.url), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Whether node_modules holds every package of the lockfile in its exact version. @returns {Promise<boolean>} */
export async function isInstalled() {
  const [locked, installed] = await Promise.all([readLock('package-lock.json'), readLock('node_modules/.package-lock.json')]);
  if (locked === undefined) throw new SetupError('package-lock.json is missing or damaged: get a fresh copy of the project.');
  if (installed === undefined) return false;
  // Optional packages of other platforms are never installed.
  return Object.entries(locked).every(([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version);
}

/**
 * Runs a program in the repository, its output shown.
 * @param {string} command @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean, timeoutMs?: number }} [options]
 * @returns {Promise<{ code: number, output: string }>} `output` only when `quiet`; code 127 when there is no such program
 */
export function run(command, args, { env = {}, quiet = false, timeoutMs = 0 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      timeout: timeoutMs,
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 127, output: output + error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? 1, output: signal === null ? output : `${output}\nended by ${signal}` }));
  });
}

/** Runs a package's program with this Node. @param {string} file below node_modules @param {readonly string[]} args @param {Parameters<typeof run>[2]} [options] */
export const runPackage = (file, args, options) => run(process.execPath, [`node_modules/${file}`, ...args], options);

/** @param {readonly string[]} args */
function runNpm(args) {
  // Under npm its own program is known, and a shell, which Windows would need for `npm`, is not.
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) return run(process.execPath, [npm, ...args]);
  return run('npm', args);
}

/**
 * Checks Node and installs what is missing.
 * @throws {SetupError}
 */
export async function setUp() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < NODE.major || (major === NODE.major && minor < NODE.minor)) {
    throw new SetupError(`Node ${NODE.major}.${NODE.minor} or newer is needed; this is ${process.versions.node}. See https://nodejs.org`);
  }
  if (await isInstalled()) return;
  console.log('Installing packages (npm ci) …');
  // Development packages too, whatever NODE_ENV says: the build is made here.
  const { code } = await runNpm(['ci', '--include=dev', '--no-audit', '--no-fund']);
  if (code !== 0) throw new SetupError('npm ci failed: see above. It needs a connection to the npm registry.');
}

/** Runs a script's body; what a person has to put right is said in a sentence, a bug with its stack. @param {() => Promise<void>} body */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** @param {string} name of an environment variable @param {number} usual @returns {number} */
export function portFrom(name, usual) {
  const text = process.env[name] ?? '';
  const port = text === '' ? usual : Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new SetupError(`${name} must be a port, 1 to 65535, but is "${text}".`);
  return port;
}
