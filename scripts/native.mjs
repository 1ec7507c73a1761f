// Builds the engine: for the running Node into native/build, for others into prebuilds/.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const native = join(root, 'native');

/** Compilers for an architecture that is not the host's. */
const CROSS = { arm64: { CC: 'aarch64-linux-gnu-gcc', CXX: 'aarch64-linux-gnu-g++' } };

/** Every file that the engine is compiled from. */
export function nativeSources() {
  const files = readdirSync(join(native, 'src'), { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile()).map((file) => join(file.parentPath ?? file.path, file.name));
}

/** Changes when the engine has to be compiled anew for this Node. */
function fingerprint(nodeVersion) {
  const hash = createHash('sha256').update(nodeVersion);
  for (const file of [join(native, 'binding.gyp'), ...nativeSources().sort()]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function prebuilt(arch, abi) {
  const directory = join(root, 'prebuilds', `linux-${arch}`);
  return { binary: join(directory, `greenlets.abi${abi}.glibc.node`), stamp: join(directory, `abi${abi}.stamp`) };
}

function isCurrent(binary, stamp, print) {
  return existsSync(binary) && existsSync(stamp) && readFileSync(stamp, 'utf8') === print;
}

/** Node's own headers: beside the binary, or in the system's prefix. */
function headersOf(execPath) {
  const prefix = join(dirname(execPath), '..');
  if (existsSync(join(prefix, 'include', 'node', 'node.h'))) return prefix;
  throw new Error(`no headers of ${execPath}: expected them in ${join(prefix, 'include', 'node')}`);
}

function gyp(directory, nodeDir, version, arch) {
  const cli = join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const args = [
    'rebuild',
    '-C',
    directory,
    `--nodedir=${nodeDir}`,
    `--target=${version}`,
    `--arch=${arch}`,
    '--jobs=2',
  ];
  const compilers = arch === process.arch ? {} : CROSS[arch];
  execFileSync(process.execPath, [cli, ...args, '--silent'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: root,
    env: { ...withoutNpmConfig(), ...compilers },
  });
}

/** Under `npm run`, settings of npm stand in the environment, and node-gyp lets them win over its own arguments. */
function withoutNpmConfig() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package_)?config_/i.test(name)));
}

/** Builds for the running Node, if sources or Node have changed since. */
export function buildNative() {
  const stamp = join(native, 'build', 'stamp');
  const print = fingerprint(process.versions.node);
  const shipped = prebuilt(process.arch, process.versions.modules);
  if (!isCurrent(shipped.binary, shipped.stamp, print)) rmSync(shipped.binary, { force: true }); // it would be loaded first
  if (isCurrent(join(native, 'build', 'Release', 'greenlets.node'), stamp, print)) return;
  gyp(native, headersOf(process.execPath), process.versions.node, process.arch);
  writeFileSync(stamp, print);
}

/**
 * Builds for another Node, if sources have changed since, and puts the binary where it ships.
 *
 * @param node as `fetchNode` gives it.
 * @returns the binary.
 */
export function buildPrebuilt(node) {
  const { binary, stamp } = prebuilt(node.arch, node.abi);
  const print = fingerprint(node.version);
  if (isCurrent(binary, stamp, print)) return binary;
  // In a copy of the sources, so that the running Node's own build stays.
  const workspace = join(root, '.tmp-native', `${node.arch}-${node.abi}`);
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  for (const part of ['binding.gyp', 'src']) cpSync(join(native, part), join(workspace, part), { recursive: true });
  gyp(workspace, node.directory, node.version, node.arch);
  mkdirSync(dirname(binary), { recursive: true });
  copyFileSync(join(workspace, 'build', 'Release', 'greenlets.node'), binary);
  writeFileSync(stamp, print);
  return binary;
}
