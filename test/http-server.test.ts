import assert from 'node:assert/strict';
import { getHub, Pool, sleep, spawn, Timeout, wait, withTimeout } from 'greenlets';
import { HttpError, type HttpRequest, HttpServer } from 'greenlets/http';
import { Socket } from 'greenlets/socket';
import { CERTIFICATE, KEY } from './support/certificate.ts';
import { HOST, RawClient, withHttpServer } from './support/http.ts';
import { test, testOnMain } from './support/leaks.ts';

const hasCode = (code: string) => (error: unknown) => (error as { code?: unknown }).code === code;

/** Waits for something that another party brings about. */
function until(condition: () => boolean): void {
  withTimeout(10_000, () => {
    while (!condition()) sleep(1);
  });
}

test('a string is the body of a 200 with its length; bytes as well; nothing is an empty 200', () => {
  const results: Record<string, unknown> = {
    '/text': 'grün',
    '/bytes': Buffer.from([1, 2, 3]),
    '/none': undefined,
    '/null': null,
  };
  withHttpServer({ handle: (request) => results[request.path] as string }, (port) => {
    using client = new RawClient(port);
    client.get('/text');
    const text = client.read();
    assert.equal(text.status, 200);
    assert.equal(text.body, 'grün');
    assert.equal(text.headers.get('content-length'), '5');
    assert.equal(text.headers.get('content-type'), 'text/plain; charset=utf-8');
    client.get('/bytes');
    assert.equal(client.read().body, '\u0001\u0002\u0003');
    for (const path of ['/none', '/null']) {
      client.get(path);
      const { status, headers, body } = client.read();
      assert.deepEqual([status, headers.get('content-length'), body], [200, '0', '']);
    }
  });
});

test('status, headers and body are set by an HttpResponse or a Response of fetch', () => {
  const handle = (request: HttpRequest): unknown => {
    switch (request.path) {
      case '/plain':
        return {
          status: 201,
          headers: { 'X-One': 1, 'Set-Cookie': ['a=1', 'b=2'], 'Content-Type': 'x/y' },
          body: 'made',
        };
      case '/pairs':
        return { headers: [['x-one', '1']] };
      case '/fetch':
        return new Response('fetched', { status: 404, headers: { 'x-one': '1' } });
      default:
        return Response.json({ a: 1 });
    }
  };
  withHttpServer({ handle: handle as never }, (port) => {
    using client = new RawClient(port);
    client.get('/plain');
    const plain = client.read();
    assert.deepEqual([plain.status, plain.headers.get('x-one'), plain.body], [201, '1', 'made']);
    assert.equal(plain.headers.get('content-type'), 'x/y');
    client.get('/pairs');
    assert.equal(client.read().headers.get('x-one'), '1');
    client.get('/fetch');
    const fetched = client.read();
    assert.deepEqual([fetched.status, fetched.headers.get('x-one'), fetched.body], [404, '1', 'fetched']);
    client.get('/json');
    assert.deepEqual(JSON.parse(client.read().body), { a: 1 });
  });
});

test('the request tells method, target, path, query, headers and address', () => {
  let seen: HttpRequest | undefined;
  withHttpServer({ handle: (request) => void (seen = request) }, (port) => {
    using client = new RawClient(port);
    client.send('PATCH /a%20b/?q=1&q=2&r=%C3%BC HTTP/1.1', 'Host: test', 'X-A: 1', 'X-A: 2', 'Cookie: c=1', '', '');
    client.read();
    const request = seen as HttpRequest;
    assert.equal(request.method, 'PATCH');
    assert.equal(request.url, '/a%20b/?q=1&q=2&r=%C3%BC');
    assert.equal(request.path, '/a%20b/');
    assert.deepEqual(request.query.getAll('q'), ['1', '2']);
    assert.equal(request.query.get('r'), 'ü');
    assert.ok(request.headers instanceof Headers);
    assert.equal(request.headers.get('x-a'), '1, 2');
    assert.equal(request.headers, request.headers);
    assert.deepEqual(request.remoteAddress, client.socket.localAddress);
    client.send('GET http://example.org HTTP/1.1', 'Host: test', '', '');
    client.read();
    assert.equal((seen as HttpRequest).path, '/');
    assert.equal((seen as HttpRequest).query.size ?? 0, 0);
  });
});

