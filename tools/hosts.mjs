// node tools/hosts.mjs [--node 20,22,24,26]
//
// Runs this project's tests of greenlets in other programs and libraries (tools/lib/hosts.mjs), and keeps the counts for
// docs/compatibility.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, compilePackage } from '../scripts/build.mjs';
import { buildPrebuilt, root } from '../scripts/native.mjs';
import { fetchNode, MAJORS } from '../scripts/nodes.mjs';
import { record } from './lib/compatibility.mjs';
import { HOSTS, PACKAGE } from './lib/hosts.mjs';

const { values } = parseArgs({ options: { node: { type: 'string', default: MAJORS.join() } } });
const nodes = values.node.split(',').map((major) => fetchNode(major));
const files = new Set(HOSTS.map(({ file }) => file));
const directory = mkdtempSync(join(tmpdir(), 'hosts-'));
try {
  await compilePackage();
  compile('tsconfig.test.json');
  compile('examples');
  for (const node of nodes) {
    buildPrebuilt(node);
    const results = new Map([...files].map((file) => [file, runTests(file, node)]));
    for (const { name, about, file, tests } of HOSTS) {
      const own = results.get(file).filter((test) => tests.test(test.name));
      if (own.length === 0) throw new Error(`${file} has no test that matches ${tests}`);
      record('hosts', name, { name, about }, node, { greenlets: count(own) });
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}

/** Runs the tests in a file on a Node. @returns the name and outcome of each */
function runTests(file, { execPath, version }) {
  const list = join(directory, 'tests.jsonl');
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./tools/lib/list-tests.mjs',
    `--test-reporter-destination=${list}`,
  ];
  // The tests of the package start the Node of their name themselves.
  const [node, ...args] =
    file === PACKAGE
      ? [process.execPath, `--test-name-pattern=can run greenlets .*on Node ${version.split('.')[0]}`]
      : [execPath, '--expose-gc', '--enable-source-maps'];
  console.log(`\n=== Node ${version}  ${file}`);
  const { status } = spawnSync(node, [...args, '--test', ...reporters, compiled(file)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
  const lines = readFileSync(list, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

function compiled(file) {
  return file
    .replace(/^test(?=.*\.ts$)/, '.tmp-test')
    .replace(/^examples/, '.tmp-examples/examples')
    .replace(/\.ts$/, '.js');
}

function count(tests) {
  const number = (outcome) => tests.filter((test) => test.outcome === outcome).length;
  return { passed: number('passed'), failed: number('failed'), skipped: number('skipped') };
}
