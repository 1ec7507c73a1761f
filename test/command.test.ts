import assert from 'node:assert/strict';
import { spawn as spawnProcess } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { testOnMain as test } from './support/leaks.ts';
import { COMMAND, MAIN, type Outcome, runNode, signalNode, withProgram } from './support/program.ts';

/** Both ways of running a program as a greenlet. */
const WAYS: Record<string, string[]> = { 'the command': [COMMAND], 'node --import greenlets/main': ['--import', MAIN] };
const [MAJOR = 0] = process.versions.node.split('.').map(Number);

function runProgram(way: string[], name: string, source: string, args: string[] = []): Promise<Outcome> {
  return withProgram(name, source, (path) => runNode([...way, path, ...args]));
}

for (const [name, way] of Object.entries(WAYS)) {
  test(`${name} runs a program whose top level blocks, in every kind of file`, async () => {
    const esm = `import { sleep } from 'greenlets'; sleep(1); console.log('slept', process.argv.slice(2).join());`;
    const cjs = `const { sleep } = require('greenlets'); sleep(1); console.log('slept', process.argv.slice(2).join());`;
    for (const [file, source] of Object.entries({
      'app.mjs': esm,
      'app.cjs': cjs,
      'app.ts': `${esm} const n: number = 1;`,
      'app.cts': `${cjs} const n: number = 1;`,
    })) {
      assert.deepEqual(await runProgram(way, file, source, ['x', 'y']), { status: 0, output: 'slept x,y\n' }, file);
    }
  });

  test(`${name} makes a CommonJS program the main module, also by a symbolic link`, async () => {
    const source = `console.log(require.main === module, process.mainModule === module, module.id, process.argv[1])`;
    const outcome = await withProgram('app.cjs', source, (path) => {
      const link = join(dirname(path), 'link.cjs');
      symlinkSync(path, link);
      return { link, ...runNode([...way, link]) };
    });
    assert.equal(outcome.output, `true true . ${outcome.link}\n`);
  });

  test(`${name} makes an ES module the main one`, async () => {
    // Nothing but the syntax tells that it is one, and the hashbang line stays the first.
    const source = `#!/usr/bin/env greenlets
      import { createRequire } from 'node:module';
      const [line] = /:\\d+/.exec(new Error().stack);
      console.log(import.meta.main, process.mainModule, createRequire(import.meta.url).main, line);`;
    const main = MAJOR < 22 ? 'undefined' : 'true';
    assert.equal((await runProgram(way, 'app.js', source)).output, `${main} undefined undefined :3\n`);
  });

  test(`${name} shows where an error was thrown, and exits with 1`, async () => {
    for (const file of ['app.mjs', 'app.cjs']) {
      const { status, output } = await runProgram(way, file, `\nthrow new Error('program failed'); // here`);
      assert.equal(status, 1);
      assert.match(output, /app\.[cm]js:2\nthrow new Error\('program failed'\); \/\/ here\n/);
      assert.match(output, /Error: program failed\n {4}at .*app\.[cm]js:2:7/);
    }
  });

  test(`under ${name}, SIGINT raises Interrupted, then the process exits with 130`, async () => {
    const source = `const { sleep } = require('greenlets');
      try { console.log('ready'); sleep(1e6); }
      catch (error) { console.log(error.name, error.signal); }
      finally { console.log('finally'); }`;
    const outcome = await withProgram('app.cjs', source, (path) => signalNode([...way, path], 'ready', 'SIGINT'));
    assert.deepEqual(outcome, { status: 130, output: 'ready\nInterrupted SIGINT\nfinally\n' });
  });

  test(`under ${name}, fork() runs its program in the same way`, async () => {
    const source = `import { fork } from 'node:child_process';
      import { fileURLToPath } from 'node:url';
      import { sleep, waitEvent } from 'greenlets';
      if (process.send) {
        sleep(1);
        process.send('the child blocks', () => process.disconnect());
      } else {
        const child = fork(fileURLToPath(import.meta.url));
        console.log(waitEvent(child, 'message')[0], waitEvent(child, 'exit')[0]);
      }`;
    assert.deepEqual(await runProgram(way, 'app.mjs', source), { status: 0, output: 'the child blocks 0\n' });
  });
}

test('exit codes are the program’s', async () => {
  const source = `const [how] = process.argv.slice(2);
    if (how === 'exit') process.exit(3);
    if (how === 'exitCode') process.exitCode = 4;
    if (how === 'kill') require('greenlets').getCurrent().kill();`;
  await withProgram('app.cjs', source, (path) => {
    for (const [how, status] of Object.entries({ exit: 3, exitCode: 4, kill: 0 })) {
      assert.deepEqual(runNode([COMMAND, path, how]), { status, output: '' }, how);
    }
  });
});

test('a program with top-level await is told why it cannot block', async () => {
  const source = `import { sleep } from 'greenlets'; await null; console.log('awaited'); sleep(1);`;
  const { status, output } = await runProgram([COMMAND], 'app.mjs', source);
  assert.equal(status, 1);
  assert.match(output, /^awaited\n/);
  assert.match(output, /top-level await.*Write wait\(promise\) in place of await/);
});