test('bodies are read as text, JSON and bytes, again and again, or in pieces', () => {
  const handle = (request: HttpRequest): string => {
    switch (request.path) {
      case '/text':
        return `${request.text()} ${request.bytes().length} ${JSON.stringify(request.json())}`;
      case '/pieces': {
        let length = 0;
        for (const piece of request.body) length += piece.length;
        assert.throws(() => request.text(), hasCode('ERR_GREENLETS_INVALID_STATE'));
        return String(length);
      }
      default:
        return JSON.stringify(request.text());
    }
  };
  withHttpServer({ handle }, (port) => {
    using client = new RawClient(port);
    client.send('POST /text HTTP/1.1', 'Host: test', 'Content-Length: 8', '', '{"a": 1}');
    assert.equal(client.read().body, '{"a": 1} 8 {"a":1}');
    client.send('POST /pieces HTTP/1.1', 'Host: test', 'Transfer-Encoding: chunked', '', '3', 'abc', '');
    sleep(5);
    client.send('2;extension=1', 'de', '0', 'X-Trailer: 1', '', '');
    assert.equal(client.read().body, '5');
    client.get('/none');
    assert.equal(client.read().body, '""');
  });
});

test('a body that is no JSON is answered with 400', () => {
  const errors: unknown[] = [];
  const handle = (request: HttpRequest): string => {
    try {
      return String(request.json());
    } catch (error) {
      errors.push(error);
      throw error;
    }
  };
  withHttpServer({ handle, onError: (error) => assert.fail(String(error)) }, (port) => {
    using client = new RawClient(port);
    for (const body of ['{oops', '']) {
      client.send('POST / HTTP/1.1', 'Host: test', `Content-Length: ${body.length}`, '', body);
      assert.equal(client.read().status, 400);
    }
    assert.ok(errors[0] instanceof HttpError);
  });
});

test('an HttpError sets the status; the client sees the message of a 4xx, never that of a 5xx', () => {
  const told: string[] = [];
  const handle = (request: HttpRequest): never => {
    throw new HttpError(Number(request.path.slice(1)), 'the reason');
  };
  withHttpServer({ handle, onError: (error, request) => told.push(`${request?.path} ${error}`) }, (port) => {
    using client = new RawClient(port);
    client.get('/404');
    const missing = client.read();
    assert.deepEqual([missing.status, missing.body], [404, 'the reason\n']);
    client.get('/502');
    const failed = client.read();
    assert.deepEqual([failed.status, failed.body], [502, 'Bad Gateway\n']);
    assert.deepEqual(told, ['/502 HttpError: the reason']);
  });
});

test('an error or an impossible result is a 500 that tells nothing, is logged, and leaves the connection open', () => {
  const told: unknown[] = [];
  const results: Record<string, unknown> = {
    '/number': 42,
    '/object': { hello: 'world' },
    '/status': { status: 99 },
    '/body': { body: 42 },
    '/header': { headers: { 'x-a': undefined } },
    '/injection': { headers: { 'x-a': 'a\r\nx-evil: 1' } },
    '/async': (async function* () {})(),
    '/piece': [42],
  };
  const handle = (request: HttpRequest): never => {
    if (request.path === '/throw') throw new Error('secret');
    if (request.path === '/timeout') withTimeout(1, () => sleep(1000));
    return results[request.path] as never;
  };
  withHttpServer({ handle, onError: (error) => told.push(error) }, (port) => {
    using client = new RawClient(port);
    const paths = ['/throw', '/timeout', ...Object.keys(results)];
    for (const path of paths) {
      client.get(path);
      const { status, headers, body } = client.read();
      assert.deepEqual([path, status, body], [path, 500, 'Internal Server Error\n']);
      assert.equal(headers.has('x-evil'), false);
    }
    assert.equal(told.length, paths.length);
    assert.match(String(told[0]), /secret/);
    assert.ok(told[1] instanceof Timeout);
    assert.match(String(told[2]), /42/);
    assert.match(String(told[3]), /hello: 'world'/);
    assert.match(String(told[8]), /iterate/);
  });
});

