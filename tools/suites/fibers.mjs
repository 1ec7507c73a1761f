// The suite of `fibers`: programs that each print "pass". They run as they would after
// `npm install greenlets fibers@npm:greenlets-fibers`.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/native.mjs';

export const repository = 'laverdet/node-fibers';
export const about = 'unmodified, over `greenlets/fibers`';

export function run(checkout, node) {
  const modules = mkdtempSync(join(tmpdir(), 'fibers-suite-'));
  try {
    cpSync(join(root, 'packages', 'greenlets-fibers'), join(modules, 'fibers'), { recursive: true });
    symlinkSync(root, join(modules, 'greenlets'));
    const programs = readdirSync(join(checkout, 'test')).sort();
    return {
      greenlets: count(programs.map((name) => [name, runProgram(node, join(checkout, 'test', name), modules)])),
    };
  } finally {
    rmSync(modules, { recursive: true });
  }
}

function runProgram(node, program, modules) {
  const { status, signal, stdout, stderr } = spawnSync(node, [program], {
    encoding: 'utf8',
    timeout: 60_000,
    // `require('future')` of the suite means the file beside fibers.js.
    env: { ...process.env, NODE_PATH: `${modules}:${join(modules, 'fibers')}` },
  });
  return status === 0 && stdout === 'pass\n' && stderr === '' ? null : `${signal ?? status}: ${stdout}${stderr}`;
}

function count(results) {
  const failures = results.filter(([, failure]) => failure !== null).map(([name, failure]) => `${name}: ${failure}`);
  return { passed: results.length - failures.length, failed: failures.length, skipped: 0, failures };
}
