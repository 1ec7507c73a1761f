/** Profiles on record, for the page: a file each in `profiles/`, written by `npm run bench:profile -- CASE --docs`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bench } from './paths.mjs';

const folder = join(bench, 'profiles');
const fileOf = (name) => join(folder, `${name}.md`);

export function keepProfile(name, madeBy, text) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(name), `Made by \`${madeBy}\`: ${text}`);
}

/** The profiles of these cases that are there, folded. */
export function foldedProfiles(names) {
  return names
    .filter((name) => existsSync(fileOf(name)))
    .map((name) => {
      const text = readFileSync(fileOf(name), 'utf8').trim();
      return `<details><summary>Profile of ${name}</summary>\n\n${text}\n\n</details>\n`;
    })
    .join('\n');
}
