// Builds the engine: for the running Node into native/build, or for another one into prebuilds/.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const native = join(root, 'native');
const built = join(native, 'build', 'Release', 'greenlets.node');
const stamp = join(native, 'build', 'abi');

/** Node's own headers: beside the binary, or in the system's prefix. npm's `nodedir` may be another version's. */
export function nodeDir(execPath = process.execPath) {
  const prefix = join(dirname(execPath), '..');
  if (existsSync(join(prefix, 'include', 'node', 'node.h'))) return prefix;
  throw new Error(`no headers of ${execPath}: expected them in ${join(prefix, 'include', 'node')}`);
}

function newestSource() {
  const files = readdirSync(join(native, 'src'), { recursive: true }).map((file) => join(native, 'src', String(file)));
  return Math.max(...[...files, join(native, 'binding.gyp')].map((file) => statSync(file).mtimeMs));
}

function gyp(directory, target) {
  const cli = join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const args = [cli, 'rebuild', '-C', native, `--nodedir=${directory}`, `--target=${target}`, '--jobs=2', '--silent'];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], cwd: root, env: withoutNpmConfig() });
}

/** Under `npm run`, settings of npm stand in the environment, and node-gyp lets them win over its own arguments. */
function withoutNpmConfig() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package_)?config_/i.test(name)));
}

function prebuilt(modules) {
  return join(root, 'prebuilds', `linux-${process.arch}`, `greenlets.abi${modules}.glibc.node`);
}

/** Builds for the running Node, if sources or Node have changed since. */
export function buildNative() {
  const { modules, node } = process.versions;
  dropIfStale(prebuilt(modules)); // it would be loaded in place of what is built here
  const current =
    existsSync(built) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === modules &&
    statSync(built).mtimeMs >= newestSource();
  if (current) return;
  gyp(nodeDir(), node);
  writeFileSync(stamp, modules);
}

function dropIfStale(file) {
  if (existsSync(file) && statSync(file).mtimeMs < newestSource()) rmSync(file);
}

/** Builds for the Node at `execPath`, if sources have changed since, and puts the binary where it ships. */
export function buildPrebuilt(execPath) {
  const [modules, node] = execFileSync(execPath, ['-p', '[process.versions.modules, process.versions.node].join()'], {
    encoding: 'utf8',
  })
    .trim()
    .split(',');
  const file = prebuilt(modules);
  if (existsSync(file) && statSync(file).mtimeMs >= newestSource()) return file;
  gyp(nodeDir(execPath), node);
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(built, file);
  writeFileSync(stamp, modules);
  return file;
}
