import fc from 'fast-check';
import { expect, test } from 'vitest';
import digest from '../../workers/wasm/digest.ts?wasm';
import { NOBLE } from './hashes.ts';
import { MAX_FILE_BYTES } from './limit.ts';
import { type DigestModule, moduleHashes } from './module-hashes.ts';

const module = new WebAssembly.Module(Uint8Array.from(atob(digest), (c) => c.charCodeAt(0)));
const hashes = moduleHashes(new WebAssembly.Instance(module).exports as unknown as DigestModule);

test.each(['sha256', 'sha1'] as const)('%s in WebAssembly is that of the library, whatever the bytes and however they are cut', (name) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 5 }), (parts) => {
      expect(hashes[name](...parts)).toEqual(NOBLE[name](...parts));
    }),
    { numRuns: 1_000 },
  );
});

test.each(['sha256', 'sha1'] as const)('%s is right at every length around the ends of blocks, after longer messages too', (name) => {
  const bytes = Uint8Array.from({ length: MAX_FILE_BYTES }, (_, i) => (i * 197 + 13) & 255);
  for (const length of [MAX_FILE_BYTES, ...Array.from({ length: 260 }, (_, i) => i), MAX_FILE_BYTES - 1])
    expect(hashes[name](bytes.subarray(0, length))).toEqual(NOBLE[name](bytes.subarray(0, length)));
});
