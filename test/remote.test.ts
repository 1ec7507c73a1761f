import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { testOnMain as test } from './support/leaks.ts';
import { COMMAND, runNode, withProgram } from './support/program.ts';

const PROGRAM = `import { existsSync } from 'node:fs';
  import { Queue, sleep, spawn } from 'greenlets';
  const queue = new Queue();
  for (let i = 0; i < Number(process.argv[2]); i++) spawn({ name: 'worker-' + i }, function consume() { queue.get(); });
  spawn({ name: 'busy' }, () => { for (;;) { for (const end = Date.now() + 5; Date.now() < end; ); sleep(1); } });
  sleep(50);
  const socket = '/tmp/greenlets-' + process.getuid() + '/' + process.pid + '.sock';
  while (process.env.GREENLETS_INSPECT === '1' && !existsSync(socket)) sleep(10);
  console.log('ready');
  sleep(1e6);`;

/** Calls `body` while the program runs, in which `count` greenlets wait. */
function whileRunning(args: string[], count: number, body: (child: ChildProcess) => unknown): Promise<void> {
  return withProgram('app.mjs', PROGRAM, async (path) => {
    const child = spawn(process.execPath, [...args, path, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    try {
      await once(child.stdout as NodeJS.ReadableStream, 'data');
      await body(child);
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  });
}

const command = (name: string, pid: number | undefined): { status: number | null; output: string } =>
  runNode([COMMAND, name, String(pid)]);

test('ps, top and dump show the greenlets of a process that lets itself be inspected', () =>
  whileRunning([COMMAND, '--inspect-greenlets'], 2, ({ pid }) => {
    const ps = command('ps', pid);
    assert.equal(ps.status, 0);
    assert.match(ps.output, /^\d+ greenlets: \d+ blocked/);
    assert.match(ps.output, /\d+ +0\.0 {2}worker-1 +blocked in Queue\.get for .* consume \(.*app\.mjs:4:/);
    const top = command('top', pid);
    assert.match(top.output.split('\n')[2] as string, /[1-9]\d*\.\d {2}busy /);
    const dump = command('dump', pid);
    assert.match(dump.output, /[├└]─ worker-0: blocked in Queue\.get for .*\n.*at consume \(/);
  }));

test('its socket is its user’s alone, and goes with the process', async () => {
  let path = '';
  await whileRunning([COMMAND, '--inspect-greenlets'], 0, ({ pid }) => {
    path = `/tmp/greenlets-${process.getuid?.()}/${pid}.sock`;
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });
  assert.equal(existsSync(path), false);
});

test('nothing is sent to a process that has not asked for it', () =>
  whileRunning([COMMAND], 0, ({ pid }) => {
    const { status, output } = command('dump', pid);
    assert.equal(status, 1);
    assert.match(output, /cannot be inspected by you: start it with GREENLETS_INSPECT=1/);
    assert.equal(process.kill(pid as number, 0), true);
  }));

test('a process that is not there, and bad arguments, are told', () => {
  assert.deepEqual(command('ps', 4_194_305), { status: 1, output: 'there is no process 4194305\n' });
  assert.deepEqual(runNode([COMMAND, 'ps']), { status: 2, output: 'usage: greenlets ps <pid>\n' });
  assert.deepEqual(runNode([COMMAND, 'dump', 'x']), { status: 2, output: 'usage: greenlets dump <pid>\n' });
});

test('10,000 greenlets are dumped', () =>
  whileRunning([COMMAND, '--inspect-greenlets'], 10_000, ({ pid }) => {
    const args = [COMMAND, 'dump', String(pid)];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    assert.match(stdout, /─ worker-9999: blocked in Queue\.get/);
  }));
