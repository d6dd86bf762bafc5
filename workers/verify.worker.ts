/** A worker that checks signatures, a batch at a time. */
import * as Comlink from 'comlink';
import type { VerifyApi } from '../src/api/verify.ts';
import { FastEd25519 } from '../src/node/ledger/fast-ed25519.ts';
import { packVerdicts, unpackMessages } from '../src/node/ledger/signed-batch.ts';

const ed25519 = new FastEd25519(crypto.subtle);
const api: VerifyApi = {
  check: async (batch) => {
    // All at once: a browser that computes elsewhere need not be waited for between two of them.
    const packed = packVerdicts(await Promise.all(unpackMessages(batch).map((signed) => ed25519.check(signed))));
    return Comlink.transfer(packed, [packed.buffer]);
  },
};

Comlink.expose(api);
