// npm test [name …]: builds, compiles the tests and runs them on node:test. TEST_NODE is the Node to run them with,
// TEST_FLAGS are flags for it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compile, compilePackage } from './build.mjs';
import { buildNative, buildPrebuilt, root } from './native.mjs';
import { nodeAt } from './nodes.mjs';

const node = process.env.TEST_NODE ?? process.execPath;
if (node === process.execPath) buildNative();
else buildPrebuilt(nodeAt(node));
await compilePackage();
compile('tsconfig.test.json');
compile('examples');

const filters = process.argv.slice(2);
const files = [...testsIn('test', '.tmp-test'), ...testsIn('examples', join('.tmp-examples', 'examples'))];
const flags = (process.env.TEST_FLAGS ?? '').split(' ').filter(Boolean);
if (files.length === 0) {
  console.error(`no test file has a name with ${filters.join(' or ')}`); // without files node --test looks for its own
  process.exit(1);
}
const { status } = spawnSync(
  node,
  [...flags, '--enable-source-maps', '--expose-gc', '--test', '--test-timeout=300000', ...files],
  {
    stdio: 'inherit',
    env: { ...process.env, TEST_NODE: node },
  },
);
process.exit(status ?? 1);

/** The compiled tests in `output` whose source is still there and whose name the filters ask for. */
function testsIn(source, output) {
  return readdirSync(join(root, output), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.test.js') && existsSync(join(root, source, file.replace(/\.js$/, '.ts'))))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort()
    .map((file) => join(root, output, file));
}
