/** Economies kept in .cache, because signing a hundred thousand payments takes half a minute. Bench and tests in Node only. */
import { createPrivateKey, sign } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../scripts/setup.mjs';
import { signatureFromBytes } from '../src/core/id.ts';
import { signedMessage } from '../src/core/signature.ts';
import { makeEconomy, type Sign } from './economy.ts';

/** Part of the file's name: another mixture is another file. */
const EDITION = 2;
/** PKCS #8 of an ed25519 seed (RFC 8410): this, then the 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Ten times as quick as the library, and signs the same. */
const signNatively: Sign = (draft, nonce, secretKey) => {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, secretKey]), format: 'der', type: 'pkcs8' });
  return { ...draft, nonce, signature: signatureFromBytes(new Uint8Array(sign(null, signedMessage(draft, nonce), key))) };
};

/** What the bytes of a kept economy do not say by themselves. */
export interface EconomyFacts {
  readonly accepted: number;
  readonly conflicted: number;
  readonly rejected: number;
  /** Decimal digits. */
  readonly supply: string;
}

/**
 * Where a kept economy of `count` transactions is; makes it the first time.
 * @returns `file`: each transaction's length in 4 bytes, little-endian, then its bytes
 */
export async function keepEconomy(count: number): Promise<{ readonly file: string; readonly facts: EconomyFacts }> {
  const directory = join(ROOT, '.cache/economy');
  const file = join(directory, `${count}.v${EDITION}.bin`);
  const about = join(directory, `${count}.v${EDITION}.json`);
  const kept = await readFile(about, 'utf8').catch(() => undefined);
  if (kept !== undefined) return { file, facts: JSON.parse(kept) };
  const { files, accepted, conflicted, rejected, supply } = makeEconomy(count, signNatively);
  const packed = new Uint8Array(files.reduce((total, { length }) => total + 4 + length, 0));
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const bytes of files) {
    view.setUint32(at, bytes.length, true);
    packed.set(bytes, at + 4);
    at += 4 + bytes.length;
  }
  const facts = { accepted, conflicted, rejected, supply: String(supply) };
  await mkdir(directory, { recursive: true });
  // The facts come last: where they are, the file is whole.
  await writeFile(`${file}.part`, packed);
  await rename(`${file}.part`, file);
  await writeFile(about, JSON.stringify(facts));
  return { file, facts };
}

/** The files of a kept economy, in order. */
export function unpackEconomy(packed: Uint8Array): Uint8Array[] {
  const view = new DataView(packed.buffer, packed.byteOffset);
  const files: Uint8Array[] = [];
  for (let at = 0; at < packed.length; ) {
    const length = view.getUint32(at, true);
    files.push(packed.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return files;
}
