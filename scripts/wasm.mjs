/** Compiles AssemblyScript while the app is built: `import text from './module.ts?wasm'`, or `?wasm=simd`, is the module in base64. */
import { join, relative } from 'node:path';
import asc from 'assemblyscript/asc';
import { ROOT } from './setup.mjs';

const WASM = /^(?<file>.+\.ts)\?wasm(?<simd>=simd)?$/;

/** @param {string} file @param {boolean} simd @returns {Promise<Uint8Array>} */
async function compile(file, simd) {
  /** @type {Uint8Array | undefined} */
  let module;
  // No allocator and no assertions: these modules are loops over a page of memory that their callers fill.
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--initialMemory', '1', simd ? '--enable' : '--disable', 'simd'];
  const { error, stderr } = await asc.main([relative(ROOT, file), '--baseDir', ROOT, '--outFile', 'module.wasm', ...options], {
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') module = contents;
    },
  });
  if (error !== null || module === undefined) throw new Error(`${file} does not compile:\n${stderr.toString()}`);
  return module;
}

/** Inline, so that a worker is one file: it cannot be there without its module. @returns {import('vite').Plugin} */
export const wasm = () => ({
  name: 'wasm',
  enforce: 'pre',
  resolveId: (source, importer) => (WASM.test(source) && importer !== undefined ? join(importer, '..', source) : undefined),
  load: async (id) => {
    const groups = WASM.exec(id)?.groups;
    if (groups?.file === undefined) return undefined;
    const module = await compile(groups.file, groups.simd !== undefined);
    return { code: `export default '${Buffer.from(module).toString('base64')}';`, moduleType: 'js' };
  },
});