test('a program that is stuck for ever is told so', async () => {
  const source = `import { Greenlet } from 'greenlets'; new Greenlet(() => {}).join();`;
  const { status, output } = await runProgram([COMMAND], 'app.mjs', source);
  assert.equal(status, 1);
  assert.match(output, /ERR_GREENLETS_LOOP_EXIT/);
});

test('the top level of a worker does not block, and says so', async () => {
  const source = `const { Worker, isMainThread, parentPort } = require('node:worker_threads');
    const { sleep, run, waitEvent } = require('greenlets');
    if (isMainThread) console.log(waitEvent(new Worker(__filename), 'message')[0]);
    else try { sleep(1) } catch ({ code }) { run(() => { sleep(1); parentPort.postMessage(code); }) }`;
  const outcome = await runProgram([COMMAND], 'app.cjs', source);
  assert.deepEqual(outcome, { status: 0, output: 'ERR_GREENLETS_CANNOT_BLOCK\n' });
});

test('a signal kills the nurseries of the program with it', async () => {
  const source = `import { nursery, sleep } from 'greenlets';
    nursery((group) => {
      for (const name of ['a', 'b']) {
        group.spawn(() => { try { sleep(1e6); } finally { console.log(name, 'ended'); } });
      }
      sleep(1);
      console.log('ready');
    });`;
  const outcome = await withProgram('app.mjs', source, (path) => signalNode([COMMAND, path], 'ready', 'SIGTERM'));
  assert.deepEqual(outcome, { status: 143, output: 'ready\na ended\nb ended\n' });
});

test('a second signal ends a program that holds out, at once', async () => {
  const source = `import { sleep } from 'greenlets';
    for (;;) try { console.log('ready'); sleep(1e6); } catch {}`;
  const { status } = await withProgram('app.mjs', source, (path) => signalNode([COMMAND, path], 'ready', 'SIGINT'));
  assert.equal(status, 130);
});

test('a program that listens for a signal is left alone with it', async () => {
  const source = `import { waitEvent } from 'greenlets';
    const keepAlive = setInterval(() => {}, 1e6);
    setTimeout(() => console.log('ready'));
    console.log(waitEvent(process, 'SIGTERM')[0]);
    clearInterval(keepAlive);`;
  const outcome = await withProgram('app.mjs', source, (path) => signalNode([COMMAND, path], 'ready', 'SIGTERM'));
  assert.deepEqual(outcome, { status: 0, output: 'ready\nSIGTERM\n' });
});

test('the program is the process that was started: its pid, and its channel to the parent', async () => {
  const source = `process.send({ pid: process.pid }); process.once('message', () => process.exit(7));`;
  await withProgram('app.cjs', source, async (path) => {
    const child = spawnProcess(process.execPath, [COMMAND, path], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const { pid } = await new Promise<{ pid: number }>((resolve) => child.once('message', resolve as () => void));
    assert.equal(pid, child.pid);
    child.send('bye');
    assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 7);
  });
});

test('node --watch, --test, -e and - keep working beside --import greenlets/main', async () => {
  const tests = `import { test } from 'node:test'; import { sleep } from 'greenlets'; sleep(1); test('passes', () => {});`;
  const outcome = await withProgram('app.test.mjs', tests, (path) => runNode(['--import', MAIN, '--test', path]));
  assert.equal(outcome.status, 0, outcome.output);
  assert.match(outcome.output, /pass 1\n/);
  assert.deepEqual(runNode(['--import', MAIN, '-e', 'console.log(1)']), { status: 0, output: '1\n' });
  assert.deepEqual(runNode(['--import', MAIN, '-p', '1 + 1']), { status: 0, output: '2\n' });
  const watched = `import { sleep } from 'greenlets'; sleep(1); console.log('ready'); sleep(1e6);`;
  const args = (path: string): string[] => ['--watch', '--import', MAIN, path];
  const watch = await withProgram('app.mjs', watched, (path) => signalNode(args(path), 'ready', 'SIGINT'));
  assert.match(watch.output, /^ready\n/);
});

test('bad usage is refused with 2 and a reason', () => {
  for (const [args, reason] of [
    [[], /^usage: greenlets <program>/],
    [['--watch'], /node --watch --import greenlets\/main/],
    [['-e', '1'], /from files only, not -e/],
    [['-'], /from files only, not -/],
    [['/no/such/file'], /cannot find \/no\/such\/file/],
    [['doctor', '--nonsense'], /--nonsense/],
  ] as const) {
    const { status, output } = runNode([COMMAND, ...args]);
    assert.equal(status, 2, output);
    assert.match(output, reason);
  }
});

test('--help and --version', () => {
  assert.match(runNode([COMMAND, '--help']).output, /doctor {3}can this Node run greenlets/);
  assert.match(runNode([COMMAND, '--version']).output, /^\d+\.\d+\.\d+\n$/);
});

test('doctor tells whether greenlets run here, and how many', () => {
  const { status, output } = runNode([COMMAND, 'doctor']);
  assert.equal(status, 0, output);
  assert.match(output, /a suspended greenlet takes \d+\.\d KB here; how many fit:\n +[\d,]+ {2}by /);
  assert.match(output, /greenlets run here\.\n$/);
  const report = JSON.parse(runNode([COMMAND, 'doctor', '--json']).output) as { checks: { result: string }[] };
  assert.ok(report.checks.length > 0 && report.checks.every(({ result }) => result === 'ok'));
});
