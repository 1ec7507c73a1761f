// The Nodes to build for and test on, from the npm registry.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './native.mjs';

export const MAJORS = ['20', '22', '24', '26'];
export const ARCHITECTURES = ['x64', 'arm64'];

/** The newest Node of a major version, with its headers; fetched once. */
export function fetchNode(major, arch = process.arch) {
  if (!MAJORS.includes(major)) throw new RangeError(`expected a Node of ${MAJORS.join(', ')}, got ${major}`);
  const directory = join(root, '.nodes', arch === process.arch ? major : `${major}-${arch}`);
  if (!existsSync(directory)) unpackNode(`node-linux-${arch}@${major}`, directory);
  return describeNode(directory, arch);
}

/** The Node with this binary, which must have its headers beside it. */
export function nodeAt(execPath) {
  return describeNode(join(dirname(realpathSync(execPath)), '..'), process.arch);
}

function describeNode(directory, arch) {
  const execPath = join(directory, 'bin', 'node');
  return { arch, directory, execPath, version: versionOf(directory), abi: abiOf(directory) };
}

function unpackNode(specifier, directory) {
  const partial = `${directory}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  console.log(`fetching ${specifier}`);
  // Said, because an `npm pack` that this is part of has a destination of its own.
  execFileSync('npm', ['pack', specifier, '--silent', '--pack-destination', '.'], {
    cwd: partial,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarball = readdirSync(partial).find((file) => file.endsWith('.tgz'));
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', 'package/include', 'package/bin'], { cwd: partial });
  rmSync(join(partial, tarball));
  renameSync(partial, directory);
}

/** Reads the headers, so that it works for a Node that this machine cannot run, too. */
function versionOf(directory) {
  const header = readFileSync(join(directory, 'include', 'node', 'node_version.h'), 'utf8');
  const number = (part) => new RegExp(`^#define NODE_${part}_VERSION (\\d+)`, 'm').exec(header)[1];
  return ['MAJOR', 'MINOR', 'PATCH'].map(number).join('.');
}

function abiOf(directory) {
  const config = readFileSync(join(directory, 'include', 'node', 'config.gypi'), 'utf8');
  return /node_module_version['"]: (\d+)/.exec(config)[1];
}
