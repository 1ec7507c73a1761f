import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { GreenletError } from '../errors.ts';
import { type Location, location } from '../location.ts';

type Extension = (module: unknown, filename: string) => unknown;

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
  const code = join((location as Location).directory, 'dist', '/');
  extensions['.js'] = (module, filename) => (filename.startsWith(code) ? own : others)(module, filename);
}
