import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Greenlet, sleep, spawn, Timeout, withTimeout } from 'greenlets';
import { ConcurrentObjectUseError, Listener, Socket } from 'greenlets/socket';
import { test, testOnMain } from './support/leaks.ts';

/** Two ends of one connection on loopback; both are closed afterwards. */
function withPair(body: (near: Socket, far: Socket) => void): void {
  using listener = Listener.listen({ host: '127.0.0.1', port: 0 });
  using near = connectTo(listener);
  using far = listener.accept(1000);
  body(near, far);
}

function connectTo(listener: Listener): Socket {
  const { address: host, port } = listener.address as { address: string; port: number };
  return Socket.connect({ host, port });
}

const hasCode = (code: string) => (error: unknown) => (error as { code?: unknown }).code === code;

test('both ends of a connection send and receive, and know the addresses', () => {
  withPair((near, far) => {
    near.sendAll('ping');
    assert.equal(far.recv().toString(), 'ping');
    far.sendAll(Buffer.from('pong'));
    assert.equal(near.recv(2).toString(), 'po');
    assert.equal(near.recv().toString(), 'ng');
    assert.deepEqual(near.localAddress, far.remoteAddress);
    assert.deepEqual(Object.keys(near.remoteAddress), ['address', 'port', 'family']);
    assert.equal((near.remoteAddress as { family: string }).family, 'IPv4');
  });
});

test('the end of the stream is an empty Buffer, again and again', () => {
  withPair((near, far) => {
    near.sendAll('last');
    near.close();
    assert.equal(far.recv().toString(), 'last');
    assert.equal(far.recv().length, 0);
    assert.equal(far.recv().length, 0);
  });
});

test('recvExactly joins what comes in pieces; an early end leaves what came', () => {
  withPair((near, far) => {
    const sender = spawn(() => {
      for (const piece of ['ab', 'cd', 'ef']) {
        near.sendAll(piece);
        sleep(5);
      }
      near.shutdown();
    });
    assert.equal(far.recvExactly(5).toString(), 'abcde');
    assert.throws(() => far.recvExactly(2), hasCode('ERR_GREENLETS_EOF'));
    assert.equal(far.recv().toString(), 'f');
    sender.join();
  });
});

test('recvExactly takes more than is buffered at a time', () => {
  withPair((near, far) => {
    const data = Buffer.alloc(5_000_000, 'x');
    const sender = spawn(() => near.sendAll(data));
    assert.ok(far.recvExactly(data.length).equals(data));
    sender.get();
  });
});

test('readUntil finds a delimiter that arrives in two pieces, and includes it', () => {
  withPair((near, far) => {
    const sender = spawn(() => {
      near.sendAll('head\r\n\r');
      sleep(5);
      near.sendAll('\nbody');
    });
    assert.equal(far.readUntil('\r\n\r\n').toString(), 'head\r\n\r\n');
    assert.equal(far.recv().toString(), 'body');
    sender.join();
  });
});

test('readUntil beyond max raises and leaves the data, as does an early end', () => {
  withPair((near, far) => {
    near.sendAll('12345;rest');
    assert.throws(() => far.readUntil(';', { max: 5 }), RangeError);
    assert.equal(far.readUntil(';', { max: 6 }).toString(), '12345;');
    near.shutdown();
    assert.throws(() => far.readUntil(Buffer.from(';')), hasCode('ERR_GREENLETS_EOF'));
    assert.equal(far.recv().toString(), 'rest');
  });
});

test('readLine strips either line end, gives an unfinished last line, then null', () => {
  withPair((near, far) => {
    near.sendAll('one\r\ntwo\n\nzwölf');
    near.shutdown();
    const lines: unknown[] = [];
    for (let line = far.readLine(); line !== null; line = far.readLine()) lines.push(line);
    assert.deepEqual(lines, ['one', 'two', '', 'zwölf']);
    assert.equal(far.readLine(), null);
  });
});

test('a socket is iterated chunk by chunk until its end', () => {
  withPair((near, far) => {
    const sender = spawn(() => {
      for (const piece of ['a', 'b', 'c']) {
        near.sendAll(piece);
        sleep(2);
      }
      near.shutdown();
    });
    assert.equal(Buffer.concat([...far]).toString(), 'abc');
    sender.join();
  });
});

test('a reader that is timed out or killed in mid-read loses nothing', () => {
  withPair((near, far) => {
    near.sendAll('abc');
    far.timeout = 10;
    assert.throws(() => far.recvExactly(6), Timeout);
    far.timeout = null;
    const killed = spawn(() => far.readLine());
    sleep(0);
    killed.kill();
    near.sendAll('def\n');
    assert.equal(
      withTimeout(1000, () => far.readLine()),
      'abcdef',
    );
  });
});

