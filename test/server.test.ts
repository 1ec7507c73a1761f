import assert from 'node:assert/strict';
import { spawn as spawnProcess } from 'node:child_process';
import {
  type Greenlet,
  getHub,
  joinAll,
  Pool,
  shield,
  sleep,
  spawn,
  Timeout,
  wait,
  waitEvent,
  withTimeout,
} from 'greenlets';
import { DatagramServer, StreamServer, type StreamServerOptions } from 'greenlets/server';
import { DatagramSocket, Socket } from 'greenlets/socket';
import { StreamServer as TlsServer } from 'greenlets/tls';
import { CERTIFICATE, KEY } from './support/certificate.ts';
import { test, testOnMain } from './support/leaks.ts';
import { withProgram } from './support/program.ts';

const HERE = { host: '127.0.0.1', port: 0 };
const hasCode = (code: string) => (error: unknown) => (error as { code?: unknown }).code === code;
const portOf = (server: { address: unknown }): number => (server.address as { port: number }).port;

function echo(socket: Socket): void {
  for (const chunk of socket) socket.sendAll(chunk);
}

/** A started server; stopped afterwards. */
function withServer(
  options: Partial<StreamServerOptions>,
  body: (server: StreamServer, connect: () => Socket) => void,
): void {
  using server = new StreamServer({ ...HERE, handle: echo, ...options });
  server.start();
  const clients: Socket[] = [];
  try {
    body(server, () => {
      const client = Socket.connect({ host: '127.0.0.1', port: portOf(server), timeout: 5000 });
      clients.push(client);
      return client;
    });
  } finally {
    for (const client of clients) client.close();
  }
}

/** What the client reads until the end; a reset counts as the end. */
function readAll(client: Socket): string {
  let text = '';
  try {
    for (const chunk of client) text += chunk.toString();
  } catch (error) {
    assert.equal((error as { code: string }).code, 'ECONNRESET');
  }
  return text;
}

test('each connection is served in a greenlet of its own, and closed when its handler returns', () => {
  const addresses: unknown[] = [];
  const handle = (socket: Socket, address: unknown): void => {
    addresses.push(address);
    socket.sendAll(`hello ${socket.readLine()}`);
  };
  withServer({ handle }, (_server, connect) => {
    const slow = connect();
    const fast = connect();
    fast.sendAll('fast\n');
    assert.equal(readAll(fast), 'hello fast');
    slow.sendAll('slow\n');
    assert.equal(readAll(slow), 'hello slow');
    assert.deepEqual(addresses, [slow.localAddress, fast.localAddress]);
  });
});

test('a handler may be async', () => {
  const handle = async (socket: Socket): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.stream.write('later');
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  withServer({ handle }, (_server, connect) => assert.equal(readAll(connect()), 'later'));
});

test('an error in a handler is told, and ends that connection only', () => {
  const errors: unknown[] = [];
  const handle = (socket: Socket): void => {
    const line = socket.readLine();
    if (line === 'fail') throw new Error('on purpose');
    socket.sendAll('fine');
  };
  withServer({ handle, onError: (error) => errors.push(error) }, (_server, connect) => {
    const bad = connect();
    const good = connect();
    bad.sendAll('fail\n');
    assert.equal(readAll(bad), '');
    good.sendAll('ok\n');
    assert.equal(readAll(good), 'fine');
    assert.match(String(errors), /on purpose/);
  });
});

test('without onError the error goes to the listeners of the hub', () => {
  const errors: unknown[] = [];
  const listener = (_greenlet: unknown, error: unknown): unknown => errors.push(error);
  getHub().on('error', listener);
  try {
    const handle = (): never => {
      throw new Error('for the hub');
    };
    withServer({ handle }, (_server, connect) => readAll(connect()));
  } finally {
    getHub().off('error', listener);
  }
  assert.match(String(errors), /for the hub/);
});

test('start, stop, address and closed follow the life of the server', () => {
  const server = new StreamServer({ ...HERE, handle: echo });
  assert.equal(server.address, undefined);
  assert.equal(server.closed, false);
  server.start();
  server.start();
  const port = portOf(server);
  assert.ok(port > 0);
  const other = new StreamServer({ host: '127.0.0.1', port, handle: echo });
  assert.throws(() => other.start(), hasCode('EADDRINUSE'));
  server.stop();
  server.stop();
  assert.equal(server.closed, true);
  assert.throws(() => Socket.connect({ host: '127.0.0.1', port }), hasCode('ECONNREFUSED'));
  assert.throws(() => server.start(), hasCode('ERR_GREENLETS_CLOSED'));
  other.start();
  other.stop();
});

test('stop waits for handlers; no new connection is taken meanwhile', () => {
  const handle = (socket: Socket): void => {
    socket.readLine();
    sleep(20);
    socket.sendAll('done');
  };
  withServer({ handle }, (server, connect) => {
    const client = connect();
    client.sendAll('go\n');
    sleep(5);
    const stopping = spawn(() => server.stop());
    sleep(0);
    assert.throws(() => connect(), hasCode('ECONNREFUSED'));
    assert.equal(readAll(client), 'done');
    assert.equal(stopping.join(1000), true);
  });
});

