/** Starts the worker in which everything is measured: the node runs in one too. */
import * as Comlink from 'comlink';
import type { SpeedBench } from './worker.ts';

const bench = Comlink.wrap<SpeedBench>(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'node' }));
Object.assign(window, { bench });
