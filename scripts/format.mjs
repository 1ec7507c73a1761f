// npm run format: every source file as the checks want it.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { nativeSources, root } from './native.mjs';

/** Every C++ file of the engine. */
export function nativeFiles() {
  return nativeSources().filter((file) => /\.(cc|h)$/.test(file));
}

if (import.meta.filename === process.argv[1]) {
  const tools = join(root, 'node_modules', '.bin');
  execFileSync(join(tools, 'biome'), ['check', '--write', '.'], { cwd: root, stdio: 'inherit' });
  execFileSync(join(tools, 'clang-format'), ['-i', ...nativeFiles()], { cwd: root, stdio: 'inherit' });
}
