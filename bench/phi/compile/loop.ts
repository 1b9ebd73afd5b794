import { existsSync, readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const FOLDER = new URL('../../../core/phi/engine/tokens/assembly/', import.meta.url).pathname;
/** All that its addresses reach. */
const PAGES = '256';

/** The WebAssembly of the loop over tokens, Base64. */
export async function compileLoop(): Promise<string> {
  const options = [
    '-O3',
    '--enable',
    'simd',
    '--noAssert',
    '--runtime',
    'stub',
    '--initialMemory',
    PAGES,
    '--maximumMemory',
    PAGES,
  ];
  let module: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['index.ts', ...options, '--outFile', 'loop.wasm'], {
    readFile: (name) => (existsSync(FOLDER + name) ? readFileSync(FOLDER + name, 'utf8') : null),
    writeFile: (_, contents) => {
      module = Buffer.from(contents);
    },
    listFiles: () => null,
  });
  if (error !== null || module === undefined) throw new Error(`the loop: ${stderr.toString()}`);
  return Buffer.from(module).toString('base64');
}
