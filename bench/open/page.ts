/** Starts the worker anew for each measurement, as a visit does. */
import * as Comlink from 'comlink';
import type { OpenBench } from './worker.ts';

function start(): Comlink.Remote<OpenBench> {
  return Comlink.wrap<OpenBench>(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }));
}

const bench: OpenBench = {
  fill: (...values) => start().fill(...values),
  open: () => start().open(),
  plant: (...values) => start().plant(...values),
};
Object.assign(window, { bench });
