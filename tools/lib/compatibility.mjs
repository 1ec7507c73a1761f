// docs/compatibility.json: what the last run of each suite and host counted. docs/compatibility.md: the same to read.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/native.mjs';
import { MAJORS } from '../../scripts/nodes.mjs';

const data = join(root, 'docs', 'compatibility.json');
const page = join(root, 'docs', 'compatibility.md');

/** Keeps the results of a suite on one Node, and writes the page anew. */
export function record(name, suite, node, major, results) {
  const all = existsSync(data) ? JSON.parse(readFileSync(data, 'utf8')) : {};
  const entry = (all[name] ??= { nodes: {} });
  Object.assign(entry, { repository: suite.repository, about: suite.about });
  entry.nodes[major] = { version: execFileSync(node, ['-p', 'process.version'], { encoding: 'utf8' }).trim() };
  for (const [way, { passed, failed, skipped }] of Object.entries(results)) {
    entry.nodes[major][way] = { passed, failed, skipped };
  }
  writeFileSync(data, `${JSON.stringify(sorted(all), null, 2)}\n`);
  writeFileSync(page, render(sorted(all)));
}

function sorted(all) {
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function render(all) {
  const rows = Object.entries(all).map(([name, { repository, about, nodes }]) => {
    const cells = MAJORS.map((major) => cell(nodes[major]));
    return `| ${name} (${repository}) | ${about} | ${cells.join(' | ')} |`;
  });
  return `# Compatibility

Test suites of other projects, run in greenlets: tests passed of tests run; in brackets the same suite on the same Node
without greenlets, where the two differ. Made by \`node tools/suite.mjs\`, one suite at a time.

| suite | how | ${MAJORS.map((major) => `Node ${major}`).join(' | ')} |
| --- | --- | ${MAJORS.map(() => '---').join(' | ')} |
${rows.join('\n')}
`;
}

function cell(node) {
  if (node === undefined) return '–';
  const ours = fraction(node.greenlets);
  const plain = node.plain === undefined ? ours : fraction(node.plain);
  return ours === plain ? ours : `${ours} (${plain})`;
}

function fraction({ passed, failed }) {
  return `${passed}/${passed + failed}`;
}
