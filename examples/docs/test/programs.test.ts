/** Every program that the documents show does what they say. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { get } from 'greenlets/http';
import { Socket } from 'greenlets/socket';
import { Popen, run } from 'greenlets/subprocess';
import { test } from '../../../test/support/leaks.ts';
import { COMMAND } from '../../../test/support/program.ts';

function pathOf(program: string): string {
  return fileURLToPath(new URL(`../${program}.js`, import.meta.url));
}

/** Runs a program to its end; what it printed. */
function outputOf(program: string, ...args: string[]): string {
  const command = [COMMAND, pathOf(program), ...args];
  const { code, stdout, stderr } = run(process.execPath, command, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Runs a server on a free port of loopback while `body` does. @returns what it printed after that, until its end. */
function withServer(program: string, body: (port: number) => void, signal: NodeJS.Signals = 'SIGTERM'): string {
  const server = new Popen(process.execPath, [COMMAND, pathOf(program), '0']);
  try {
    const port = /port: (\d+)/.exec(server.stdout.readLine() ?? '')?.[1];
    body(Number(port));
  } finally {
    server.kill(signal);
    server.wait();
  }
  return server.communicate().stdout.toString();
}

function withSite(body: (site: string) => void): void {
  withServer('site', (port) => body(`http://127.0.0.1:${port}`));
}

const TITLES = Array.from({ length: 10 }, (_, index) => `Page ${index + 1}`);

test('the program of the README prints titles in the order of its arguments', () => {
  withSite((site) => assert.equal(outputOf('titles', `${site}/2`, `${site}/1`), 'Page 2\nPage 1\n'));
});

test('the scrapers of the tutorial find the same pages', () => {
  withSite((site) => {
    for (const program of ['one-by-one', 'all-at-once', 'five-at-a-time']) {
      assert.deepEqual(outputOf(program, site).match(/Page \d+/g), TITLES, program);
    }
    assert.match(outputOf('what-goes-wrong', site), /Page 10\n.*\/999: HTTP 404\n$/);
    assert.match(outputOf('crawler', `${site}/1`), /^30 pages/);
  });
});

test('the echo server sends lines back', () => {
  withServer('echo-server', (port) => {
    using socket = Socket.connect({ host: '127.0.0.1', port });
    socket.sendAll('one\ntwo\n');
    assert.deepEqual([socket.readLine(), socket.readLine()], ['one', 'two']);
  });
});

test('in the chat everybody hears everybody, and Ctrl-C ends it', () => {
  withServer(
    'chat-server',
    (port) => {
      const join = (name: string): Socket => {
        const socket = Socket.connect({ host: '127.0.0.1', port, timeout: 10_000 });
        assert.equal(socket.readLine(), 'What is your name?');
        socket.sendAll(`${name}\n`);
        assert.equal(socket.readLine(), `* ${name} is here`);
        return socket;
      };
      using ann = join('Ann');
      const bob = join('Bob');
      assert.equal(ann.readLine(), '* Bob is here');
      ann.sendAll('hello\n');
      assert.deepEqual([ann.readLine(), bob.readLine()], ['Ann: hello', 'Ann: hello']);
      bob.close();
      assert.equal(ann.readLine(), '* Bob is gone');
    },
    'SIGINT',
  );
});

test('a stopped server finishes what it has begun', () => {
  const printed = withServer('graceful-stop', (port) =>
    assert.equal(get(`http://127.0.0.1:${port}/`).text(), 'done\n'),
  );
  assert.equal(printed, 'stopped\n');
});

test('the programs of the guides print what they should', () => {
  assert.match(outputOf('node-http'), /the title of the home page is: Home/);
  assert.match(outputOf('database'), /total: 10/);
  assert.equal(outputOf('shared-state'), 'withdrawWrongly: 90\nwithdraw: 80\nwithdrawLocked: 80\n');
  assert.equal(outputOf('sync-host'), '[{"dollars":22}] [ 22, 22 ]\n');
  assert.equal(outputOf('fibers-style'), '1 2 3\nrested\n');
  assert.equal(outputOf('rosetta').match(/^ok /gm)?.length, 5);
});
