import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '../../lib/median.mjs';
import { print } from '../../measure/measure.mjs';

const PROGRAMS = 5;
const importing = fileURLToPath(new URL('importing.mjs', import.meta.url));

/** Prints what importing `url` adds to an empty program, and whether V8 takes no code cache afterwards. */
export function measureImport(url) {
  const empty = [];
  const full = [];
  let rejected = 0;
  for (let i = 0; i < PROGRAMS; i++) {
    empty.push(start().ns);
    const { ns, output } = start(url);
    full.push(ns);
    rejected += Number(output);
  }
  print({ ns_per_op: median(full) - median(empty), caches_rejected: rejected });
}

function start(...args) {
  const began = process.hrtime.bigint();
  const output = execFileSync(process.execPath, [importing, ...args], { encoding: 'utf8' });
  return { ns: Number(process.hrtime.bigint() - began), output };
}