test('stop(timeout) kills handlers persistently afterwards, and waits for their finally', () => {
  const events: string[] = [];
  const handle = (): void => {
    try {
      try {
        sleep(60_000);
      } catch {
        events.push('caught');
        sleep(60_000);
      }
    } finally {
      shield(() => sleep(5));
      events.push('finally');
    }
  };
  withServer({ handle }, (server, connect) => {
    const client = connect();
    sleep(5);
    server.stop(10);
    assert.deepEqual(events, ['caught', 'finally']);
    assert.equal(readAll(client), '');
  });
});

test('a handler can stop its own server', () => {
  const handle = (socket: Socket): void => {
    withTimeout(1000, () => server.stop());
    socket.sendAll('stopped');
  };
  const server = new StreamServer({ ...HERE, handle });
  const serving = spawn(() => server.serveForever());
  sleep(5);
  using client = Socket.connect({ host: '127.0.0.1', port: portOf(server) });
  assert.equal(readAll(client), 'stopped');
  assert.equal(serving.join(1000), true);
  assert.equal(serving.successful, true);
});

test('serveForever returns when the server is stopped and the handlers have ended', () => {
  const server = new StreamServer({ ...HERE, handle: echo });
  const serving = spawn(() => server.serveForever());
  sleep(5);
  using client = Socket.connect({ host: '127.0.0.1', port: portOf(server) });
  client.sendAll('x');
  assert.equal(client.recv().toString(), 'x');
  const stopping = spawn(() => server.stop());
  sleep(5);
  assert.equal(serving.ready, false);
  client.close();
  joinAll([serving, stopping], { timeout: 1000 });
  assert.equal(serving.successful, true);
});

test('killing the greenlet in serveForever stops the server; handlers get stopTimeout', () => {
  const server = new StreamServer({ ...HERE, handle: echo, stopTimeout: 20 });
  const serving = spawn(() => server.serveForever());
  sleep(5);
  using client = Socket.connect({ host: '127.0.0.1', port: portOf(server) });
  client.sendAll('x');
  client.recv();
  assert.equal(serving.kill(), true);
  assert.equal(server.closed, true);
  assert.equal(readAll(client), '');
  const timed = new StreamServer({ ...HERE, handle: echo });
  assert.throws(() => withTimeout(5, () => timed.serveForever()), Timeout);
  assert.equal(timed.closed, true);
});

test('a pool bounds the handlers; what waits is served in order, what is too much is closed at once', () => {
  let running = 0;
  let most = 0;
  const handle = (socket: Socket): void => {
    most = Math.max(most, ++running);
    socket.sendAll(`${socket.readLine()}`);
    running--;
  };
  for (const limit of [2, new Pool(2)]) {
    withServer({ handle, spawn: limit, backlog: 2 }, (_server, connect) => {
      const clients = ['a', 'b', 'c', 'd'].map((name) => {
        const client = connect();
        sleep(2);
        return { name, client };
      });
      assert.equal(readAll(connect()), '', 'the fifth finds no place');
      for (const { name, client } of clients) client.sendAll(`${name}\n`);
      for (const { name, client } of clients) assert.equal(readAll(client), name);
      assert.equal(most, 2);
    });
  }
});

test('a slot of a shared pool that somebody else frees lets a waiting connection in', () => {
  const pool = new Pool(1);
  const other = pool.spawn(() => sleep(20));
  withServer({ handle: (socket) => socket.sendAll('in'), spawn: pool }, (_server, connect) => {
    const client = connect();
    assert.equal(readAll(client), 'in');
    assert.equal(other.ready, true);
  });
  assert.equal(pool.freeCount, 1);
});

test('connections that wait for a full pool are served by stop, or closed by stop(timeout)', () => {
  const handle = (socket: Socket): void => socket.sendAll(`${socket.readLine()}`);
  withServer({ handle, spawn: 1 }, (server, connect) => {
    const clients = [connect(), connect()];
    sleep(5);
    const stopping = spawn(() => server.stop());
    for (const client of clients) client.sendAll('served\n');
    for (const client of clients) assert.equal(readAll(client), 'served');
    stopping.join();
  });
  withServer({ handle, spawn: 1 }, (server, connect) => {
    const clients = [connect(), connect()];
    sleep(5);
    server.stop(5);
    for (const client of clients) assert.equal(readAll(client), '');
  });
});

test('hard-killed handlers give their slot back and close their connection', () => {
  const handlers: Greenlet[] = [];
  const pool = new Pool(1);
  withServer({ handle: () => sleep(60_000), spawn: pool }, (_server, connect) => {
    const client = connect();
    sleep(5);
    handlers.push(...pool);
    handlers[0]?.kill(undefined, { hard: true });
    assert.equal(readAll(client), '');
    assert.equal(pool.freeCount, 1);
  });
});

