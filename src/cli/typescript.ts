import Module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GreenletError } from '../errors.ts';

type Extension = (module: unknown, filename: string) => unknown;

/** Folder of this package's code. */
const OWN = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Lets `require()` of TypeScript work: Node strips types itself from 22.18 on; before, `tsx` does it, if the program or
 * this package finds it.
 *
 * @throws {GreenletError} with code `ERR_GREENLETS_NO_TYPESCRIPT` if neither is there.
 */
export function prepareTypeScript(entry: string): void {
  if ((process.features as { typescript?: unknown }).typescript) return;
  for (const from of [entry, import.meta.url]) {
    const require = createRequire(from);
    let path: string;
    try {
      path = require.resolve('tsx/cjs/api');
    } catch {
      continue;
    }
    registerTsx(require(path) as { register(): void });
    return;
  }
  throw new GreenletError(
    `Node ${process.versions.node} does not run TypeScript: install tsx (npm install --save-dev tsx), ` +
      'or use Node 22.18 or later',
    'ERR_GREENLETS_NO_TYPESCRIPT',
  );
}

/** tsx makes CommonJS of every ES module that is required; of this package that would be a second copy. */
function registerTsx(tsx: { register(): void }): void {
  const { _extensions: extensions } = Module as unknown as { _extensions: { '.js': Extension } };
  const own = extensions['.js'];
  tsx.register();
  const others = extensions['.js'];
  extensions['.js'] = (module, filename) => (filename.startsWith(OWN) ? own : others)(module, filename);
}
