/** Every vector file that the second implementation makes, and its content. */
import { attachmentVectors } from './attachment.mjs';
import { contestVectors, doubleSpendVectors, voteVectors } from './conflict.mjs';
import { decideVectors } from './decide.mjs';
import { addressVectors, signatureVectors, torrentVectors, workVectors } from './encodings.mjs';
import { identityVectors } from './identity.mjs';
import { keyVectors } from './key.mjs';
import { linkVectors } from './link.mjs';
import { messageVectors } from './message.mjs';
import { pairingVectors } from './pairing.mjs';
import { proofVectors } from './proof.mjs';
import { transactionVectors } from './transaction.mjs';
import { treeVectors } from './tree.mjs';

/** @type {{ readonly [file: string]: () => { readonly [list: string]: unknown } }} */
const FILES = {
  'address.json': addressVectors,
  'attachment.json': attachmentVectors,
  'contest.json': contestVectors,
  'decide.json': decideVectors,
  'double-spend.json': doubleSpendVectors,
  'identity.json': identityVectors,
  'key.json': keyVectors,
  'link.json': linkVectors,
  'message.json': messageVectors,
  'pairing.json': pairingVectors,
  'proof.json': proofVectors,
  'signature.json': signatureVectors,
  'torrent.json': torrentVectors,
  'transaction.json': transactionVectors,
  'tree.json': treeVectors,
  'vote.json': voteVectors,
  'work.json': workVectors,
};

/** Name and text of each file. @returns {[string, string][]} */
export function makeVectorFiles() {
  return Object.entries(FILES).map(([file, make]) => {
    const vectors = make();
    // Vectors of one name would hide each other where the protocol cites them.
    for (const list of Object.values(vectors)) {
      const names = Array.isArray(list) ? list.map(({ name }) => name) : [];
      const twice = names.find((value, i) => names.indexOf(value) !== i);
      if (twice !== undefined) throw new Error(`${file}: ${twice} twice`);
    }
    return [file, `${JSON.stringify(vectors, null, 1)}\n`];
  });
}
