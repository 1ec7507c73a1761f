// npm run build: the engine for this Node, then the TypeScript; with the argument `examples`, theirs too.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNative, root } from './native.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

export function compile(project = 'tsconfig.json') {
  execFileSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit', cwd: root });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildNative();
  compile();
  if (process.argv[2] === 'examples') compile('examples');
}
