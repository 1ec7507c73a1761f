// npm run check [name …]: everything that can be said about the code without running it.
import { spawnSync } from 'node:child_process';
import { nativeFiles } from './format.mjs';
import { root } from './native.mjs';

const CHECKS = {
  biome: ['biome', 'ci', '.'],
  types: ['tsc', '-p', 'tsconfig.test.json', '--noEmit'],
  'clang-format': ['clang-format', '--dry-run', '-Werror', ...nativeFiles()],
};

const names = process.argv.slice(2);
const failed = [];
for (const [name, command] of Object.entries(CHECKS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log(`\n=== ${name}`);
  if (spawnSync('npx', ['--no', ...command], { cwd: root, stdio: 'inherit' }).status !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nall checks passed' : `\nfailed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
