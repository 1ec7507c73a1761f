import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { getHub, sleep, spawn, Timeout, wait, withTimeout } from 'greenlets';
import { get, HttpServer } from 'greenlets/http';
import {
  ClosedError,
  ConcurrentObjectUseError,
  connectWebSocket,
  stayConnected,
  type WebSocket,
  WebSocketServer,
  type WebSocketServerOptions,
} from 'greenlets/websocket';
import { WebSocket as Peer } from 'ws';
import { test, testOnMain } from './support/leaks.ts';

type Options = Omit<WebSocketServerOptions, 'port' | 'server'>;

/** Runs `body` with a server; gives it the server's URL, and the server. */
function withServer(options: Options | Options['handle'], body: (url: string, server: WebSocketServer) => void): void {
  const settings = typeof options === 'function' ? { handle: options } : options;
  const server = new WebSocketServer({ ...settings, host: '127.0.0.1', port: 0 });
  server.start();
  try {
    body(`ws://127.0.0.1:${portOf(server.address)}`, server);
  } finally {
    server.stop(0);
  }
}

function portOf(address: unknown): number {
  return (address as net.AddressInfo).port;
}

const echo = (socket: WebSocket): void => {
  for (const message of socket) socket.send(message);
};

/** A client of the library `ws`, connected. */
function peerOf(url: string, options: object = {}): Peer {
  const peer = new Peer(url, options);
  peer.on('error', () => {});
  wait(once(peer, 'open'));
  return peer;
}
/** The code and the reason that `peer` was closed with. */
function closing(peer: Peer): [number, string] {
  const [code, reason] = wait(once(peer, 'close')) as [number, Buffer];
  return [code, reason.toString()];
}

test('text comes back as a string, bytes as a Buffer', () => {
  withServer(echo, (url) => {
    const socket = connectWebSocket(url);
    socket.send('grüße');
    assert.equal(socket.recv(), 'grüße');
    socket.send(new Uint8Array([1, 2]));
    assert.deepEqual(socket.recv(), Buffer.from([1, 2]));
    socket.send('');
    assert.equal(socket.recv(), '');
    assert.equal(socket.closeCode, undefined);
    socket.close();
    assert.equal(socket.closeCode, 1000);
    assert.equal(socket.recv(), null);
    assert.throws(() => socket.send('x'), { code: 'ERR_GREENLETS_CLOSED' });
    socket.close();
  });
});

test('a client of another library is served, with what it asked for', () => {
  const seen: unknown[] = [];
  const handle: Options['handle'] = (socket, { method, path, query, headers, url, remoteAddress }) => {
    seen.push(method, path, query.get('b'), headers.get('x-name'), url, typeof remoteAddress);
    socket.send('welcome');
    echo(socket);
  };
  withServer(handle, (url) => {
    const peer = new Peer(`${url}/a%20b?b=c`, { headers: { 'X-Name': 'value' } });
    const messages: string[] = [];
    peer.on('message', (data) => messages.push(String(data)));
    wait(once(peer, 'open'));
    peer.send('one');
    while (messages.length < 2) sleep(1);
    assert.deepEqual(messages, ['welcome', 'one']);
    assert.deepEqual(seen, ['GET', '/a%20b', 'c', 'value', '/a%20b?b=c', 'object']);
    peer.close(4001, 'bye');
    closing(peer);
  });
});

test('the close code is 1000 after the handler has returned, 1011 after its error, which is logged', () => {
  const errors: unknown[] = [];
  const handle: Options['handle'] = async (socket, { path }) => {
    if (path === '/error') throw new Error('secret');
    socket.send('last');
  };
  withServer({ handle, onError: (error) => errors.push(error) }, (url) => {
    const socket = connectWebSocket(url);
    assert.deepEqual([...socket], ['last']);
    assert.equal(socket.closeCode, 1000);
    const failing = connectWebSocket(`${url}/error`);
    assert.equal(failing.recv(), null);
    assert.deepEqual([failing.closeCode, failing.closeReason], [1011, '']);
    assert.deepEqual(errors.map(String), ['Error: secret']);
  });
});

test('either side sees the code and reason of the other, and 1006 if there was no handshake', () => {
  const closed: unknown[] = [];
  const handle: Options['handle'] = (socket) => {
    while (socket.recv() !== null);
    closed.push(socket.closeCode, socket.closeReason);
  };
  withServer(handle, (url) => {
    connectWebSocket(url).close(4321, 'enough');
    while (closed.length < 2) sleep(1);
    peerOf(url).terminate();
    while (closed.length < 4) sleep(1);
    assert.deepEqual(closed, [4321, 'enough', 1006, '']);
  });
});

