/** docs/errors.md has every code that can be thrown, and no other. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PACKAGE } from './support/child.ts';

function codesIn(folder: string): string[] {
  const files = readdirSync(join(PACKAGE, folder), { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath ?? file.path, file.name), 'utf8'));
  return texts.flatMap((text) => text.match(/\bERR_GREENLETS_[A-Z_]+\b/g) ?? []);
}

test('the page of errors is in step with the sources', () => {
  const page = readFileSync(join(PACKAGE, 'docs', 'errors.md'), 'utf8');
  const described = [...page.matchAll(/^### (ERR_\w+)$/gm)].map(([, code = '']) => code);
  const thrown = new Set([...codesIn('src'), ...codesIn(join('native', 'src'))]);
  assert.deepEqual(described.toSorted(), [...thrown].sort());
});
