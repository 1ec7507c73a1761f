// The Nodes that everything is tested on, from the npm registry.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './native.mjs';

export const MAJORS = ['20', '22', '24', '26'];

/** The path of a Node of this major version, with its headers beside it. */
export function fetchNode(major) {
  const directory = join(root, '.nodes', major);
  const node = join(directory, 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(directory, { recursive: true });
  const kind = `node-linux-${process.arch}`;
  execFileSync('npm', ['pack', `${kind}@${major}`, '--silent'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarball = readdirSync(directory).find((file) => file.endsWith('.tgz'));
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', 'package/include', 'package/bin'], { cwd: directory });
  rmSync(join(directory, tarball));
  return node;
}
