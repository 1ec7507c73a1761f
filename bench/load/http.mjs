/** `http.mjs <port> <ms>`: wrk with 64 connections asks for `/`, for whole seconds; prints `{ops, ns}`: requests and the time they took. */
import { execFileSync } from 'node:child_process';

const [port, ms] = process.argv.slice(2).map(Number);
const seconds = Math.max(1, Math.round(ms / 1000));
const args = ['--threads', '1', '--connections', '64', '--duration', `${seconds}s`, `http://127.0.0.1:${port}/`];
const output = execFileSync('wrk', args, { encoding: 'utf8' });
const failure = /Non-2xx.*|Socket errors.*/.exec(output);
if (failure !== null) throw new Error(failure[0]);
const [, ops, amount, unit] = /(\d+) requests in ([\d.]+)(s|m)/.exec(output);
console.log(JSON.stringify({ ops: Number(ops), ns: Number(amount) * (unit === 's' ? 1e9 : 60e9) }));
