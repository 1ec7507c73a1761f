import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Greenlet, sleep, spawn, waitEvent } from 'greenlets';
import { BackdoorServer } from 'greenlets/backdoor';
import { Socket } from 'greenlets/socket';
import { test } from './support/leaks.ts';

/** Sends `lines` one after the other, each when the prompt has come; all that came back. */
function talk(socket: Socket, lines: string[]): string {
  let said = '';
  for (const line of lines) {
    said += socket.readUntil('> ', { max: 1e6 }).toString();
    socket.sendAll(`${line}\n`);
  }
  for (const chunk of socket) said += chunk.toString();
  return said;
}

/** Calls `body` with a path for a socket. */
function withPath(body: (path: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'greenlets-'));
  try {
    body(join(directory, 'backdoor.sock'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a REPL in the process: its lines may block, and ps(), dump() and kill(id) see all greenlets', () => {
  withPath((path) => {
    const server = new BackdoorServer({ path, context: { sleep } });
    server.start();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const victim: Greenlet = spawn({ name: 'victim' }, () => sleep(1e6));
    using socket = Socket.connect({ path, timeout: 20_000 });
    const said = talk(socket, [
      '1 + 1',
      'sleep(5); "slept"',
      'ps()',
      'dump()',
      `kill(${victim.id})`,
      'kill(-1)',
      '.exit',
    ]);
    assert.match(said, /2\n.*'slept'\n/s);
    assert.match(said, /victim +blocked in sleep/);
    assert.match(said, /─ victim: blocked in sleep/);
    assert.match(said, /RangeError: there is no greenlet of id -1/);
    assert.equal(victim.join(5000), true);
    assert.equal(victim.killed, true);
    server.stop();
    assert.equal(server.closed, true);
  });
});

test('a port takes the token first, and nothing else', () => {
  const server = new BackdoorServer({ port: 0, token: 'sesame' });
  server.start();
  const { address, port } = server.address as { address: string; port: number };
  assert.equal(address, '127.0.0.1');
  using stranger = Socket.connect({ host: address, port, timeout: 20_000 });
  stranger.sendAll('open\nprocess.pid\n');
  assert.equal(stranger.readLine(), 'wrong token');
  assert.equal(stranger.readLine(), null);
  using friend = Socket.connect({ host: address, port, timeout: 20_000 });
  friend.sendAll('sesame\n');
  assert.match(talk(friend, ['process.pid', '.exit']), new RegExp(`${process.pid}`));
  server.stop();
});

test('a token may come in pieces, in the middle of a character, too', () => {
  const server = new BackdoorServer({ port: 0, token: 'sés😀me' });
  server.start();
  const { address, port } = server.address as { address: string; port: number };
  using socket = Socket.connect({ host: address, port, timeout: 20_000 });
  for (const byte of Buffer.from('sés😀me\r\n')) {
    socket.sendAll(Buffer.of(byte));
    sleep(1);
  }
  assert.match(talk(socket, ['process.pid', '.exit']), new RegExp(`${process.pid}`));
  server.stop();
});

test('stop() ends sessions', () => {
  withPath((path) => {
    const server = new BackdoorServer({ path });
    server.start();
    using socket = Socket.connect({ path, timeout: 20_000 });
    socket.readUntil('> ', { max: 1000 });
    server.stop(0);
    assert.equal(socket.readLine(), null);
  });
});

test('in a worker a backdoor has a port: a Unix socket would not be private', () => {
  const source = `import(${JSON.stringify(import.meta.resolve('greenlets/backdoor'))}).then(async ({ BackdoorServer }) => {
    const { serveInspection } = await import(${JSON.stringify(import.meta.resolve('greenlets/inspect'))});
    const { run } = await import(${JSON.stringify(import.meta.resolve('greenlets'))});
    const codeOf = (fn) => {
      try {
        fn();
      } catch ({ code }) {
        return code;
      }
    };
    const codes = await run(() => [codeOf(() => new BackdoorServer({ path: '/tmp/x' }).start()), codeOf(serveInspection)]);
    require('node:worker_threads').parentPort.postMessage(codes);
  });`;
  const [codes] = waitEvent(new Worker(source, { eval: true }), 'message');
  assert.deepEqual(codes, ['ERR_GREENLETS_UNSUPPORTED', 'ERR_GREENLETS_UNSUPPORTED']);
});

test('bad options are refused, and production', () => {
  assert.throws(() => new BackdoorServer({ port: 0 }), /TypeError.*token.*undefined/);
  assert.throws(() => new BackdoorServer({ port: 0, token: '' }), /TypeError.*token.*''/);
  for (const token of ['two\nlines', 'blank ', 'x'.repeat(2000)]) {
    assert.throws(() => new BackdoorServer({ port: 0, token }), RangeError);
  }
  assert.throws(() => new BackdoorServer({ path: '/x', token: 5 as never }), /TypeError.*token.*5/);
  assert.throws(() => new BackdoorServer({ path: '/x', context: 5 as never }), /TypeError.*5/);
  assert.throws(() => new BackdoorServer(5 as never), /TypeError.*5/);
  assert.throws(() => new BackdoorServer({}), TypeError);
  assert.throws(() => new BackdoorServer({ port: 0, path: '/x', token: 'x' }), TypeError);
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    assert.throws(() => new BackdoorServer({ path: '/x' }), { code: 'ERR_GREENLETS_PRODUCTION' });
    assert.equal(new BackdoorServer({ path: '/x', allowInProduction: true }).closed, false);
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
});
