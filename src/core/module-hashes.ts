/** SHA-256 and SHA-1 in WebAssembly, for threads that hash thousands of files: half the time of the library. */
import type { Hashes } from './hashes.ts';
import { H, K } from './sha2-constants.ts';

/** What `workers/wasm/digest.ts` exports. The functions without parameters say where in its memory something stands. */
export interface DigestModule {
  readonly memory: { readonly buffer: ArrayBuffer };
  constants(): number;
  initial(): number;
  message(): number;
  digest(): number;
  sha256(length: number): void;
  sha1(length: number): void;
}

/** {@link Hashes} by an instance of that module. */
export function moduleHashes(module: DigestModule): Hashes {
  const { buffer } = module.memory;
  new Uint32Array(buffer, module.constants(), K.length).set(K);
  new Uint32Array(buffer, module.initial(), H.length).set(H);
  const memory = new Uint8Array(buffer);
  const message = module.message();
  const digest = module.digest();
  const put = (parts: readonly Uint8Array[]): number => {
    let at = message;
    for (const part of parts) {
      memory.set(part, at);
      at += part.length;
    }
    return at - message;
  };
  return {
    sha256: (...parts) => {
      module.sha256(put(parts));
      return memory.slice(digest, digest + 32);
    },
    sha1: (...parts) => {
      module.sha1(put(parts));
      return memory.slice(digest, digest + 20);
    },
  };
}
