// Runs a checkout's tests with the runner that they are written for, and counts.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../../scripts/native.mjs';

const MINUTE = 60_000;
/** Generous: what counts is whether a test passes, not how busy the machine is. */
const TEST_TIMEOUT = String(5 * MINUTE);

/** Modules for a suite to load before its tests. */
export const green = (name) => join(root, 'tools', 'lib', 'green', `${name}.cjs`);
export const GREEN_MOCHA = join(root, 'dist', 'mocha.js');

/**
 * Both ways: as the suite is, and with every test and hook in a greenlet.
 *
 * @param run (preloads) => counts @param greenlets what to load before the tests for the second
 */
export function bothWays(run, greenlets) {
  return { plain: run([]), greenlets: run(greenlets) };
}

/** The environment that tells a module of `green` which module of the checkout it changes. */
export function greenTarget(checkout, module) {
  return { GREEN_TARGET: createRequire(join(checkout, 'package.json')).resolve(module) };
}

/** @param env variables besides those of this process. */
export function runMocha(checkout, node, args, preloads, env = {}) {
  const mocha = join(checkout, 'node_modules', '.bin', 'mocha');
  const options = ['--reporter', 'json', '--timeout', TEST_TIMEOUT, '--exit'];
  const stdout = run(checkout, node, [mocha, ...requires(preloads), ...options, ...args], env);
  const { stats, failures } = JSON.parse(stdout.slice(stdout.lastIndexOf('{\n  "stats"')));
  return {
    passed: stats.passes,
    failed: stats.failures,
    skipped: stats.pending,
    failures: failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.stack ?? err.message}`),
  };
}

/** @param directory where the tests lie. @param env as above. */
export function runNodeTest(checkout, node, directory, preloads, env = {}) {
  const files = readdirSync(join(checkout, directory), { recursive: true })
    .filter((file) => file.endsWith('.test.js'))
    .sort()
    .map((file) => join(directory, file));
  const options = ['--test', '--test-reporter=tap', `--test-timeout=${TEST_TIMEOUT}`];
  const stdout = run(checkout, node, [...requires(preloads), ...options, ...files], env);
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)[1]);
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
    failures: [...stdout.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name),
  };
}

function requires(preloads) {
  return preloads.flatMap((module) => ['--require', module]);
}

function run(checkout, node, args, env) {
  const { stdout, stderr, signal, error } = spawnSync(node, args, {
    cwd: checkout,
    encoding: 'utf8',
    maxBuffer: Infinity,
    timeout: 20 * MINUTE,
    env: { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH, ...env },
  });
  if (signal !== null || error !== undefined || stdout === '') {
    throw new Error(`the suite ended by ${signal ?? error ?? 'itself'}: ${stderr}`);
  }
  return stdout;
}
