// npm run check [name …]: everything that can be said about the code without running it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compilePackage } from './build.mjs';
import { nativeFiles } from './format.mjs';
import { root } from './native.mjs';
import { fetchNode } from './nodes.mjs';

/** As it would be published, but for the binaries. */
const TARBALL = join(root, '.tmp-pack', 'greenlets.tgz');

const CHECKS = {
  biome: ['biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
  types: ['tsc', '-p', 'tsconfig.test.json', '--noEmit'],
  examples: ['tsc', '-p', 'examples', '--noEmit'],
  'clang-format': ['clang-format', '--dry-run', '-Werror', ...nativeFiles()],
  'clang-tidy': [
    'clang-tidy',
    '--quiet',
    ...nativeFiles().filter((file) => file.endsWith('.cc')),
    '--',
    ...compilation(),
  ],
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
  const local = join(root, 'node_modules', '.bin', tool);
  const command = existsSync(local) ? local : tool;
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (error?.code === 'ENOENT') {
    console.log(`skip  ${name}: there is no ${tool} (apt install ${tool})`);
    continue;
  }
  console.log(`${status === 0 ? 'pass' : 'FAIL'}  ${name}`);
  if (status === 0) continue;
  failed = true;
  console.log(stdout + stderr);
}
process.exit(failed ? 1 : 0);

/** How clang is to read the sources. The headers are Node 24's, which clang 14 of Debian understands. */
function compilation() {
  const builtins = execFileSync('gcc', ['-print-file-name=include'], { encoding: 'utf8' }).trim();
  const { directory } = fetchNode('24');
  const systems = [join(directory, 'include', 'node'), builtins].flatMap((path) => ['-isystem', path]);
  return ['-std=c++20', '-Inative/src', ...systems];
}

function pack() {
  const directory = dirname(TARBALL);
  mkdirSync(directory, { recursive: true });
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory];
  const file = execFileSync('npm', args, { cwd: root, encoding: 'utf8' }).trim();
  renameSync(join(directory, file), TARBALL);
}