test('without onError errors go to the listeners of the hub, and never end the process', () => {
  const told: unknown[] = [];
  const listener = (_: unknown, error: unknown): unknown => told.push(error);
  getHub().on('error', listener);
  try {
    const handle = (): never => {
      throw new Error('for the hub');
    };
    withHttpServer({ handle }, (port) => {
      using client = new RawClient(port);
      client.get('/');
      assert.equal(client.read().status, 500);
    });
  } finally {
    getHub().off('error', listener);
  }
  assert.match(String(told), /for the hub/);
});

test('an iterable is streamed piece by piece, and a generator that blocks as it goes', () => {
  const handle = (request: HttpRequest): Iterable<string | Uint8Array> => {
    if (request.path === '/array') return ['one ', Buffer.from('two')];
    return (function* () {
      for (const word of ['a', '', 'bc', 'def']) {
        yield word;
        sleep(5);
      }
    })();
  };
  withHttpServer({ handle }, (port) => {
    using client = new RawClient(port);
    client.get('/array');
    assert.equal(client.read().body, 'one two');
    client.get('/generator');
    assert.match(client.socket.readUntil('\r\n\r\n').toString(), /transfer-encoding: chunked/i);
    assert.deepEqual(client.chunks(), ['a', 'bc', 'def']);
  });
});

test('an empty first piece sends the head at once', () => {
  let go = false;
  function* body(): Generator<string> {
    yield '';
    until(() => go);
    yield 'event';
  }
  withHttpServer({ handle: () => ({ headers: { 'content-type': 'text/event-stream' }, body: body() }) }, (port) => {
    using client = new RawClient(port);
    client.get('/');
    assert.match(client.socket.readUntil('\r\n\r\n').toString(), /text\/event-stream/);
    go = true;
    assert.deepEqual(client.chunks(), ['event']);
  });
});

test('a generator waits while its client does not read', () => {
  let yielded = 0;
  function* endless(): Generator<Buffer> {
    for (;;) {
      yielded++;
      yield Buffer.alloc(64 * 1024);
    }
  }
  withHttpServer({ handle: endless }, (port) => {
    using client = new RawClient(port);
    client.get('/');
    client.socket.recv();
    sleep(50);
    assert.ok(yielded < 300, `no more is made than the system buffers: ${yielded} pieces`);
  });
});

test('an error before the first piece is a 500, one in mid-body cuts the connection', () => {
  const told: unknown[] = [];
  function* body(when: string): Generator<string> {
    if (when === '/mid') yield 'half';
    throw new Error('on purpose');
  }
  withHttpServer({ handle: (request) => body(request.path), onError: (error) => told.push(error) }, (port) => {
    using client = new RawClient(port);
    client.get('/first');
    assert.equal(client.read().status, 500);
    client.get('/mid');
    const rest = client.rest() ?? '';
    assert.match(rest, /^HTTP\/1.1 200 OK\r\n.*half\r\n$/s);
    assert.equal(told.length, 2);
  });
});

test('HTTP/1.0: no chunks, closed at the end unless it asks for keep-alive', () => {
  const handle = (request: HttpRequest): string | string[] => (request.path === '/stream' ? ['a', 'b'] : 'ab');
  withHttpServer({ handle }, (port) => {
    using stream = new RawClient(port);
    stream.send('GET /stream HTTP/1.0', '', '');
    const rest = stream.rest() ?? '';
    assert.match(rest, /\r\n\r\nab$/);
    assert.doesNotMatch(rest, /chunked/i);
    using kept = new RawClient(port);
    kept.send('GET / HTTP/1.0', 'Connection: keep-alive', '', '');
    assert.equal(kept.read().headers.get('connection'), 'keep-alive');
    kept.send('GET / HTTP/1.0', '', '');
    assert.match(kept.rest() ?? '', /\r\n\r\nab$/);
  });
});