test('terminate cuts the connection at once: either side sees 1006, and whoever sends gets an error', () => {
  const codes: unknown[] = [];
  const sendForEver = (socket: WebSocket): void => {
    assert.throws(() => {
      for (;;) socket.send(Buffer.alloc(50_000));
    }, ClosedError);
    while (socket.closeCode === undefined) sleep(1);
    codes.push(socket.closeCode);
  };
  withServer(sendForEver, (url) => {
    const socket = connectWebSocket(url);
    const sender = spawn(sendForEver, socket);
    sleep(20); // neither side receives: both senders wait
    socket.terminate();
    assert.equal(socket.isOpen, false);
    sender.get();
    while (codes.length < 2) sleep(1);
    assert.deepEqual(codes, [1006, 1006]);
    while (socket.recv() !== null);
    socket.terminate();
  });
});

test('stop lets handlers finish what they do, and closes with 1001', () => {
  let answer: (() => void) | undefined;
  const handle: Options['handle'] = (socket) => {
    for (const message of socket) {
      wait(new Promise<void>((resolve) => (answer = resolve)));
      socket.send(`answer to ${message}`);
    }
  };
  withServer(handle, (url, server) => {
    const idle = connectWebSocket(url);
    const busy = connectWebSocket(url);
    busy.send('question');
    while (answer === undefined) sleep(1);
    const stopping = spawn(() => server.stop());
    assert.equal(idle.recv(), null);
    assert.equal(idle.closeCode, 1001);
    assert.equal(server.closed, true);
    assert.throws(() => connectWebSocket(url), { code: 'ECONNREFUSED' });
    answer();
    assert.equal(busy.recv(), 'answer to question');
    assert.equal(busy.recv(), null);
    assert.equal(busy.closeCode, 1001);
    stopping.get();
    server.stop();
  });
});

test('a handler that goes on is killed when the time of stop is over; the client gets 1001', () => {
  let cleaned = false;
  const handle: Options['handle'] = () => {
    try {
      sleep(60_000);
    } finally {
      cleaned = true;
    }
  };
  withServer(handle, (url, server) => {
    const socket = connectWebSocket(url);
    server.stop(10);
    assert.ok(cleaned);
    assert.equal(socket.recv(), null);
    assert.equal(socket.closeCode, 1001);
  });
});

test('recv with a timeout throws Timeout, and loses no message', () => {
  withServer(echo, (url) => {
    const socket = connectWebSocket(url);
    assert.throws(() => socket.recv(5), Timeout);
    assert.throws(() => socket.recv(0), Timeout);
    const killed = spawn(() => socket.recv());
    sleep(1);
    killed.kill();
    socket.send('kept');
    assert.equal(socket.recv(), 'kept');
    const reason = new Error('enough');
    assert.throws(
      () => socket.recv(AbortSignal.abort(reason)),
      (error) => error === reason,
    );
    socket.close();
  });
});

test('two greenlets cannot receive at once; messages of two senders are not mixed', () => {
  withServer(echo, (url) => {
    const socket = connectWebSocket(url);
    const receiver = spawn(() => Array.from({ length: 40 }, () => socket.recv()));
    sleep(1);
    assert.throws(() => socket.recv(), ConcurrentObjectUseError);
    const senders = ['a', 'b'].map((letter) =>
      spawn(() => {
        for (let n = 0; n < 20; n++) socket.send(letter.repeat(50_000));
      }),
    );
    for (const sender of senders) sender.get();
    assert.ok(receiver.get().every((message) => /^(a{50000}|b{50000})$/.test(String(message))));
    socket.close();
  });
});

test('a sender waits while the other side does not read', () => {
  let sent = 0;
  const handle: Options['handle'] = (socket) => {
    for (; sent < 200; sent++) socket.send(Buffer.alloc(100_000));
  };
  withServer(handle, (url) => {
    const peer = peerOf(url);
    peer.pause();
    sleep(30);
    assert.ok(sent < 200, `${sent} messages were sent`);
    peer.resume();
    assert.equal(closing(peer)[0], 1000);
    assert.equal(sent, 200);
  });
  withServer(
    () => sleep(60_000),
    (url) => {
      const socket = connectWebSocket(url);
      const sendMore = (): void => {
        for (let i = 0; i < 300; i++) socket.send(Buffer.alloc(1_000_000)); // more than anybody keeps unread
      };
      assert.equal(withTimeout(300, sendMore, { value: 'waits' as never }), 'waits');
    },
  );
});