test('a second reader is refused while the first waits; reading and sending at once is fine', () => {
  withPair((near, far) => {
    const first = spawn(() => far.recv().toString());
    sleep(0);
    assert.throws(() => far.recv(), ConcurrentObjectUseError);
    assert.throws(() => far.readLine(), hasCode('ERR_GREENLETS_CONCURRENT_USE'));
    far.sendAll('full duplex');
    assert.equal(near.recv().toString(), 'full duplex');
    near.sendAll('x');
    assert.equal(first.get(), 'x');
  });
});

test('messages of several senders arrive whole and in order', () => {
  withPair((near, far) => {
    const size = 3_000_000;
    const senders = ['a', 'b', 'c'].map((letter) => spawn(() => near.sendAll(Buffer.alloc(size, letter))));
    sleep(20);
    for (const letter of ['a', 'b', 'c']) {
      assert.ok(far.recvExactly(size).equals(Buffer.alloc(size, letter)), `the message of ${letter} is whole`);
    }
    for (const sender of senders) sender.get();
  });
});

test('a sender killed while it waits for its turn has sent nothing', () => {
  withPair((near, far) => {
    const size = 20_000_000;
    const first = spawn(() => near.sendAll(Buffer.alloc(size, 'a')));
    const second = spawn(() => near.sendAll('never'));
    sleep(5);
    second.kill();
    const third = spawn(() => near.sendAll('third'));
    far.recvExactly(size);
    assert.equal(far.recv().toString(), 'third');
    first.get();
    third.get();
  });
});

test('sendAll waits while the other side does not read, and its timeout is a deadline', () => {
  withPair((near, far) => {
    near.timeout = 50;
    const data = Buffer.alloc(50_000_000);
    assert.throws(() => near.sendAll(data), Timeout);
    assert.ok(far.stream.readableLength <= 1_000_000, 'the reading side does not buffer what nobody reads');
  });
});

test('a timeout bounds each call; null ends it; a negative one is refused', () => {
  withPair((near, far) => {
    far.timeout = 5;
    assert.equal(far.timeout, 5);
    assert.throws(() => far.recv(), Timeout);
    assert.throws(() => far.readLine(), hasCode('ERR_GREENLETS_TIMEOUT'));
    far.timeout = 0;
    assert.throws(() => far.recv(), Timeout);
    assert.throws(() => (far.timeout = -1), /RangeError.*-1/);
    far.timeout = null;
    near.sendAll('x');
    assert.equal(far.recv().toString(), 'x');
  });
});

test('close() raises in whoever reads or sends, and in all later calls', () => {
  withPair((near, far) => {
    const reader = spawn(() => far.recv());
    const sender = spawn(() => far.sendAll(Buffer.alloc(50_000_000)));
    sleep(5);
    far.close();
    far.close();
    for (const greenlet of [reader, sender]) {
      assert.throws(() => greenlet.get(), hasCode('ERR_GREENLETS_CLOSED'));
    }
    assert.throws(() => far.recv(), hasCode('ERR_GREENLETS_CLOSED'));
    assert.throws(() => far.sendAll('x'), hasCode('ERR_GREENLETS_CLOSED'));
    near.timeout = 1000;
    while (near.recv().length > 0);
  });
});

test('shutdown ends sending only', () => {
  withPair((near, far) => {
    near.sendAll('question');
    near.shutdown();
    assert.equal(Buffer.concat([...far]).toString(), 'question');
    far.sendAll('answer');
    assert.equal(near.recv().toString(), 'answer');
    assert.throws(() => near.sendAll('more'), hasCode('ERR_GREENLETS_CLOSED'));
  });
});

test("Node's own errors pass through with their codes", () => {
  withPair((near, far) => {
    const reader = spawn(() => near.recv());
    sleep(0);
    near.sendAll('unread data makes the system reset the connection');
    far.stream.destroy();
    assert.throws(() => reader.get(), hasCode('ECONNRESET'));
    assert.throws(() => near.recv(), hasCode('ECONNRESET'));
    assert.throws(() => near.sendAll('x'), hasCode('ECONNRESET'));
  });
  const listener = Listener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address as { port: number };
  assert.throws(() => Listener.listen({ host: '127.0.0.1', port }), hasCode('EADDRINUSE'));
  listener.close();
  assert.throws(() => Socket.connect({ host: '127.0.0.1', port }), hasCode('ECONNREFUSED'));
});

