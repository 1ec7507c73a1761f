/**
 * The cases: a folder `cases/<name>/` each, with one program a side; a side without a file there sits it out.
 *
 * `case.json` beside them, where a case is out of the ordinary:
 * - `sizes`: it is played once for each, as `<name>-<size>`; the programs find the size in `BENCH_SIZE`.
 * - `newSpace`: Node gets the new-space sizes of the command `greenlets`.
 * - `rounds`: at most so many, since it takes long.
 * - `ms`: it measures for so long, where a sample takes longer than in other cases.
 * - `needs`: a command that must be installed.   `server`: a file of `servers/` that runs meanwhile, at `BENCH_URL`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bench } from './paths.mjs';

const root = join(bench, 'cases');

export const cases = readdirSync(root).flatMap(read);

/** The cases whose names contain the filter. */
export function findCases(filter = '') {
  return cases.filter(({ name }) => name.includes(filter));
}

/** The case of this very name. */
export function caseNamed(name) {
  return cases.find((one) => one.name === name);
}

/** What one operation is: the program of greenlets says so in its first comment, where `so many` is the size. */
export function operation({ path, size }) {
  const source = readFileSync(join(path, 'greenlets.mjs'), 'utf8');
  const [, comment] = /\/\*\*\s*(?:\* )?One operation: ([\s\S]*?)\s*\*\//.exec(source);
  return comment.replaceAll(/\n \* ?/g, ' ').replace('so many', size?.toLocaleString('en-US'));
}

function read(folder) {
  const path = join(root, folder);
  const settings = join(path, 'case.json');
  const { sizes, ...rest } = existsSync(settings) ? JSON.parse(readFileSync(settings, 'utf8')) : {};
  if (sizes === undefined) return [{ name: folder, path, ...rest }];
  return sizes.map((size) => ({ name: `${folder}-${size}`, path, size, ...rest }));
}
