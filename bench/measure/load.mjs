/** Measures a server in this process, while a program of `load/` in another one asks of it what it can. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { print } from './measure.mjs';

/** A server settles more slowly than a loop does: V8 optimizes its code for seconds. So it gets more time than other cases. */
const WARM_UP = 14;
const MEASURING = 14;

/** @param load name of a file in `load/`. Prints the time and the processor time that an operation of it takes. */
export async function measureUnderLoad(load, port) {
  await run(load, port, WARM_UP);
  const before = process.cpuUsage();
  const { ops, ns } = await run(load, port, MEASURING);
  const { user, system } = process.cpuUsage(before);
  print({ ns_per_op: ns / ops, cpu_ns_per_op: ((user + system) * 1000) / ops });
}

async function run(load, port, share) {
  const program = fileURLToPath(new URL(`../load/${load}.mjs`, import.meta.url));
  const ms = share * Number(process.env.BENCH_MS);
  const { stdout } = await promisify(execFile)(process.env.BENCH_NODE, [program, String(port), String(ms)]);
  return JSON.parse(stdout);
}
