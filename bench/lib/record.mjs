/** `docs/benchmarks.json`: what was measured last, for each major version of Node. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from './cases.mjs';
import { project } from './paths.mjs';

const path = join(project, 'docs', 'benchmarks.json');

/** @returns `[{major, node, date, machine, rivals, rounds, ms, rows}]`, the newest Node first. */
export function readRecord() {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
}

/** Puts runs into the record: their rows replace those of the same cases; rows of cases that are no more go. */
export function mergeIntoRecord(runs) {
  const byMajor = new Map(readRecord().map((run) => [run.major, run]));
  for (const run of runs) {
    const fresh = new Set(run.rows.map(({ name }) => name));
    const kept = (byMajor.get(run.major)?.rows ?? []).filter(({ name }) => !fresh.has(name));
    byMajor.set(run.major, { ...run, rows: inOrder([...kept, ...run.rows]) });
  }
  const record = [...byMajor.values()].sort((a, b) => b.major - a.major);
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

function inOrder(rows) {
  return cases.flatMap((one) => rows.filter(({ name }) => name === one.name));
}
