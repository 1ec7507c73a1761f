// docs/compatibility.json: what the last run of each suite and host counted. docs/compatibility.md: the same to read.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/native.mjs';
import { MAJORS } from '../../scripts/nodes.mjs';

const data = join(root, 'docs', 'compatibility.json');
const page = join(root, 'docs', 'compatibility.md');

/**
 * Keeps what a suite or host counted on one Node, and writes the page anew.
 *
 * @param table `suites` or `hosts` @param row its `name`, and `about`: what was done @param results counts of each way
 */
export function record(table, id, row, { version }, results) {
  const all = JSON.parse(readFileSync(data, 'utf8'));
  const last = all[table][id];
  const nodes = last?.name === row.name ? last.nodes : {}; // another version of a suite counts anew
  const [major] = version.split('.');
  nodes[major] = { version };
  for (const [way, { passed, failed, skipped }] of Object.entries(results)) {
    nodes[major][way] = { passed, failed, skipped };
  }
  all[table][id] = { ...row, nodes };
  writeFileSync(data, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(page, render(all));
}

function render({ hosts, suites }) {
  return `# Compatibility

Tests passed of tests run, on each Node; – stands for a host or suite that does not run on that Node.

## Hosts

What calls functions of yours and knows nothing of greenlets, while those functions block: rows of this project's own
tests. Made by \`node tools/hosts.mjs\`.

${renderTable('host', hosts)}

## Suites

Test suites of other projects, run in greenlets; in brackets the same suite on the same Node without greenlets, where
the two differ. Each row was made by \`node tools/suite.mjs NAME CHECKOUT\`. What the checkout needs first, and what may
fail, stands at the top of \`tools/suites/NAME.mjs\`.

${renderTable('suite', suites)}
`;
}

function renderTable(title, rows) {
  return [
    [title, 'how', ...MAJORS.map((major) => `Node ${major}`)],
    ['---', '---', ...MAJORS.map(() => '---')],
    ...Object.values(rows)
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { ignorePunctuation: true }))
      .map(({ name, about, nodes }) => [name, about, ...MAJORS.map((major) => cell(nodes[major]))]),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function cell(node) {
  if (node === undefined) return '–';
  const ours = fraction(node.greenlets);
  const plain = node.plain === undefined ? ours : fraction(node.plain);
  return ours === plain ? ours : `${ours} (${plain})`;
}

function fraction({ passed, failed }) {
  return passed + failed === 0 ? '–' : `${passed}/${passed + failed}`;
}