test('a client that nobody receives from has to wait', () => {
  let received = 0;
  let go: (() => void) | undefined;
  const handle: Options['handle'] = (socket) => {
    wait(new Promise<void>((resolve) => (go = resolve)));
    for (const message of socket) received += message.length;
  };
  withServer(handle, (url) => {
    const peer = peerOf(url);
    for (let n = 0; n < 300; n++) peer.send(Buffer.alloc(100_000));
    while (go === undefined) sleep(1);
    sleep(20);
    assert.ok(peer.bufferedAmount > 1_000_000, `${peer.bufferedAmount} bytes are still to be sent`);
    go();
    while (received < 30_000_000) sleep(1);
    peer.close();
    closing(peer);
  });
});

test('too large a message closes the connection with 1009', () => {
  withServer({ handle: echo, maxPayload: 1000 }, (url) => {
    const peer = peerOf(url);
    peer.send('x'.repeat(1001));
    assert.equal(closing(peer)[0], 1009);
  });
});

test('a client that lets a ping pass is dropped, one that answers is not', () => {
  const codes: unknown[] = [];
  const handle: Options['handle'] = (socket) => {
    echo(socket);
    codes.push(socket.closeCode);
  };
  withServer({ handle, heartbeat: 20 }, (url) => {
    const alive = connectWebSocket(url);
    const silent = peerOf(url, { autoPong: false });
    assert.equal(closing(silent)[0], 1006);
    while (codes.length === 0) sleep(1);
    assert.deepEqual(codes, [1006]);
    alive.send('still here');
    assert.equal(alive.recv(), 'still here');
    alive.close();
  });
  withRawSocket((port) => {
    const socket = connectWebSocket(`ws://127.0.0.1:${port}`, { heartbeat: 20 });
    assert.equal(socket.recv(), null);
    assert.equal(socket.closeCode, 1006);
  });
});

/** A server that makes the handshake by hand, and is silent then. */
function withRawSocket(body: (port: number) => void): void {
  const server = http.createServer();
  const streams: net.Socket[] = [];
  server.on('upgrade', (request, stream) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    streams.push(stream as net.Socket);
    stream.on('error', () => {});
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
  });
  server.listen(0, '127.0.0.1');
  wait(once(server, 'listening'));
  try {
    body(portOf(server.address()));
  } finally {
    for (const stream of streams) stream.destroy();
    server.close();
  }
}

test('only its path is served, other requests are told so', () => {
  withServer({ handle: echo, path: '/chat' }, (url) => {
    const socket = connectWebSocket(`${url}/chat?room=1`);
    socket.close();
    assert.throws(() => connectWebSocket(`${url}/other`), { message: /404/ });
    assert.equal(get(url.replace('ws:', 'http:')).status, 426);
  });
});

test('an HttpServer serves pages, and WebSockets beside them', () => {
  let aborted = false;
  const pages = new HttpServer({ host: '127.0.0.1', port: 0, handle: () => 'page' });
  const sockets = new WebSocketServer({
    server: pages,
    path: '/chat',
    handle(socket, { signal }) {
      signal.addEventListener('abort', () => (aborted = true));
      echo(socket);
    },
  });
  pages.start();
  const origin = `127.0.0.1:${portOf(pages.address)}`;
  const socket = connectWebSocket(`ws://${origin}/chat`);
  assert.equal(get(`http://${origin}/chat`).text(), 'page');
  socket.send('x'.repeat(200_000));
  assert.equal(socket.recv()?.length, 200_000);
  assert.equal(aborted, false);
  socket.close();
  while (!aborted) sleep(1);
  sockets.stop();
  pages.stop();
});

test('servers are attached to an HTTP server by their paths, beside its own requests', () => {
  const nodeServer = http.createServer((_, response) => response.end('page'));
  nodeServer.listen(0, '127.0.0.1');
  wait(once(nodeServer, 'listening'));
  const origin = `127.0.0.1:${portOf(nodeServer.address())}`;
  const one = new WebSocketServer({ server: nodeServer, path: '/one', handle: (socket) => socket.send('one') });
  const two = new WebSocketServer({ server: { nodeServer }, path: '/two', handle: (socket) => socket.send('two') });
  one.start();
  two.start();
  assert.deepEqual(one.address, nodeServer.address());
  assert.throws(() => new WebSocketServer({ server: nodeServer, path: '/one', handle: echo }), /taken/);
  assert.equal(connectWebSocket(`ws://${origin}/one`).recv(), 'one');
  assert.equal(connectWebSocket(`ws://${origin}/two`).recv(), 'two');
  assert.throws(() => connectWebSocket(`ws://${origin}/three`), { message: /404/ });
  one.stop();
  assert.throws(() => connectWebSocket(`ws://${origin}/one`), { message: /404/ });
  assert.equal(connectWebSocket(`ws://${origin}/two`).recv(), 'two');
  assert.equal(get(`http://${origin}/`).text(), 'page');
  two.stop();
  nodeServer.close();
});

