// npm run format: every source file as the checks want it.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './native.mjs';

/** Every C++ file of the engine. */
export function nativeFiles() {
  const directory = join(root, 'native', 'src');
  return readdirSync(directory, { recursive: true })
    .map((file) => join(directory, String(file)))
    .filter((file) => /\.(cc|h)$/.test(file));
}

if (import.meta.filename === process.argv[1]) {
  const tools = join(root, 'node_modules', '.bin');
  execFileSync(join(tools, 'biome'), ['check', '--write', '.'], { cwd: root, stdio: 'inherit' });
  execFileSync(join(tools, 'clang-format'), ['-i', ...nativeFiles()], { cwd: root, stdio: 'inherit' });
}
