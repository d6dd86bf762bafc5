/** A worker that decodes files and checks their signatures, a batch at a time. */
import * as Comlink from 'comlink';
import type { VerifyApi } from '../src/api/verify.ts';
import { examine } from '../src/node/ledger/examine.ts';
import { FastEd25519 } from '../src/node/ledger/fast-ed25519.ts';
import { packFindings, unpackBatch } from '../src/node/ledger/file-batch.ts';
import { createHashes } from './hashes.ts';

const hashes = createHashes();
const ed25519 = new FastEd25519(crypto.subtle);
const api: VerifyApi = {
  check: async (batch) => {
    // All at once: a browser that computes elsewhere need not be waited for between two of them.
    const findings = await Promise.all(unpackBatch(batch).map((bytes) => examine(bytes, (signed) => ed25519.check(signed), hashes)));
    const packed = packFindings(findings);
    return Comlink.transfer(packed, [packed.buffer]);
  },
};

Comlink.expose(api);