test('Unix sockets have paths for addresses', () => {
  const directory = mkdtempSync(join(tmpdir(), 'greenlets-'));
  try {
    const path = join(directory, 'socket');
    using listener = Listener.listen({ path });
    assert.equal(listener.address, path);
    using near = Socket.connect({ path });
    using far = listener.accept(1000);
    near.sendAll('over a path\n');
    assert.equal(far.readLine(), 'over a path');
    assert.equal(typeof near.remoteAddress, 'string');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a connect that is cut short leaves no connection behind', () => {
  using listener = Listener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address as { port: number };
  assert.throws(() => Socket.connect({ host: '127.0.0.1', port, timeout: 0 }), Timeout);
  assert.throws(() => Socket.connect({ host: '127.0.0.1', port, timeout: 50, tls: true }), Timeout);
  using silent = listener.accept(1000);
  assert.equal(silent.recvExactly(1).length, 1, 'the client said hello');
  while (silent.recv().length > 0);
});

test('the timeout of connect stays with the socket', () => {
  using listener = Listener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address as { port: number };
  using socket = Socket.connect({ host: '127.0.0.1', port, timeout: 20 });
  assert.throws(() => socket.recv(), Timeout);
});

test('acceptors are served in order, and a killed one loses no connection', () => {
  using listener = Listener.listen({ host: '127.0.0.1', port: 0 });
  const order: string[] = [];
  const acceptors = ['first', 'second', 'third'].map((name) =>
    spawn(() => {
      listener.accept().close();
      order.push(name);
    }),
  );
  sleep(0);
  acceptors[0]?.kill();
  using one = connectTo(listener);
  using two = connectTo(listener);
  acceptors[1]?.join();
  acceptors[2]?.join();
  assert.deepEqual(order, ['second', 'third']);
  assert.equal(one.recv().length + two.recv().length, 0);
});

test('accept throws Timeout, and ClosedError once the listener is closed', () => {
  const listener = Listener.listen({ host: '127.0.0.1', port: 0 });
  assert.throws(() => listener.accept(5), Timeout);
  assert.throws(() => listener.accept(0), Timeout);
  const acceptor = spawn(() => listener.accept());
  sleep(0);
  listener.close();
  listener.close();
  assert.throws(() => acceptor.get(), hasCode('ERR_GREENLETS_CLOSED'));
  assert.throws(() => listener.accept(), hasCode('ERR_GREENLETS_CLOSED'));
});

test('connections wait to be accepted, at most backlog of them', () => {
  using listener = Listener.listen({ host: '127.0.0.1', port: 0, backlog: 2 });
  const clients = [1, 2, 3].map(() => connectTo(listener));
  const third = clients[2] as Socket;
  third.timeout = 1000;
  assert.throws(() => assert.notEqual(third.recv().length, 0), 'the third is closed at once');
  clients[0]?.sendAll('hello\n');
  using first = listener.accept(1000);
  assert.equal(first.readLine(), 'hello');
  for (const client of clients) client.close();
});

test('bad input is refused with the value shown', () => {
  const bad: [() => unknown, RegExp][] = [
    [() => Socket.connect({ port: 70_000 }), /RangeError.*70000/],
    [() => Socket.connect({ port: 'http' as never }), /TypeError.*http/],
    [() => Socket.connect({ port: 1, path: '/x' }), /TypeError.*port or a path/],
    [() => Socket.connect(undefined as never), /TypeError: expected an object.*undefined/],
    [() => Listener.listen({ port: 0, backlog: -1 }), /RangeError.*-1/],
    [() => Listener.listen({} as never), /TypeError.*undefined/],
  ];
  for (const [call, expected] of bad) assert.throws(call, expected);
  withPair((near) => {
    assert.throws(() => near.sendAll(7 as never), /TypeError.*7/);
    assert.throws(() => near.sendAll({} as never), /TypeError.*Object/);
    assert.throws(() => near.recv(0), /RangeError.*0/);
    assert.throws(() => near.recvExactly(-1), /RangeError.*-1/);
    assert.throws(() => near.readUntil(''), /RangeError/);
    assert.throws(() => near.readUntil('x', { max: Number.NaN }), /RangeError.*NaN/);
  });
});

testOnMain('on the main stack what must wait is refused, what need not works', async () => {
  assert.throws(() => Listener.listen({ port: 0 }), hasCode('ERR_GREENLETS_CANNOT_BLOCK'));
  assert.throws(() => Socket.connect({ port: 1 }), hasCode('ERR_GREENLETS_CANNOT_BLOCK'));
  let sockets: { listener: Listener; near: Socket; far: Socket } | undefined;
  const setUp = new Greenlet(() => {
    const listener = Listener.listen({ host: '127.0.0.1', port: 0 });
    const near = connectTo(listener);
    sockets = { listener, near, far: listener.accept() };
    near.sendAll('one\ntwo\n');
    assert.equal(sockets.far.readLine(), 'one');
  });
  setUp.start();
  await setUp.toPromise();
  const { listener, near, far } = sockets as NonNullable<typeof sockets>;
  assert.equal(far.readLine(), 'two');
  assert.throws(() => far.readLine(), hasCode('ERR_GREENLETS_CANNOT_BLOCK'));
  assert.throws(() => near.sendAll('x'), hasCode('ERR_GREENLETS_CANNOT_BLOCK'));
  near.close();
  far.close();
  listener.close();
});
