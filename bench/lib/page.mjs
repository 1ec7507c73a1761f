/** `docs/benchmarks.md` and its chart, made of the record. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases, operation } from './cases.mjs';
import { ratioChart } from './chart.mjs';
import { goalTable } from './goal-table.mjs';
import { goals, isGated, judge } from './goals.mjs';
import { rowName } from './measures.mjs';
import { project } from './paths.mjs';
import { foldedProfiles } from './profiles.mjs';
import { figureTable, markdownTable, ratioTable } from './table.mjs';

const SIDES = {
  greenlets: 'this package',
  itself: 'greenlets again, without what the case adds',
  python: 'Python: `gevent`, and for `switch` bare `greenlet`',
  goroutines: 'Go with `GOMAXPROCS=1`: everybody else has one thread, too',
  async: 'plain async functions and `await`, or callbacks where the case says so',
  effect: '`effect`',
  effection: '`effection`',
  threads: 'worker threads',
  sync: 'synchronous calls of Node, one after the other',
  synckit: '`synckit`: asynchronous functions in a worker thread, called synchronously',
  deasync: '`deasync`: the event loop runs nested in a call',
};

/** @param record `[{major, node, date, machine, rivals, rounds, ms, rows}]`, the newest Node first. */
export function writePage(record) {
  if (record.length === 0) throw new Error('Nothing has been measured for the page: npm run bench -- --docs');
  const chosen = record.find(({ major }) => isGated(major)) ?? record[0];
  const docs = join(project, 'docs');
  writeFileSync(join(docs, 'benchmarks.svg'), ratioChart(chosen));
  writeFileSync(join(docs, 'benchmarks.md'), page(record, chosen));
}

function page(record, chosen) {
  return `# Benchmarks

The same work, written for greenlets and for its rivals, as the programs in \`bench/cases\` show. Every program runs in a process of its own, sides take turns in rounds, and the median of all rounds counts. Ratios are what to look at: they survive another machine, absolute figures do not.

![How many times faster greenlets are than each rival, on Node ${chosen.node}](benchmarks.svg)

Nodes differ by what their V8 asks for a switch of stacks. The chart is of Node ${chosen.node}.

## Goals

What the design promises. ✓ met, ✗ missed. Better means less time, processor time or memory.

${goalTable(record)}

${misses(record)}
${record.map(results).join('\n')}
## What one operation is

${markdownTable(
  ['case', 'operation'],
  cases.map((one) => [one.name, operation(one)]),
)}

${markdownTable(['side', 'what it is'], Object.entries(SIDES))}

## Measured on

${markdownTable(
  ['Node', 'machine', 'date', 'rounds', 'measuring time', 'rivals'],
  record.map((run) => [
    run.node,
    run.machine,
    run.date,
    String(run.rounds),
    `${run.ms} ms`,
    Object.entries(run.rivals)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ]),
)}

## Repeat it

\`\`\`sh
apt install python3-gevent golang-go wrk    # those that are not there take no part
npm ci && npm ci --prefix bench && npm run build
npm run bench                               # everything, on the running Node
npm run bench -- queue --sides greenlets,python
npm run bench -- --node path/to/another/node
npm run bench -- --docs                     # and write this page
npm run bench -- --check                    # exit code 1 if a goal is missed
\`\`\`

Times of a busy machine vary; the number of instructions does not: \`npm run bench:instructions\` compares it with the one on record. Where the time of a case goes: \`npm run bench:profile -- http-server --rival async\`.
`;
}

function misses(record) {
  const missed = goals
    .map((goal) => ({ goal, nodes: record.filter((run) => isMissed(goal, run)).map(({ major }) => major) }))
    .filter(({ nodes }) => nodes.length > 0);
  if (missed.length === 0) return '';
  const names = [...new Set(missed.map(({ goal }) => goal.name))];
  return `### Missed\n\n${missed.map(missedGoal).join('\n')}\n\n${foldedProfiles(names)}`;
}

function isMissed(goal, { major, rows }) {
  return isGated(major) && rows.some(({ name }) => name === goal.name) && !judge(goal, rows, major).met;
}

function missedGoal({ goal, nodes }) {
  const against = goal.rival === undefined ? '' : ` against ${goal.rival}`;
  const why = goal.why === undefined ? '' : `: ${goal.why}`;
  return `- **${rowName(goal)}**${against}, on Node ${nodes.join(' and ')}${why}`;
}

function results({ node, rows }) {
  return `## Node ${node}

${ratioTable(rows)}

<details><summary>Figures of all sides</summary>

${figureTable(rows)}

</details>
`;
}