test('HEAD has the headers of GET and no body; 204 and 304 have none either', () => {
  let closed = false;
  function* body(): Generator<string> {
    try {
      yield 'x';
    } finally {
      closed = true;
    }
  }
  const handle = (request: HttpRequest): unknown => {
    if (request.path === '/stream') return body();
    if (request.path === '/given') return { headers: { 'content-length': '1234' } };
    if (request.path === '/none') return { status: 204, body: 'dropped' };
    if (request.path === '/same') return { status: 304, headers: { etag: '"1"' } };
    return 'hello';
  };
  withHttpServer({ handle: handle as never }, (port) => {
    using client = new RawClient(port);
    const head = (path: string): Map<string, string> => {
      client.send(`HEAD ${path} HTTP/1.1`, 'Host: test', '', '');
      return client.read(true).headers;
    };
    assert.equal(head('/').get('content-length'), '5');
    assert.equal(head('/given').get('content-length'), '1234');
    head('/stream');
    assert.equal(closed, false, 'the generator was not even begun');
    client.get('/none');
    assert.equal(client.read().headers.has('content-length'), false);
    client.get('/same');
    assert.equal(client.read().status, 304);
    client.get('/');
    assert.equal(client.read().body, 'hello', 'the connection is in step');
  });
});

test('a wrong content-length of the handler is put right', () => {
  withHttpServer({ handle: () => ({ headers: { 'Content-Length': '999' }, body: 'hello' }) }, (port) => {
    using client = new RawClient(port);
    client.get('/');
    assert.equal(client.read().headers.get('content-length'), '5');
  });
});

