/**
 * npm run measure:observe: what it costs to see and to control greenlets, against what is promised. Prints figures; they
 * mean something on a quiet machine only. Needs wrk.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { promisify } from 'node:util';
import { getHub, run, sleep, spawn, toAsync, wait } from 'greenlets';
import { formatRunInfo } from 'greenlets/inspect';
import { startMonitor } from 'greenlets/monitor';
import { Queue } from 'greenlets/queue';
import { median } from './lib/median.mjs';

const SECONDS = Number(process.argv[2] ?? 5);
const ROUNDS = 5;

const cpu = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

/** Asks the server for `/` with 16 connections. @returns how many requests, and the 99th percentile of their latency in ms. */
function load(port, seconds) {
  const args = ['-t1', '-c16', `-d${seconds}s`, '--latency', `http://127.0.0.1:${port}/`];
  const { stdout } = wait(promisify(execFile)('wrk', args));
  const [, amount, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout);
  const [, requests] = /(\d+) requests in/.exec(stdout);
  return { requests: Number(requests), p99: Number(amount) * { us: 0.001, ms: 1, s: 1000 }[unit] };
}

/** Three greenlets compute in slices of 10 ms, beside the server. */
function preemption(port) {
  const rounds = [0, 0, 0];
  const busy = rounds.map((_, index) =>
    spawn({ preempt: 10 }, () => {
      for (;;) rounds[index]++;
    }),
  );
  sleep(1000); // V8 compiles anew what was compiled without preemption
  rounds.fill(0);
  const { requests, p99 } = load(port, SECONDS);
  for (const greenlet of busy) greenlet.kill();
  const all = rounds.reduce((sum, count) => sum + count);
  const shares = rounds.map((count) => `${((count / all) * 100).toFixed(1)} %`);
  console.log(`three that compute: ${shares.join(', ')} (goal: within 10 % of a third)`);
  console.log(`the server beside them: p99 ${p99.toFixed(1)} ms (goal: 50 ms), ${requests} requests in ${SECONDS} s`);
}

/** The first dump of 10,000 greenlets: later ones are faster. */
function dump() {
  const queue = new Queue();
  for (let i = 0; i < 10_000; i++) spawn(() => queue.get());
  sleep(0);
  const start = performance.now();
  const before = process.cpuUsage();
  formatRunInfo();
  const wall = performance.now() - start;
  console.log(
    `a dump of ${getHub().stats.alive} greenlets: ${wall.toFixed(0)} ms, ${cpu(before).toFixed(0)} ms CPU (goal: 1000 ms)`,
  );
}

/** CPU a request with the monitor and without, by turns. */
function monitor(port) {
  const perRequest = () => {
    const before = process.cpuUsage();
    const { requests } = load(port, Math.max(1, SECONDS / ROUNDS));
    return (cpu(before) / requests) * 1000;
  };
  perRequest();
  const ratios = Array.from({ length: ROUNDS }, () => {
    const off = perRequest();
    const watch = startMonitor({ maxBlocking: 100, onBlocked: () => {} });
    const on = perRequest();
    watch.stop();
    return on / off;
  });
  console.log(`the monitor: ${((median(ratios) - 1) * 100).toFixed(1)} % more CPU a request (goal: 2 %)`);
}

const server = http.createServer(toAsync((_, response) => response.end('hello world')));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
// Preemption makes code that computes slower for good: it comes last.
for (const measure of [monitor, preemption, dump]) await run(measure, port);
process.exit();
