/** npm run compare:scraper [pages] [rounds]: the same crawl with greenlets and with p-limit + await, turn about. */
import { fork, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { waitEvent } from 'greenlets';
import type { Run } from './options.ts';

const PAGES = Number(process.argv[2] ?? 2000);
const ROUNDS = Number(process.argv[3] ?? 5);
const SIDES = { greenlets: 'run-greenlets.js', 'p-limit + await': 'run-await.js' };

const command = fileURLToPath(new URL('cli/greenlets.js', import.meta.resolve('greenlets')));
const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const site = fork(command, [fileOf('site.js'), String(PAGES)]);
const [origin] = waitEvent(site, 'message') as [string];
const runs = Object.keys(SIDES).map((): Run[] => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, program] of Object.values(SIDES).entries()) {
    const args = [command, fileOf(program), `${origin}/`];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const run = JSON.parse(stdout) as Run;
    const other = runs.flat()[0]?.pages ?? run.pages;
    if (run.pages !== other) throw new Error(`${program} found ${run.pages} pages, another run ${other}`);
    runs[i]?.push(run);
  }
}
site.disconnect();

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const table = new Table({ head: [`median of ${ROUNDS}`, 'seconds', 'pages a second', 'least CPU ms a page'] });
for (const [i, name] of Object.keys(SIDES).entries()) {
  const own = runs[i] as Run[];
  const ms = median(own.map((run) => run.ms));
  const cpu = Math.min(...own.map((run) => run.cpu / run.pages));
  table.push([name, (ms / 1000).toFixed(2), Math.round(((own[0]?.pages ?? 0) / ms) * 1000), cpu.toFixed(2)]);
}
console.log(table.toString());
