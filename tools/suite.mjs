// node tools/suite.mjs NAME CHECKOUT [--node 20,22,24,26]
//
// Runs the own test suite of another project on greenlets, from a checkout of its repository (or, where it publishes
// its tests, from its package), and keeps the counts for docs/compatibility.md. NAME is a file in tools/suites.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compilePackage } from '../scripts/build.mjs';
import { buildPrebuilt, root } from '../scripts/native.mjs';
import { fetchNode, MAJORS } from '../scripts/nodes.mjs';
import { record } from './lib/compatibility.mjs';

const names = readdirSync(join(root, 'tools', 'suites')).map((file) => file.replace(/\.mjs$/, ''));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string', default: MAJORS.join() } },
});
const [name, checkout] = positionals;
if (checkout === undefined || !names.includes(name)) {
  console.error(`usage: node tools/suite.mjs NAME CHECKOUT [--node ${MAJORS}]\n  NAME: ${names.join(', ')}`);
  process.exit(2);
}

const suite = await import(`./suites/${name}.mjs`);
const { version } = JSON.parse(readFileSync(join(checkout, suite.package ?? '.', 'package.json'), 'utf8'));
const row = { name: `${name} ${version} (${suite.repository})`, about: suite.about };
await compilePackage();
let failed = false;
for (const major of values.node.split(',')) {
  const node = fetchNode(major);
  buildPrebuilt(node);
  const results = await suite.run(resolve(checkout), node.execPath, major);
  for (const [way, { passed, failed: failures, skipped, failures: list }] of Object.entries(results)) {
    console.log(`Node ${major}  ${way.padEnd(10)} ${passed} passed, ${failures} failed, ${skipped} skipped`);
    for (const failure of list) console.log(`  ${failure.trimEnd().replaceAll('\n', '\n    ')}`);
  }
  failed ||= results.greenlets.failed > (results.plain?.failed ?? 0);
  record('suites', name, row, node, results);
}
process.exit(failed ? 1 : 0);
