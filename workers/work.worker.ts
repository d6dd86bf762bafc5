/** A worker that searches for work, one slice at a time. */
import * as Comlink from 'comlink';
import type { WorkApi } from '../src/api/work.ts';
import { searchWork } from '../src/core/search.ts';

const api: WorkApi = {
  search: async (core, bits, from, count) => searchWork(core, bits, from, count),
};

Comlink.expose(api);
