// npm run build: the engine for this Node, then the TypeScript; with the argument `examples`, theirs too.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { buildNative, root } from './native.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

export function compile(project, ...options) {
  execFileSync(process.execPath, [tsc, '-p', project, ...options], { stdio: 'inherit', cwd: root });
}

/** Makes dist: types with their comments, code without. */
export async function compilePackage() {
  compile('tsconfig.json');
  const types = ['--declaration', '--declarationMap', '--emitDeclarationOnly', '--outDir', 'dist'];
  compile('tsconfig.json', ...types, '--removeComments', 'false');
  await bundle();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildNative();
  await compilePackage();
  if (process.argv[2] === 'examples') compile('examples');
}
