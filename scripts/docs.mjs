// npm run docs: the site, from the documents and the doc comments, into docs/.vitepress/dist.
//   --serve   shows it on a port of this machine, and follows changes of the documents
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './native.mjs';

const { values } = parseArgs({ options: { serve: { type: 'boolean', default: false } } });
const docs = join(root, 'docs');

/** What runs for its effect, and has nothing to import. */
const WITHOUT_EXPORTS = ['./main', './mocha'];

function execute(command, ...args) {
  execFileSync(command, args, { cwd: docs, stdio: 'inherit' });
}

/** The sources of all that can be imported, `greenlets/x` as `x`. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([subpath, target]) => target.default !== undefined && !WITHOUT_EXPORTS.includes(subpath))
    .map(([, target]) => join(root, target.default.replace('./dist', 'src').replace(/\.js$/, '.ts')));
}

function describeInterface() {
  rmSync(join(docs, 'reference'), { recursive: true, force: true });
  const options = entryPoints().flatMap((file) => ['--entryPoints', file]);
  execute(process.execPath, join(docs, 'node_modules', 'typedoc', 'bin', 'typedoc'), ...options);
  const page = join(docs, 'reference', 'index.md');
  writeFileSync(page, readFileSync(page, 'utf8').replace('# greenlets/index', '# greenlets'));
}

if (!existsSync(join(docs, 'node_modules'))) execute('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund');
describeInterface();
execute(join(docs, 'node_modules', '.bin', 'vitepress'), values.serve ? 'dev' : 'build');