test('pipelined requests are served one after the other, in order', () => {
  const events: string[] = [];
  const handle = (request: HttpRequest): string => {
    events.push(`begin ${request.path}`);
    sleep(request.path === '/0' ? 20 : 1);
    events.push(`end ${request.path}`);
    return request.path;
  };
  withHttpServer({ handle }, (port) => {
    using client = new RawClient(port);
    const paths = ['/0', '/1', '/2'];
    client.socket.sendAll(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`).join(''));
    for (const path of paths) assert.equal(client.read().body, path);
    assert.deepEqual(
      events,
      paths.flatMap((path) => [`begin ${path}`, `end ${path}`]),
    );
  });
});

test('thousands of pipelined requests are all answered, with bodies between them', () => {
  const handle = (request: HttpRequest): string => {
    if (request.path.endsWith('7')) sleep(0);
    return `${request.path} ${request.text()}`;
  };
  withHttpServer({ handle }, (port) => {
    using client = new RawClient(port);
    const count = 3000;
    const sending = spawn(() => {
      for (let i = 0; i < count; i++) client.send(`POST /${i} HTTP/1.1`, 'Host: test', 'Content-Length: 3', '', 'abc');
    });
    for (let i = 0; i < count; i++) assert.equal(client.read().body, `/${i} abc`);
    sending.get();
  });
});

test('100-continue is sent at the first read, and only then', () => {
  const handle = (request: HttpRequest): string => (request.path === '/read' ? request.text() : 'unread');
  withHttpServer({ handle }, (port) => {
    using reading = new RawClient(port);
    reading.send('POST /read HTTP/1.1', 'Host: test', 'Content-Length: 4', 'Expect: 100-continue', '', '');
    assert.equal(reading.read().status, 100);
    reading.send('body');
    assert.equal(reading.read().body, 'body');
    using ignoring = new RawClient(port);
    ignoring.send('POST /ignore HTTP/1.1', 'Host: test', 'Content-Length: 4', 'Expect: 100-continue', '', '');
    const answer = ignoring.read();
    assert.deepEqual([answer.status, answer.headers.get('connection')], [200, 'close']);
    assert.equal(ignoring.rest(), '');
    using other = new RawClient(port);
    other.send('POST / HTTP/1.1', 'Host: test', 'Content-Length: 4', 'Expect: tea', '', '');
    assert.equal(other.read().status, 417);
  });
});

test('a body beyond bodyLimit is a 413, however it is read and however it comes', () => {
  const handle = (request: HttpRequest): string => {
    let length = 0;
    if (request.path === '/pieces') for (const piece of request.body) length += piece.length;
    else length = request.bytes().length;
    return String(length);
  };
  withHttpServer({ handle, bodyLimit: 1000 }, (port) => {
    for (const path of ['/bytes', '/pieces']) {
      using sized = new RawClient(port);
      // A byte is missing: had all of the body come by then, the connection would stay.
      sized.send(`POST ${path} HTTP/1.1`, 'Host: test', 'Content-Length: 1001', '', 'x'.repeat(1000));
      const answer = sized.read();
      assert.deepEqual([answer.status, answer.headers.get('connection')], [413, 'close']);
      using chunked = new RawClient(port);
      chunked.send(`POST ${path} HTTP/1.1`, 'Host: test', 'Transfer-Encoding: chunked', '', '');
      const sending = spawn(() => {
        // The client goes on sending for a while: it gets its answer all the same, not a reset.
        for (let i = 0; i < 100; i++) chunked.send('3e8', 'x'.repeat(1000), '');
        chunked.send('0', '', '');
      });
      assert.equal(chunked.read().status, 413);
      sending.get();
      using fitting = new RawClient(port);
      fitting.send(`POST ${path} HTTP/1.1`, 'Host: test', 'Content-Length: 1000', '', 'x'.repeat(1000));
      assert.equal(fitting.read().body, '1000');
    }
    using careful = new RawClient(port);
    careful.send('POST / HTTP/1.1', 'Host: test', 'Content-Length: 1001', 'Expect: 100-continue', '', '');
    assert.equal(careful.read().status, 413, 'without a 100 before it');
  });
});

test('a handler may leave a body unread: the connection stays in step', () => {
  withHttpServer({ handle: (request) => request.path }, (port) => {
    using client = new RawClient(port);
    client.send('POST /first HTTP/1.1', 'Host: test', 'Content-Length: 300000', '', 'x'.repeat(300_000));
    assert.equal(client.read().body, '/first');
    client.get('/second');
    assert.equal(client.read().body, '/second');
  });
});

test('a client that does not read in time holds back its own upload only', () => {
  const handle = (request: HttpRequest): string => {
    const first = request.body.next();
    sleep(50);
    let length = first.done === true ? 0 : first.value.length;
    for (const piece of request.body) length += piece.length;
    return String(length);
  };
  withHttpServer({ handle }, (port) => {
    using client = new RawClient(port);
    const size = 8_000_000;
    client.send('POST / HTTP/1.1', 'Host: test', `Content-Length: ${size}`, '', '');
    client.socket.timeout = 20;
    const sending = client.socket;
    assert.throws(() => sending.sendAll(Buffer.alloc(size)), Timeout, 'nobody reads yet');
    client.socket.timeout = 10_000;
    assert.equal(client.read().body, String(size));
  });
});

test('headers beyond 16 KB are a 431, a bad request and one without Host a 400', () => {
  withHttpServer({ handle: () => 'ok' }, (port) => {
    const answers: [status: number, lines: string[]][] = [
      [431, ['GET / HTTP/1.1', 'Host: test', `X-Long: ${'x'.repeat(17_000)}`, '', '']],
      [400, ['GET / HTTP/1.1', '', '']],
      [400, ['nonsense', '', '']],
      [400, ['GET / HTTP/1.1', 'Host: test', 'Content-Length: -5', '', '']],
      [400, ['POST / HTTP/1.1', 'Host: test', 'Content-Length: 5', 'Transfer-Encoding: chunked', '', '']],
    ];
    for (const [status, lines] of answers) {
      using client = new RawClient(port);
      client.send(...lines);
      assert.equal(client.read().status, status, lines[0]);
      assert.equal(client.rest(), '');
    }
  });
});

test('a request that takes too long to come in is ended with 408, one that takes long to be served is not', () => {
  const handle = (request: HttpRequest): string => {
    if (request.path === '/slow') sleep(2500);
    return request.text();
  };
  withHttpServer({ handle, requestTimeout: 300, headersTimeout: 200 }, (port) => {
    using served = new RawClient(port);
    served.get('/slow');
    using loris = new RawClient(port);
    loris.send('GET / HTTP/1.1', 'Host: test', 'X-Slow: ');
    const drip = spawn(() => {
      for (let i = 0; i < 5; i++) {
        loris.socket.sendAll('x');
        sleep(50);
      }
    });
    using body = new RawClient(port);
    body.send('POST / HTTP/1.1', 'Host: test', 'Content-Length: 10', '', 'x');
    using silent = new RawClient(port);
    assert.equal(loris.read().status, 408);
    drip.get();
    assert.equal(body.read().status, 408);
    silent.rest();
    assert.equal(served.read().status, 200);
  });
});

test('when its client leaves, a handler gets GreenletExit and its signal aborts', () => {
  const events: string[] = [];
  const handle = (request: HttpRequest): string => {
    request.signal.addEventListener('abort', () => events.push(`${request.path} aborted`));
    try {
      if (request.path === '/sleep') sleep(60_000);
      else request.text();
      return 'never';
    } catch (error) {
      events.push(`${request.path} ${(error as Error).name}`);
      throw error;
    } finally {
      events.push(`${request.path} finally`);
    }
  };
  withHttpServer({ handle, onError: (error) => events.push(String(error)) }, (port) => {
    for (const path of ['/sleep', '/upload']) {
      events.length = 0;
      const client = new RawClient(port);
      client.send(`POST ${path} HTTP/1.1`, 'Host: test', 'Content-Length: 10', '', 'x');
      sleep(20);
      client.socket.close();
      until(() => events.length === 3);
      assert.deepEqual(events, [`${path} aborted`, `${path} GreenletExit`, `${path} finally`]);
    }
  });
});

test('a signal asked for after the client has left is aborted', () => {
  let aborted: boolean | undefined;
  const handle = (request: HttpRequest): string => {
    try {
      sleep(60_000);
    } finally {
      aborted = request.signal.aborted;
    }
    return '';
  };
  withHttpServer({ handle }, (port) => {
    const client = new RawClient(port);
    client.get('/');
    sleep(20);
    client.socket.stream.destroy();
    until(() => aborted !== undefined);
    assert.equal(aborted, true);
  });
});

test('a client that leaves in mid-stream ends the generator through its finally', () => {
  let ended = false;
  function* endless(): Generator<string> {
    try {
      for (;;) yield 'x'.repeat(10_000);
    } finally {
      ended = true;
    }
  }
  withHttpServer({ handle: endless }, (port) => {
    const client = new RawClient(port);
    client.get('/');
    client.socket.recv();
    client.socket.stream.resetAndDestroy();
    until(() => ended);
  });
});

test('a client that leaves after the complete response kills nothing', () => {
  let finished = 0;
  const handle = (request: HttpRequest): string => {
    spawn(() => {
      sleep(30);
      if (!request.signal.aborted) finished++;
    });
    return 'done';
  };
  withHttpServer({ handle }, (port) => {
    const client = new RawClient(port);
    client.get('/');
    client.read();
    client.socket.close();
    until(() => finished === 1);
  });
});

test('spawn limits requests, not connections; waiting ones are served in order, too many get a 503', () => {
  let running = 0;
  let most = 0;
  const handle = (request: HttpRequest): string => {
    most = Math.max(most, ++running);
    sleep(20);
    running--;
    return request.path;
  };
  for (const limit of [2, new Pool(2)]) {
    withHttpServer({ handle, spawn: limit, backlog: 3 }, (port) => {
      const clients = Array.from({ length: 6 }, () => new RawClient(port));
      for (const [i, client] of clients.entries()) client.get(`/${i}`);
      const statuses = clients.map((client) => client.read().status);
      assert.deepEqual(statuses, [200, 200, 200, 200, 200, 503]);
      assert.equal(most, 2);
      for (const client of clients) client.socket.close();
    });
  }
});

test('a waiting request whose client leaves is forgotten', () => {
  const served: string[] = [];
  let go = false;
  const handle = (request: HttpRequest): string => {
    served.push(request.path);
    until(() => go);
    return 'ok';
  };
  withHttpServer({ handle, spawn: 1 }, (port) => {
    const clients = ['/1', '/2', '/3'].map((path) => {
      const client = new RawClient(port);
      client.get(path);
      sleep(10);
      return client;
    });
    clients[1]?.socket.close();
    sleep(20);
    go = true;
    assert.equal(clients[0]?.read().status, 200);
    assert.equal(clients[2]?.read().status, 200);
    assert.deepEqual(served, ['/1', '/3']);
    for (const client of clients) client.socket.close();
  });
});

test('stop lets running requests end, closes idle connections at once, and takes no new ones', () => {
  const handle = (): string => {
    sleep(50);
    return 'done';
  };
  withHttpServer({ handle }, (port, server) => {
    using idle = new RawClient(port);
    idle.get('/');
    idle.read();
    using busy = new RawClient(port);
    busy.get('/');
    busy.get('/ahead');
    sleep(10);
    const stopping = spawn(() => server.stop());
    assert.equal(idle.rest(), '');
    assert.throws(() => new RawClient(port), hasCode('ECONNREFUSED'));
    const last = busy.read();
    assert.deepEqual([last.body, last.headers.get('connection')], ['done', 'close']);
    assert.equal(stopping.join(5000), true);
    assert.equal(server.closed, true);
    server.stop();
  });
});

test('stop(timeout) kills what still runs: 503 before the head, a cut after it', () => {
  const ended: string[] = [];
  function* body(): Generator<string> {
    yield 'half';
    sleep(60_000);
  }
  const handle = (request: HttpRequest): string | Iterable<string> => {
    if (request.path === '/stream') return body();
    try {
      sleep(60_000);
      return 'never';
    } finally {
      ended.push('finally');
    }
  };
  withHttpServer({ handle }, (port, server) => {
    using waiting = new RawClient(port);
    waiting.get('/');
    using streaming = new RawClient(port);
    streaming.get('/stream');
    streaming.socket.readUntil('half');
    server.stop(10);
    assert.deepEqual(ended, ['finally']);
    assert.equal(waiting.read().status, 503);
    assert.doesNotMatch(streaming.rest() ?? '', /\r\n0\r\n/);
  });
});

test('a slow request that was begun before stop is still bounded by requestTimeout', () => {
  const handle = (request: HttpRequest): string => request.text();
  withHttpServer({ handle, requestTimeout: 500, headersTimeout: 500 }, (port, server) => {
    using client = new RawClient(port);
    client.send('POST / HTTP/1.1', 'Host: test', 'Content-Length: 10', '', 'x');
    sleep(20);
    withTimeout(5000, () => server.stop());
    assert.equal(client.read().status, 408);
  });
});

test('a handler can stop its own server, and its answer still arrives', () => {
  using server: HttpServer = new HttpServer({
    ...HOST,
    handle() {
      server.stop();
      return 'stopped';
    },
  });
  const serving = spawn(() => server.serveForever());
  sleep(10);
  using client = new RawClient((server.address as { port: number }).port);
  client.get('/');
  assert.equal(client.read().body, 'stopped');
  assert.equal(serving.join(5000), true);
});

test('the access log tells of each request', () => {
  const entries: unknown[] = [];
  const handle = (request: HttpRequest): string | Iterable<string> => {
    if (request.path === '/sleep') sleep(60_000);
    return request.path === '/stream' ? ['ab', 'c'] : 'hello';
  };
  const accessLog = (entry: { duration: number; time: Date }): void => {
    assert.ok(entry.duration >= 0 && entry.time instanceof Date);
    const { duration, time, ...rest } = entry;
    entries.push(rest);
  };
  withHttpServer({ handle, accessLog }, (port) => {
    const client = new RawClient(port);
    client.get('/a?b');
    client.read();
    client.get('/stream');
    client.read();
    client.get('/sleep');
    sleep(20);
    client.socket.close();
    until(() => entries.length === 3);
    const common = { remoteAddress: '127.0.0.1', method: 'GET', httpVersion: '1.1' };
    assert.deepEqual(entries, [
      { ...common, url: '/a?b', status: 200, bytes: 5 },
      { ...common, url: '/stream', status: 200, bytes: 3 },
      { ...common, url: '/sleep', status: 499, bytes: 0 },
    ]);
  });
});

test('an async handler works, and so does one that rejects', () => {
  const told: unknown[] = [];
  const handle = async (request: HttpRequest): Promise<string> => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (request.path === '/fail') throw new Error('rejected');
    return 'later';
  };
  withHttpServer({ handle, onError: (error) => told.push(error) }, (port) => {
    using client = new RawClient(port);
    client.get('/');
    assert.equal(client.read().body, 'later');
    client.get('/fail');
    assert.equal(client.read().status, 500);
    assert.match(String(told), /rejected/);
  });
});

test('a handler begins on the turn of the event loop in which its request comes', () => {
  const events: string[] = [];
  withHttpServer({ handle: () => void events.push('handler') }, (port, server) => {
    server.nodeServer.prependListener('request', () => setImmediate(() => events.push('next turn')));
    using client = new RawClient(port);
    // Not where greenlets have used up their share of that turn already, as on a machine that does other things.
    for (let tries = 0; tries < 20 && !events.join().includes('handler,next turn'); tries++) {
      client.get('/');
      client.read();
      sleep(1);
    }
    assert.match(events.join(), /handler,next turn/);
  });
});

test('HTTPS: the same over TLS', () => {
  const handle = (request: HttpRequest): string => `secret ${request.text()}`;
  withHttpServer({ handle, tls: { key: KEY, cert: CERTIFICATE } }, (port, server) => {
    using stalled = new RawClient(port);
    using client = Socket.connect({ host: '127.0.0.1', port, tls: { ca: CERTIFICATE }, timeout: 5000 });
    client.sendAll('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi');
    client.readUntil('\r\n\r\n');
    assert.equal(client.recv().toString(), 'secret hi');
    server.stop();
    assert.equal(client.recv().length, 0);
    assert.equal(stalled.rest(), '');
  });
});

test('bad options are refused with the value shown', () => {
  const make = (options: object) => () => new HttpServer({ ...HOST, handle: () => '', ...options });
  assert.throws(make({ spawn: -1 }), /RangeError.*-1/);
  assert.throws(make({ spawn: 'many' }), /TypeError.*many/);
  assert.throws(make({ handle: 1 }), /TypeError.*1/);
  assert.throws(make({ bodyLimit: -1 }), /RangeError.*-1/);
  assert.throws(make({ requestTimeout: 'long' }), /TypeError.*long/);
  assert.throws(make({ accessLog: 'file' }), /TypeError.*file/);
  assert.throws(make({ port: 1e9 }), /RangeError.*1000000000/);
});

testOnMain('fetch of Node gets answers from a server started by run()', async () => {
  const { run } = await import('greenlets');
  const server = new HttpServer({ ...HOST, handle: (request) => `hello ${request.query.get('name')}` });
  await run(() => server.start());
  const { port } = server.address as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/?name=fetch`);
  assert.equal(await response.text(), 'hello fetch');
  await run(() => server.stop());
});

test('a thousand connections are served at once', () => {
  let running = 0;
  let most = 0;
  const handle = (request: HttpRequest): string => {
    most = Math.max(most, ++running);
    wait(new Promise((resolve) => setTimeout(resolve, 500)));
    running--;
    return request.path;
  };
  withHttpServer({ handle, backlog: 2000 }, (port) => {
    const clients = Array.from({ length: 1000 }, (_, i) =>
      spawn(() => {
        using client = new RawClient(port);
        client.get(`/${i}`);
        assert.equal(client.read().body, `/${i}`);
      }),
    );
    for (const client of clients) client.get(60_000);
    assert.ok(most > 100, `they ran side by side: ${most}`);
  });
});
