/**
 * Writes the vectors in src/core/vectors/ that a second implementation can make (scripts/vectors/oracle.mjs): deterministic, so a run
 * without a change of rules changes no file. `node scripts/make-vectors.mjs`
 */
import { writeFileSync } from 'node:fs';
import { decideVectors } from './vectors/decide.mjs';
import { addressVectors, signatureVectors, torrentVectors, workVectors } from './vectors/encodings.mjs';
import { keyVectors } from './vectors/key.mjs';
import { linkVectors } from './vectors/link.mjs';
import { proofVectors } from './vectors/proof.mjs';
import { transactionVectors } from './vectors/transaction.mjs';

const FILES = {
  'address.json': addressVectors,
  'decide.json': decideVectors,
  'key.json': keyVectors,
  'link.json': linkVectors,
  'proof.json': proofVectors,
  'signature.json': signatureVectors,
  'torrent.json': torrentVectors,
  'transaction.json': transactionVectors,
  'work.json': workVectors,
};

for (const [name, make] of Object.entries(FILES)) {
  const vectors = make();
  // Vectors of one name would hide each other where the protocol cites them.
  for (const list of Object.values(vectors)) {
    const names = Array.isArray(list) ? list.map(({ name }) => name) : [];
    const twice = names.find((value, i) => names.indexOf(value) !== i);
    if (twice !== undefined) throw new Error(`${name}: ${twice} twice`);
  }
  writeFileSync(new URL(`../src/core/vectors/${name}`, import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
}
