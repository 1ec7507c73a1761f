// npm run matrix: the suite on every supported Node, and the engine's tests under every flag that has ever found a bug
// in it.
//   --node 24,26    only these          --flags=--a,--b  only these flags
//   --quick         no flags            --rotate      no flags, and one flag chosen by the commit
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './native.mjs';
import { fetchNode, MAJORS } from './nodes.mjs';

const FLAGS = [
  '--stress-compaction',
  '--gc-interval=500',
  '--stress-scavenge=50',
  '--max-semi-space-size=1',
  '--no-opt',
  '--stress-wasm-code-gc',
  '--jitless',
  '--minor-ms',
  '--conservative-stack-scanning',
  '--stress-flush-code',
  '--deopt-every-n-times=50',
];

/** Test files, by parts of their names, that exercise stacks and switches; the rest adds nothing under a flag of V8. */
const ENGINE_TESTS = [
  '/raw',
  'hazards',
  'async-context',
  'hub.test',
  'greenlet.test',
  'kill.test',
  'timeout',
  'event',
  'interop',
  'preempt',
  'inspect',
];

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: MAJORS.join() },
    flags: { type: 'string' },
    quick: { type: 'boolean', default: false },
    rotate: { type: 'boolean', default: false },
  },
});

function flagsToRun() {
  if (values.flags !== undefined) return values.flags.split(',');
  if (values.quick) return [];
  if (!values.rotate) return FLAGS;
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' });
  return [FLAGS[Number.parseInt(commit.slice(0, 6), 16) % FLAGS.length]];
}

const rows = [];
for (const major of values.node.split(',')) {
  const node = fetchNode(major).execPath;
  for (const flag of ['', ...flagsToRun()]) {
    // Node does not know it, or goes without WebAssembly then, which its own fetch needs (--jitless on Node 20 and 22).
    if (flag !== '' && spawnSync(node, [flag, '-e', 'WebAssembly']).status !== 0) {
      rows.push([major, flag, 'not possible']);
      continue;
    }
    console.log(`\n=== Node ${major} ${flag}`);
    const { status } = spawnSync(
      process.execPath,
      [join(root, 'scripts', 'test.mjs'), ...(flag === '' ? [] : ENGINE_TESTS)],
      {
        stdio: 'inherit',
        env: { ...process.env, TEST_NODE: node, TEST_FLAGS: flag },
      },
    );
    rows.push([major, flag, status === 0 ? 'pass' : 'FAIL']);
  }
}
console.log(`\n${rows.map(([major, flag, result]) => `${result.padEnd(13)} Node ${major} ${flag}`).join('\n')}`);
process.exit(rows.some(([, , result]) => result === 'FAIL') ? 1 : 0);
