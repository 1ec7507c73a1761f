/**
 * The documents show nothing that is not run. A block of TypeScript names the file in examples/ that it is a part of:
 * ```ts [docs/chat-server.ts]. Blocks of other languages, `js` among them, are for what comes from elsewhere.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PACKAGE } from '../../../test/support/child.ts';

const PROGRAMS = join(PACKAGE, 'examples');

/** Every document that readers are sent to; not those of tools, nor the reference, which is made from the sources. */
function documents(): string[] {
  const pages = readdirSync(join(PACKAGE, 'docs'), { recursive: true }).map(String);
  const written = pages.filter((page) => page.endsWith('.md') && !/^(node_modules|reference|\.vitepress)\b/.test(page));
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...written.map((page) => join('docs', page))];
}

interface Block {
  document: string;
  file: string | undefined;
  code: string;
}

function blocksOf(document: string): Block[] {
  const text = readFileSync(join(PACKAGE, document), 'utf8');
  return [...text.matchAll(/^```ts(?: \[(.+)\])?\n([\s\S]*?)^```$/gm)].map(([, file, code = '']) => ({
    document,
    file,
    code,
  }));
}

const blocks = documents().flatMap(blocksOf);

test('every block of TypeScript in the documents is a part of the file that it names', () => {
  assert.ok(blocks.length > 10);
  for (const { document, file, code } of blocks) {
    assert.ok(file !== undefined, `${document} has a block of TypeScript that names no file:\n${code}`);
    assert.ok(readFileSync(join(PROGRAMS, file), 'utf8').includes(code), `${document}: not in ${file}:\n${code}`);
  }
});

test('every line of the rosetta table is run', () => {
  const page = readFileSync(join(PACKAGE, 'docs', 'guides', 'from-async-await.md'), 'utf8');
  const program = readFileSync(join(PROGRAMS, 'docs', 'rosetta.ts'), 'utf8');
  const cells = [...page.matchAll(/^\|[^|]*\|([^|]*)\|$/gm)].map(([, right = '']) => right).slice(2);
  const pieces = cells.flatMap((cell) => [...cell.matchAll(/`([^`…]+)`/g)].map(([, code = '']) => code));
  assert.ok(pieces.length > 20);
  for (const code of pieces) assert.ok(program.includes(code) || code === 'greenlets/fs', `not in rosetta.ts: ${code}`);
});

test('every link between documents leads somewhere', () => {
  for (const document of documents()) {
    const text = readFileSync(join(PACKAGE, document), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)\s#]+)(?:#[^)]*)?\)/g)) {
      assert.doesNotThrow(() => readFileSync(join(PACKAGE, document, '..', target)), `${document}: ${target}`);
    }
  }
});
