// npm run check [name …]: everything that can be said about the code without running it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compilePackage } from './build.mjs';
import { nativeFiles } from './format.mjs';
import { root } from './native.mjs';

/** As it would be published, but for the binaries. */
const TARBALL = join(root, '.tmp-pack', 'greenlets.tgz');

const CHECKS = {
  biome: ['biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
  types: ['tsc', '-p', 'tsconfig.test.json', '--noEmit'],
  examples: ['tsc', '-p', 'examples', '--noEmit'],
  'clang-format': ['clang-format', '--dry-run', '-Werror', ...nativeFiles()],
  knip: ['knip'],
  publint: ['publint', TARBALL, '--strict'],
  attw: ['attw', TARBALL, '--profile', 'esm-only', '--format', 'ascii'],
  'size-limit': ['size-limit'],
};

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!(name in CHECKS)) throw new RangeError(`no check named ${name}; there are: ${Object.keys(CHECKS).join(', ')}`);
}

await compilePackage();
pack();
let failed = false;
for (const [name, [tool, ...args]] of Object.entries(CHECKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const command = join(root, 'node_modules', '.bin', tool);
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  console.log(`${status === 0 ? 'pass' : 'FAIL'}  ${name}`);
  if (status === 0) continue;
  failed = true;
  console.log(stdout + stderr);
}
process.exit(failed ? 1 : 0);

function pack() {
  const directory = dirname(TARBALL);
  mkdirSync(directory, { recursive: true });
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory];
  const file = execFileSync('npm', args, { cwd: root, encoding: 'utf8' }).trim();
  renameSync(join(directory, file), TARBALL);
}
