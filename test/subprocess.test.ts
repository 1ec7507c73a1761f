import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test as nodeTest } from 'node:test';
import { expectTypeOf } from 'expect-type';
import { GreenletExit, noSwitch, sleep, spawn, Timeout, wait, withTimeout } from 'greenlets';
import { CalledProcessError, checkOutput, Popen, type RunResult, run } from 'greenlets/subprocess';
import { test, testOnMain } from './support/leaks.ts';
import { runNode, withProgram } from './support/program.ts';

/** True while the process exists and is no zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
function untilGone(pid: number): void {
  while (isAlive(pid)) sleep(2);
}
function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

test('a child is spoken with line by line', () => {
  const cat = new Popen('cat');
  for (const line of ['one', 'zwei', '三']) {
    cat.stdin.sendAll(`${line}\n`);
    assert.equal(cat.stdout.readLine(), line);
  }
  cat.stdin.shutdown();
  assert.equal(cat.stdout.readLine(), null);
  assert.equal(cat.wait(), 0);
});

test('wait and poll give the exit code, or the name of the signal', () => {
  assert.equal(new Popen('sh', ['-c', 'exit 3']).wait(), 3);
  const sleeper = new Popen('sleep', ['100']);
  assert.equal(sleeper.poll(), null);
  assert.equal(
    noSwitch(() => sleeper.poll()),
    null,
  );
  assert.throws(() => sleeper.wait(5), Timeout);
  assert.throws(() => sleeper.wait(0), Timeout);
  assert.ok(isAlive(sleeper.pid));
  assert.equal(sleeper.kill(), true);
  assert.equal(sleeper.wait(), 'SIGTERM');
  assert.equal(sleeper.poll(), 'SIGTERM');
  assert.equal(sleeper.wait(0), 'SIGTERM');
  assert.equal(sleeper.kill('SIGKILL'), false);
  assert.throws(() => sleeper.kill('SIGNONE' as never), TypeError);
});

test('a loop around poll comes to an end', () => {
  const child = new Popen('true');
  while (child.poll() === null);
  assert.equal(child.poll(), 0);
});

test('several greenlets wait for one child, and a killed one does no harm', () => {
  const child = new Popen('cat');
  const waiting = [1, 2, 3].map(() => spawn(() => child.wait()));
  sleep(1);
  waiting[1]?.kill();
  child.stdin.close();
  assert.equal(waiting[0]?.get(), 0);
  assert.equal(waiting[2]?.get(), 0);
});

test('what cannot be started throws in the constructor, with its line', () => {
  let error: NodeJS.ErrnoException | undefined;
  try {
    new Popen('/no/such/program');
  } catch (caught) {
    error = caught as NodeJS.ErrnoException;
  }
  assert.equal(error?.code, 'ENOENT');
  assert.equal(error?.syscall, 'spawn /no/such/program');
  assert.match(error?.stack ?? '', /subprocess\.test/);
  assert.throws(() => new Popen('/etc'), { code: 'EACCES' });
  assert.throws(() => new Popen('true', { cwd: '/no/such/directory' }), { code: 'ENOENT' });
  assert.throws(() => new Popen(5 as never), TypeError);
  assert.throws(() => run('/no/such/program'), { code: 'ENOENT' });
  assert.throws(() => checkOutput('/no/such/program'), { code: 'ENOENT' });
});

test('communicate does not deadlock on large input and output', () => {
  const input = Buffer.alloc(3_000_000, 'abc');
  const child = new Popen('bash', ['-c', 'tee >(cat >&2)']);
  const { stdout, stderr } = child.communicate(input);
  assert.ok(stdout.equals(input));
  assert.ok(stderr.equals(input));
  assert.equal(child.poll(), 0);
});

test('a communicate that times out leaves the child, and loses none of its output', () => {
  const script =
    'echo oops >&2; read line; echo "got $line"; trap "echo last; exit" TERM; while :; do sleep 0.01; done';
  const child = new Popen('sh', ['-c', script]);
  let error = timedOut(() => child.communicate('input\n', 20));
  assert.match(error.message, /20 ms/);
  while (error.stdout.length === 0) error = timedOut(() => child.communicate(undefined, 20));
  assert.equal(error.stdout.toString(), 'got input\n');
  assert.equal(error.stderr.toString(), 'oops\n');
  assert.throws(() => child.communicate('more'), { code: 'ERR_GREENLETS_INVALID_STATE' });
  child.kill();
  const { stdout, stderr } = child.communicate();
  assert.equal(stdout.toString(), 'got input\nlast\n');
  assert.equal(stderr.toString(), 'oops\n');
});

test('a second communicate at the same time is refused, and does the first no harm', () => {
  const child = new Popen('sh', ['-c', 'read line; echo "got $line"']);
  const first = spawn(() => child.communicate('input\n').stdout.toString());
  sleep();
  assert.throws(() => child.communicate(), { code: 'ERR_GREENLETS_CONCURRENT_USE' });
  sleep();
  assert.equal(first.get(), 'got input\n');
});

test('an AbortSignal ends a communicate with its reason', () => {
  using child = new Popen('sleep', ['100']);
  const reason = new Error('enough');
  const controller = new AbortController();
  spawn(() => controller.abort(reason));
  assert.throws(
    () => child.communicate(undefined, controller.signal),
    (error) => error === reason,
  );
  assert.ok(isAlive(child.pid));
});

test('a child that does not read its input is no error', () => {
  const child = new Popen('true');
  assert.deepEqual(child.communicate(Buffer.alloc(1_000_000)), { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
});

test('the output of an ended child stays readable', () => {
  const child = new Popen('sh', ['-c', 'head -c 50000 /dev/zero; echo; echo end >&2']);
  assert.equal(child.wait(), 0);
  sleep(20);
  assert.equal(child.stdout.recvExactly(50_000).length, 50_000);
  assert.equal(child.stdout.readLine(), '');
  assert.equal(child.stdout.readLine(), null);
  assert.equal(child.stderr.readLine(), 'end');
});

test('a child waits while nobody reads its output', () => {
  using child = new Popen('sh', ['-c', 'head -c 2000000 /dev/zero']);
  assert.throws(() => child.wait(50), Timeout);
  let read = 0;
  for (const chunk of child.stdout) read += chunk.length;
  assert.equal(read, 2_000_000);
  assert.equal(child.wait(), 0);
});

test('only what stdio says is a pipe', () => {
  const child = new Popen('true', { stdio: ['ignore', 'pipe', 'inherit'] });
  assert.equal(child.stdout.readLine(), null);
  assert.throws(() => child.stdin, /stdin is not a pipe/);
  assert.throws(() => child.stderr, /stderr is not a pipe/);
  assert.equal(child.communicate().stdout.length, 0);
  assert.equal(run('true', { stdio: 'ignore' }).code, 0);
});

test('run tells how a process ended and what it wrote, and does not throw', () => {
  const { code, signal, stdout, stderr } = run('sh', ['-c', 'cat; echo err >&2; exit 7'], { input: 'in' });
  assert.deepEqual([code, signal, stdout.toString(), stderr.toString()], [7, null, 'in', 'err\n']);
  assert.deepEqual(run('sh', ['-c', 'kill -9 $$'], { encoding: 'utf8' }), {
    code: null,
    signal: 'SIGKILL',
    stdout: '',
    stderr: '',
  });
  assert.equal(run('echo $GREETING', { shell: true, env: { GREETING: 'hi' }, encoding: 'latin1' }).stdout, 'hi\n');
  assert.equal(run('cat').code, 0);
});

test('checkOutput gives what was written, and throws for a code other than 0', () => {
  assert.deepEqual(checkOutput('echo', ['hi']), Buffer.from('hi\n'));
  assert.equal(checkOutput('cat', { input: 'x', encoding: 'utf8' }), 'x');
  const error = assertThrown(() =>
    checkOutput('sh', ['-c', 'echo out; echo bad luck >&2; exit 2']),
  ) as CalledProcessError;
  assert.ok(error instanceof CalledProcessError);
  assert.equal(error.code, 'ERR_GREENLETS_PROCESS_FAILED');
  assert.equal(error.exitCode, 2);
  assert.equal(error.stdout.toString(), 'out\n');
  assert.equal(error.stderr.toString(), 'bad luck\n');
  assert.equal(error.message, 'sh ended with exit code 2: bad luck');
  assert.throws(() => checkOutput('sh', ['-c', 'kill $$']), { exitCode: null, signal: 'SIGTERM' });
});

test('the time-out of run kills the whole process group, and tells what was written', () => {
  const pids = pidsWrittenInTime('sleep 100 & echo $!; echo $$; wait', 2);
  pids.forEach(untilGone);
  assert.throws(() => checkOutput('sleep', ['100'], { timeout: 10 }), Timeout);
});

test('run comes back in time even if the child is gone and others hold its pipes', () => {
  pidsWrittenInTime('sleep 100 & echo $!', 1).forEach(untilGone);
});

test('a kill, or a timeout from outside, of a greenlet in run kills the process group', () => {
  const before = openFiles();
  const runner = spawn(() => run('sh', ['-c', 'sleep 100 & wait']));
  while (children(process.pid).flatMap(children).length === 0) sleep(2);
  const [child] = children(process.pid) as [number];
  const [grandchild] = children(child) as [number];
  runner.kill(new GreenletExit(), { persistent: true });
  assert.ok(runner.killed);
  [child, grandchild].forEach(untilGone);
  assert.equal(
    withTimeout(20, () => run('sleep', ['100']).code, { value: -1 as number | null }),
    -1,
  );
  while (openFiles() > before) sleep(1);
});

test('background processes outlive a run that was not cut short', () => {
  const pid = Number(checkOutput('sh', ['-c', 'sleep 100 >/dev/null 2>&1 & echo $!']).toString());
  assert.ok(isAlive(pid));
  process.kill(pid);
});

test('a disposed child is killed and waited for', () => {
  let pid: number;
  {
    using child = new Popen('sleep', ['100']);
    pid = child.pid;
  }
  assert.equal(isAlive(pid), false);
});

test('bad input is refused before anything is started', () => {
  assert.throws(() => run('true', { timeout: -1 }), { name: 'RangeError', message: /-1/ });
  assert.throws(() => run('true', { input: 5 as never }), { name: 'TypeError', message: /5/ });
  assert.throws(() => run('true', { encoding: 'utf9' as never }), { name: 'TypeError', message: /"utf9"/ });
  assert.throws(() => run('echo', 'word' as never), { name: 'TypeError', message: /array.*"word"/ });
  const child = new Popen('true');
  assert.throws(() => child.communicate({} as never), TypeError);
  assert.throws(() => wait(child), { name: 'TypeError', message: /popen\.wait\(\)/ });
  child.wait();
});

testOnMain('on the main stack a child can be started and looked at, but not waited for', async () => {
  const child = new Popen('cat');
  assert.equal(child.poll(), null);
  assert.throws(() => child.wait(), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  assert.throws(() => run('true'), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  child.stdin.close();
  await spawn(() => child.wait()).toPromise();
  assert.equal(child.wait(), 0);
});

testOnMain('what run has started does not outlive the process', async () => {
  const source = `import { run } from '${import.meta.resolve('greenlets/subprocess')}';
    import { spawn } from 'greenlets';
    spawn(() => run('sh', ['-c', 'echo $$ > ' + process.argv[2] + '; sleep 100']));
    setTimeout(() => process.exit(0), 200);`;
  await withProgram('exits.mjs', source, async (path) => {
    const pidFile = `${path}.pid`;
    assert.equal(runNode([path, pidFile]).status, 0);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await spawn(() => untilGone(pid)).toPromise();
  });
});

nodeTest('an encoding makes strings of the output', () => {
  expectTypeOf(() => run('a')).returns.toEqualTypeOf<RunResult<Buffer>>();
  expectTypeOf(() => run('a', ['b'], { encoding: 'utf8' })).returns.toEqualTypeOf<RunResult<string>>();
  expectTypeOf(() => checkOutput('a', { encoding: 'utf8' })).returns.toEqualTypeOf<string>();
  expectTypeOf(() => checkOutput('a', [], { timeout: 5 })).returns.toEqualTypeOf<Buffer>();
});

function children(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it has ended
  }
}

/** Runs `script` with ever more time, until it has written so many numbers when its time is over. */
function pidsWrittenInTime(script: string, count: number): number[] {
  for (let timeout = 40; ; timeout *= 2) {
    const { stdout } = timedOut(() => run('sh', ['-c', script], { timeout }));
    const pids = stdout.toString().split('\n').filter(Boolean).map(Number);
    if (pids.length === count) return pids;
  }
}

function timedOut(fn: () => unknown): Timeout & { stdout: Buffer; stderr: Buffer } {
  const error = assertThrown(fn) as Timeout & { stdout: Buffer; stderr: Buffer };
  assert.ok(error instanceof Timeout, String(error));
  return error;
}
function assertThrown(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('expected it to throw');
}
