/** A worker that searches for work, one slice at a time. */
import * as Comlink from 'comlink';
import type { WorkApi } from '../src/api/work.ts';
import { moduleSearch, type Search, type SearchModule, searchWork } from '../src/core/search.ts';
import scalar from './wasm/search.ts?wasm';
import simd from './wasm/search.ts?wasm=simd';

/** The fastest search that this browser takes: not all have SIMD, and a policy may forbid WebAssembly. */
function createSearch(): Search {
  for (const base64 of [simd, scalar]) {
    try {
      const module = new WebAssembly.Module(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
      return moduleSearch(new WebAssembly.Instance(module).exports as unknown as SearchModule);
    } catch {
      // The next one asks for less.
    }
  }
  return searchWork;
}

const search = createSearch();
const api: WorkApi = {
  search: async (core, bits, from, count) => search(core, bits, from, count),
};

Comlink.expose(api);