test('TLS connections are served after their handshake; one that stalls or fails holds nobody up', () => {
  using server = new TlsServer({ ...HERE, handle: echo, tls: { key: KEY, cert: CERTIFICATE }, spawn: 1 });
  server.start();
  const to = { host: '127.0.0.1', port: portOf(server), timeout: 5000 };
  using stalled = Socket.connect(to);
  using garbled = Socket.connect(to);
  garbled.sendAll('this is no TLS\r\n');
  readAll(garbled);
  using client = Socket.connect({ ...to, tls: { ca: CERTIFICATE } });
  client.sendAll('secret');
  assert.equal(client.recv().toString(), 'secret');
  client.shutdown();
  assert.equal(readAll(client), '');
  server.stop();
  assert.equal(readAll(stalled), '', 'stop closes what is still in its handshake');
  assert.throws(() => new TlsServer({ ...HERE, handle: echo } as never), /TypeError.*tls/);
});

test('a DatagramServer answers each datagram, and tells of errors', () => {
  const errors: unknown[] = [];
  using server: DatagramServer = new DatagramServer({
    ...HERE,
    handle(data, address) {
      if (data.toString() === 'fail') throw new Error('on purpose');
      sleep(data.toString() === 'slow' ? 10 : 0);
      server.sendTo(`${data} from ${address.family}`, address);
    },
    onError: (error) => errors.push(error),
  });
  server.start();
  using client = DatagramSocket.bind({ host: '127.0.0.1' });
  for (const text of ['slow', 'fail', 'fast']) client.sendTo(text, { host: '127.0.0.1', port: portOf(server) });
  assert.equal(client.recvFrom(1000).data.toString(), 'fast from IPv4');
  assert.equal(client.recvFrom(1000).data.toString(), 'slow from IPv4');
  assert.match(String(errors), /on purpose/);
  server.stop();
  server.stop();
  assert.throws(() => server.sendTo('x', { port: 1 }), hasCode('ERR_GREENLETS_CLOSED'));
});

test('bad options are refused with the value shown', () => {
  const make = (options: object) => () => new StreamServer({ ...HERE, handle: echo, ...options });
  assert.throws(make({ spawn: -1 }), /RangeError.*-1/);
  assert.throws(make({ spawn: 1.5 }), /RangeError.*1\.5/);
  assert.throws(make({ spawn: 'many' }), /TypeError.*many/);
  assert.throws(make({ handle: 'echo' }), /TypeError.*echo/);
  assert.throws(make({ port: 'x' }), /TypeError.*x/);
  assert.throws(make({ port: undefined }), /TypeError.*undefined/);
  assert.throws(make({ stopTimeout: -5 }), /RangeError.*-5/);
  assert.throws(make({ tls: true }), /TypeError.*true/);
  assert.throws(() => new DatagramServer({ ...HERE } as never), /TypeError.*undefined/);
});

testOnMain('on the main stack start is refused, and only stop(0) ends running handlers', async () => {
  const server = new StreamServer({ ...HERE, handle: echo });
  assert.throws(() => server.start(), hasCode('ERR_GREENLETS_CANNOT_BLOCK'));
  const client = await spawn(() => {
    server.start();
    const socket = Socket.connect({ host: '127.0.0.1', port: portOf(server) });
    socket.sendAll('x');
    socket.recv();
    return socket;
  }).toPromise();
  assert.throws(() => server.stop(), hasCode('ERR_GREENLETS_CANNOT_BLOCK'));
  assert.equal(server.closed, false);
  server.stop(0);
  assert.equal(server.closed, true);
  await spawn(() => readAll(client)).toPromise();
  client.close();
});

test('a server that is out of file descriptors goes on when there are some again', () => {
  const source = `
    import { run } from 'greenlets';
    import { StreamServer } from 'greenlets/server';
    await run(() => {
      const handle = (socket) => { for (const chunk of socket) socket.sendAll(chunk); };
      const server = new StreamServer({ host: '127.0.0.1', port: 0, handle });
      server.start();
      console.log(server.address.port);
      server.serveForever();
    });
  `;
  const serve = (path: string): void => {
    const child = spawnProcess('sh', ['-c', `ulimit -n 60; exec ${process.execPath} ${path}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = waitEvent(child.stdout, 'data', { timeout: 30_000 });
      const to = { host: '127.0.0.1', port: Number(line), timeout: 5000 };
      const clients = Array.from({ length: 100 }, () => Socket.connect(to));
      assert.equal(readAll(clients[99] as Socket), '', 'there is no descriptor for the last one');
      for (const client of clients) client.shutdown();
      for (const client of clients) assert.equal(readAll(client), '');
      using last = Socket.connect(to);
      last.sendAll('still there\n');
      assert.equal(last.readLine(), 'still there');
    } finally {
      child.kill('SIGKILL');
      waitEvent(child, 'close');
    }
  };
  wait(withProgram('descriptors.mjs', source, serve));
});
