/** A worker that decodes files and checks their signatures, a batch at a time. */
import * as Comlink from 'comlink';
import type { VerifyApi } from '../src/api/verify.ts';
import { type Hashes, NOBLE } from '../src/core/hashes.ts';
import { type DigestModule, moduleHashes } from '../src/core/module-hashes.ts';
import { examine } from '../src/node/ledger/examine.ts';
import { FastEd25519 } from '../src/node/ledger/fast-ed25519.ts';
import { packFindings, unpackBatch } from '../src/node/ledger/file-batch.ts';
import digest from './wasm/digest.ts?wasm';

/** A policy may forbid WebAssembly. */
function createHashes(): Hashes {
  try {
    const module = new WebAssembly.Module(Uint8Array.from(atob(digest), (c) => c.charCodeAt(0)));
    return moduleHashes(new WebAssembly.Instance(module).exports as unknown as DigestModule);
  } catch {
    return NOBLE;
  }
}

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