test('with all places taken clients wait for their turn, too many are refused', () => {
  const order: unknown[] = [];
  const handle: Options['handle'] = (socket) => {
    order.push(socket.recv());
  };
  withServer({ handle, spawn: 1, backlog: 1 }, (url) => {
    const first = connectWebSocket(url);
    const second = spawn(() => {
      const socket = connectWebSocket(url);
      socket.send('second');
      socket.recv();
    });
    sleep(20);
    assert.throws(() => connectWebSocket(url), { message: /503/ });
    assert.equal(second.ready, false);
    first.send('first');
    second.get();
    assert.deepEqual(order, ['first', 'second']);
  });
});

test('a connection that cannot be made leaves nothing behind', () => {
  assert.throws(() => connectWebSocket('ws://127.0.0.1:1'), { code: 'ECONNREFUSED' });
  const silent = net.createServer((stream) => stream.on('error', () => {}).resume());
  silent.listen(0, '127.0.0.1');
  wait(once(silent, 'listening'));
  const url = `ws://127.0.0.1:${portOf(silent.address())}`;
  assert.throws(() => connectWebSocket(url, { timeout: 20 }), Timeout);
  const connecting = spawn(() => connectWebSocket(url));
  sleep(5);
  connecting.kill();
  assert.ok(connecting.killed);
  const closed = once(silent, 'close');
  silent.close();
  wait(closed);
});

test('stayConnected connects again when the connection is lost, until its handler is done', () => {
  let connections = 0;
  const handle: Options['handle'] = (socket) => {
    connections++;
    const request = socket.recv();
    if (connections < 3) throw new Error('lost');
    socket.send(`${request} ${connections}`);
    socket.recv();
  };
  withServer({ handle, onError: () => {} }, (url) => {
    const answer = stayConnected(
      url,
      (socket) => {
        socket.send('connection');
        return socket.recv();
      },
      { delay: 1 },
    );
    assert.equal(answer, 'connection 3');
    connections = 5;
    const broken = new Error('broken');
    const fail = (): never => {
      throw broken;
    };
    assert.throws(
      () => stayConnected(url, fail, { delay: 1 }),
      (error) => error === broken,
    );
  });
  assert.throws(() => stayConnected('ws://127.0.0.1:1', echo, { delay: 1, attempts: 3 }), { code: 'ECONNREFUSED' });
  assert.equal(
    withTimeout(20, () => stayConnected('ws://127.0.0.1:1', echo, { delay: 1 }), { value: undefined }),
    undefined,
  );
});

test('bad input is refused with its value', () => {
  assert.throws(() => connectWebSocket('nonsense'), { name: 'TypeError', code: 'ERR_INVALID_URL' });
  assert.throws(() => connectWebSocket('ftp://host'), { name: 'TypeError', message: /ftp:\/\/host/ });
  assert.throws(() => connectWebSocket('ws://127.0.0.1:1', { heartbeat: -1 }), { name: 'RangeError', message: /-1/ });
  assert.throws(() => connectWebSocket('ws://127.0.0.1:1', { timeout: -2 }), { name: 'RangeError', message: /-2/ });
  const make = (options: object) => () => new WebSocketServer(options as never);
  assert.throws(make({ port: 0, handle: 'x' }), { name: 'TypeError', message: /"x"/ });
  assert.throws(make({ handle: echo }), TypeError);
  assert.throws(make({ port: -3, handle: echo }), { name: 'RangeError', message: /-3/ });
  assert.throws(make({ port: 0, path: 'chat', handle: echo }), { name: 'TypeError', message: /"chat"/ });
  assert.throws(make({ port: 0, server: http.createServer(), handle: echo }), {
    name: 'TypeError',
    message: /not both/,
  });
  assert.throws(make({ server: {}, handle: echo }), TypeError);
  assert.throws(make({ server: 8000, handle: echo }), { name: 'TypeError', message: /8000/ });
  assert.throws(make({ port: 0, heartbeat: 'often', handle: echo }), { name: 'TypeError', message: /"often"/ });
  withServer(echo, (url) => {
    const socket = connectWebSocket(url);
    assert.throws(() => socket.send(5 as never), { name: 'TypeError', message: /5/ });
    assert.throws(() => socket.close(999), { name: 'RangeError', message: /999/ });
    assert.throws(() => socket.close(1000, 'x'.repeat(124)), RangeError);
    socket.close();
  });
});

test('a killed serveForever stops the server', () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handle: echo });
  const serving = spawn(() => server.serveForever());
  while (server.address === undefined) sleep(1);
  serving.kill();
  assert.ok(server.closed);
});

testOnMain('on the event loop’s own stack a client cannot connect', () => {
  assert.throws(() => connectWebSocket('ws://127.0.0.1:1'), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  assert.equal(getHub().stats.alive, 0);
});
