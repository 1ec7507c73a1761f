import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { Readable } from 'node:stream';
import { test as nodeTest } from 'node:test';
import zlib from 'node:zlib';
import { BlockingSwitchOutError, getHub, Pool, run, sleep, spawn, Timeout, wait, withTimeout } from 'greenlets';
import {
  type ClientResponse,
  ConcurrentObjectUseError,
  get,
  post,
  RequestError,
  type RequestOptions,
  RequestTimeout,
  request,
} from 'greenlets/http';
import { Popen } from 'greenlets/subprocess';
import { CookieJar } from 'tough-cookie';
import { test, testOnMain } from './support/leaks.ts';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse, body: Buffer) => void;

/** What a request was, as the server `echo` saw it. */
interface Echo {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

const echo: Handler = ({ method, url, headers }, response, body) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method, path: url, headers, body: body.toString('latin1') }));
};

/** Runs `body` with a server; gives it the server's origin, and the server. */
function withServer(handler: Handler, body: (origin: string, server: http.Server) => void): void {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, response, Buffer.concat(chunks)));
    request.on('error', () => {});
  });
  listening(server, body);
}

/** As `withServer`, with a handler of bare connections. */
function withRawServer(
  handler: (socket: net.Socket) => void,
  body: (origin: string, server: net.Server) => void,
): void {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    handler(socket);
  });
  listening(server, body);
}

function listening<S extends net.Server>(server: S, body: (origin: string, server: S) => void): void {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  wait(once(server, 'listening'));
  try {
    body(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, server);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function connections(server: net.Server): number {
  return wait(new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))));
}

function thrownBy(fn: () => unknown): Error & { code?: string; cause: NodeJS.ErrnoException } {
  try {
    fn();
  } catch (error) {
    return error as never;
  }
  throw new Error('expected it to throw');
}

test('a request is answered with status, headers, url and a body to read as text, JSON or bytes', () => {
  withServer(echo, (origin) => {
    const response = get(`${origin}/a/b?c=d#e`);
    assert.equal(response.status, 200);
    assert.equal(response.ok, true);
    assert.equal(response.statusText, 'OK');
    assert.equal(response.url, `${origin}/a/b?c=d#e`);
    assert.equal(response.redirected, false);
    assert.ok(response.headers instanceof Headers);
    assert.equal(response.headers.get('Content-Type'), 'application/json');
    const { method, path, headers } = response.json<Echo>();
    assert.deepEqual([method, path], ['GET', '/a/b?c=d']);
    assert.equal(headers.host, new URL(origin).host);
    assert.equal(response.text(), response.bytes().toString());
    assert.equal(JSON.parse([...response.body].join('')).path, '/a/b?c=d');
  });
});

test('get, post and request send what they are told', () => {
  withServer(echo, (origin) => {
    const sent = (response: ClientResponse): Echo => response.json<Echo>();
    assert.equal(sent(request(origin)).method, 'GET');
    assert.equal(sent(request(new URL(origin), { body: 'x' })).method, 'POST');
    assert.equal(sent(request(origin, { method: 'patch', body: 'x' })).method, 'PATCH');
    assert.equal(sent(post(origin)).body, '');
    const { headers } = sent(get(origin, { headers: { 'X-One': '1', many: ['a', 'b'], none: undefined } }));
    assert.equal(headers['x-one'], '1');
    assert.equal(headers.many, 'a, b');
    assert.equal('none' in headers, false);
    assert.equal(sent(get(origin, { headers: new Headers({ a: 'b' }) })).headers.a, 'b');
    assert.equal(
      sent(
        get(origin, {
          headers: [
            ['a', 'b'],
            ['A', 'c'],
          ],
        }),
      ).headers.a,
      'b, c',
    );
    const withUser = origin.replace('//', '//user:p%40ss@');
    assert.equal(sent(get(withUser)).headers.authorization, `Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  });
});

test('bodies: text, bytes, forms, JSON, blobs, with their types', () => {
  withServer(echo, (origin) => {
    const sent = (body: Parameters<typeof post>[1], options?: RequestOptions): [string, string | undefined, string] => {
      const { headers, body: text } = post(origin, body, options).json<Echo>();
      return [text, headers['content-type'], headers['content-length'] ?? headers['transfer-encoding'] ?? ''];
    };
    assert.deepEqual(sent('ü'), ['Ã¼', 'text/plain;charset=UTF-8', '2']);
    assert.deepEqual(sent(Buffer.from('ab')), ['ab', undefined, '2']);
    assert.deepEqual(sent(new Uint8Array([97]).buffer), ['a', undefined, '1']);
    assert.deepEqual(sent({ a: [1] }), ['{"a":[1]}', 'application/json', '9']);
    assert.deepEqual(sent(undefined, { json: [1, 2] }), ['[1,2]', 'application/json', '5']);
    assert.deepEqual(sent(new URLSearchParams({ a: 'b c' })), [
      'a=b+c',
      'application/x-www-form-urlencoded;charset=UTF-8',
      '5',
    ]);
    assert.deepEqual(sent(new Blob(['xyz'], { type: 'text/x' })), ['xyz', 'text/x', '3']);
    assert.deepEqual(sent('{}', { headers: { 'Content-Type': 'my/type' } }), ['{}', 'my/type', '2']);
    const form = new FormData();
    form.set('field', 'value');
    form.set('file', new File(['content'], 'name.txt'));
    const [text, type, length] = sent(form);
    assert.match(text, /name="field"\r\n\r\nvalue\r\n/);
    assert.match(text, /filename="name.txt"\r\n(?:.|\r\n)*\r\n\r\ncontent\r\n/);
    assert.match(type ?? '', /^multipart\/form-data; boundary=/);
    assert.equal(Number(length), text.length);
  });
});

test('a body that streams may block, and memory stays flat while the server is slow to read', () => {
  withServer(echo, (origin) => {
    const slowly = function* (): Generator<string | Buffer> {
      yield 'a';
      sleep(5);
      yield Buffer.from('b');
    };
    const { body, headers } = post(origin, slowly()).json<Echo>();
    assert.equal(body, 'ab');
    assert.equal(headers['transfer-encoding'], 'chunked');
    assert.equal(post(origin, ['x', 'y'], { headers: { 'content-length': '2' } }).json<Echo>().body, 'xy');
    assert.equal(post(origin, Readable.from(['r', 's'])).json<Echo>().body, 'rs');
    assert.equal(post(origin, new Blob(['web']).stream() as unknown as AsyncIterable<string>).json<Echo>().body, 'web');
  });
  let produced = 0;
  const endless = function* (): Generator<Buffer> {
    for (; ; produced++) yield Buffer.alloc(100_000);
  };
  withRawServer(
    (socket) => socket.pause(),
    (origin) => {
      assert.throws(() => post(origin, endless(), { timeout: 100 }), Timeout);
      assert.ok(produced < 1000, `${produced} pieces were produced`);
    },
  );
});

test('an error in the iterable of a body is thrown as it is, and the request is given up', () => {
  withServer(echo, (origin, server) => {
    const broken = new Error('broken');
    let closed = false;
    const body = function* (): Generator<string> {
      try {
        yield 'a';
        sleep(5);
        throw broken;
      } finally {
        closed = true;
      }
    };
    assert.throws(
      () => post(origin, body()),
      (error) => error === broken,
    );
    assert.ok(closed);
    assert.throws(() => post(origin, [1 as never]), { name: 'TypeError', message: /got 1/ });
    while (connections(server) > 0) sleep(1);
  });
});

test('an answer that comes before the body was sent ends the sending', () => {
  let closed = false;
  const body = function* (): Generator<string> {
    try {
      for (;;) {
        yield 'x'.repeat(1000);
        sleep(1);
      }
    } finally {
      closed = true;
    }
  };
  withRawServer(
    (socket) =>
      socket.once('data', () =>
        socket.end('HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig'),
      ),
    (origin) => {
      const response = post(origin, body());
      assert.equal(response.status, 413);
      assert.equal(response.text(), 'big');
      while (!closed) sleep(1);
    },
  );
});

test('answers of 4xx and 5xx are responses', () => {
  const handler: Handler = ({ url }, response) => response.writeHead(Number(url?.slice(1))).end('text');
  withServer(handler, (origin) => {
    for (const status of [404, 500, 503]) {
      const response = get(`${origin}/${status}`);
      assert.deepEqual([response.status, response.ok, response.text()], [status, false, 'text']);
    }
  });
});

test('connections are kept and used again, also after a redirect', () => {
  let opened = 0;
  const handler: Handler = (incoming, response, body) => {
    if (incoming.url === '/redirect') response.writeHead(302, { location: '/' }).end('elsewhere');
    else echo(incoming, response, body);
  };
  withServer(handler, (origin, server) => {
    server.on('connection', () => opened++);
    for (let n = 0; n < 5; n++) get(origin).text();
    get(`${origin}/redirect`).text();
    // undici lets a turn of the loop pass before it uses a connection again.
    assert.ok(opened <= 2, `${opened} connections were opened`);
    const all = Array.from({ length: 10 }, () => spawn(() => get(origin).status));
    assert.deepEqual(
      all.map((one) => one.get()),
      Array.from({ length: 10 }, () => 200),
    );
    assert.ok(opened <= 12);
  });
});

test('redirects are followed by the rules: method, body, headers', () => {
  const handler: Handler = (incoming, response, body) => {
    const [, status, to] = /^\/(\d+)\/(.*)$/.exec(incoming.url ?? '') ?? [];
    if (status === undefined) echo(incoming, response, body);
    else response.writeHead(Number(status), { location: decodeURIComponent(to ?? '') }).end();
  };
  withServer(handler, (origin) => {
    const after = (status: number, method: string): Echo => {
      const options = { method, ...(method === 'GET' || method === 'HEAD' ? {} : { body: 'data' }) };
      const response = request(`${origin}/${status}/%2Fend%3Fq`, options);
      assert.equal(response.url, `${origin}/end?q`);
      assert.equal(response.redirected, true);
      return response.json<Echo>();
    };
    for (const status of [301, 302, 303]) {
      const { method, body, headers } = after(status, 'POST');
      assert.deepEqual([method, body, headers['content-type']], ['GET', '', undefined], String(status));
    }
    for (const status of [307, 308]) {
      const { method, body, headers } = after(status, 'POST');
      assert.deepEqual([method, body, headers['content-type']], ['POST', 'data', 'text/plain;charset=UTF-8']);
    }
    assert.deepEqual([after(301, 'PUT').method, after(302, 'PUT').body], ['PUT', 'data']);
    assert.equal(after(303, 'PUT').method, 'GET');
    assert.equal(request(`${origin}/303/%2Fend`, { method: 'HEAD' }).status, 200);
    const once = function* (): Generator<string> {
      yield 'x';
    };
    assert.throws(() => post(`${origin}/307/%2Fend`, once()), { code: 'ERR_GREENLETS_BODY_USED' });
    assert.equal(post(`${origin}/303/%2Fend`, once()).json<Echo>().method, 'GET');
    assert.equal(post(`${origin}/307/%2Fend`, ['a', 'b']).json<Echo>().body, 'ab');
  });
});

test('authorization and cookie are not told to another origin', () => {
  withServer(echo, (other) => {
    const handler: Handler = ({ url }, response) =>
      response.writeHead(302, { location: url === '/same' ? '/away' : `${other}/` }).end();
    withServer(handler, (origin) => {
      const headers = { Authorization: 'Bearer secret', cookie: 'a=b', 'x-other': 'kept' };
      const seen = get(`${origin}/same`, { headers }).json<Echo>().headers;
      assert.equal(seen.authorization, undefined);
      assert.equal(seen.cookie, undefined);
      assert.equal(seen['x-other'], 'kept');
      assert.equal(seen.host, new URL(other).host);
    });
  });
});

test('redirects can be handed over or refused, and are limited', () => {
  let seen = 0;
  const handler: Handler = ({ url }, response) => {
    seen++;
    const location = { '/bad': 'http://[', '/ftp': 'ftp://x/', '/none': undefined }[url ?? ''] ?? '/again';
    response.writeHead(302, url === '/none' ? {} : { location }).end('body');
  };
  withServer(handler, (origin) => {
    const manual = get(origin, { redirect: 'manual' });
    assert.deepEqual([manual.status, manual.headers.get('location'), manual.text()], [302, '/again', 'body']);
    assert.equal(get(`${origin}/none`).status, 302);
    assert.throws(() => get(origin, { redirect: 'error' }), { code: 'ERR_GREENLETS_REDIRECTED' });
    assert.throws(() => get(`${origin}/bad`), { code: 'ERR_GREENLETS_BAD_REDIRECT' });
    assert.throws(() => get(`${origin}/ftp`), { code: 'ERR_GREENLETS_BAD_REDIRECT', message: /ftp:/ });
    seen = 0;
    assert.throws(() => get(origin), { code: 'ERR_GREENLETS_TOO_MANY_REDIRECTS', message: /more than 20 redirects/ });
    assert.equal(seen, 21);
    seen = 0;
    assert.throws(() => get(origin, { maxRedirects: 0 }), RequestError);
    assert.equal(seen, 1);
  });
});

test('compressed responses are decompressed, piece by piece or whole', () => {
  const text = 'hello wörld '.repeat(50_000);
  const encoders: Record<string, (data: Buffer) => Buffer> & { zstd?: (data: Buffer) => Buffer } = {
    gzip: (data) => zlib.gzipSync(data),
    deflate: (data) => zlib.deflateSync(data),
    raw: (data) => zlib.deflateRawSync(data),
    br: (data) => zlib.brotliCompressSync(data, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
    both: (data) => zlib.brotliCompressSync(zlib.gzipSync(data)),
    truncated: (data) => zlib.gzipSync(data).subarray(0, -8),
  };
  const { zstdCompressSync } = zlib as { zstdCompressSync?: (data: Buffer) => Buffer };
  if (zstdCompressSync !== undefined) encoders.zstd = zstdCompressSync;
  const handler: Handler = ({ url, headers }, response) => {
    const name = url?.slice(1) ?? '';
    const encoding =
      { raw: 'deflate', both: 'gzip, br', truncated: 'gzip', broken: 'gzip', unknown: 'x', empty: 'gzip' }[name] ??
      name;
    response.writeHead(name === 'empty' ? 204 : 200, {
      'content-encoding': encoding,
      'x-accepted': headers['accept-encoding'] ?? '',
    });
    response.end(name === 'empty' ? '' : (encoders[name]?.(Buffer.from(text)) ?? 'plain'));
  };
  withServer(handler, (origin) => {
    for (const name of Object.keys(encoders)) {
      assert.equal(get(`${origin}/${name}`).text(), text, name);
      assert.equal(Buffer.concat([...get(`${origin}/${name}`).body]).toString(), text, name);
    }
    assert.equal(get(`${origin}/empty`).text(), '');
    assert.equal(request(`${origin}/gzip`, { method: 'HEAD' }).text(), '');
    assert.equal(get(`${origin}/unknown`).text(), 'plain');
    assert.throws(() => get(`${origin}/broken`).text(), { code: 'Z_DATA_ERROR' });
    const untouched = get(`${origin}/gzip`, { decompress: false });
    assert.equal(untouched.headers.get('x-accepted'), '');
    assert.ok(untouched.bytes().equals(zlib.gzipSync(text)));
    assert.match(get(`${origin}/gzip`).headers.get('x-accepted') ?? '', /^gzip, deflate, br/);
    assert.equal(
      get(`${origin}/identity`, { headers: { 'accept-encoding': 'mine' } }).headers.get('x-accepted'),
      'mine',
    );
  });
});

test('text is decoded by its charset, and without its byte order mark', () => {
  const types: Record<string, [string, Buffer]> = {
    '/latin1': ['text/html; charset=ISO-8859-1', Buffer.from('ü', 'latin1')],
    '/utf16': ['text/plain;charset="utf-16le"', Buffer.from('ü', 'utf16le')],
    '/utf8': ['text/plain; charset=utf-8', Buffer.from('\ufeffü')],
    '/unknown': ['text/plain; charset=klingon', Buffer.from('ü')],
  };
  withServer(
    ({ url }, response) => {
      const [type, body] = types[url ?? ''] as [string, Buffer];
      response.writeHead(200, { 'content-type': type }).end(body);
    },
    (origin) => {
      for (const path of Object.keys(types)) assert.equal(get(origin + path).text(), 'ü', path);
      assert.throws(() => get(`${origin}/utf8`).json(), SyntaxError);
    },
  );
});

test('a body is iterated as it comes, and a slow reader slows the server down', () => {
  let written = 0;
  const handler: Handler = (_, response) => {
    const more = (): void => {
      while (!response.destroyed && written < 20_000_000) {
        written += 100_000;
        if (!response.write(Buffer.alloc(100_000))) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  };
  withServer(handler, (origin) => {
    const response = get(origin);
    let read = 0;
    for (const chunk of response.body) {
      if (read === 0) sleep(50);
      if (read === 0) assert.ok(written < 10_000_000, `${written} bytes were written`);
      read += chunk.length;
    }
    assert.equal(read, 20_000_000);
    assert.equal(response.body.next().done, true);
    assert.throws(() => response.text(), { code: 'ERR_GREENLETS_BODY_USED' });
  });
});

test('leaving the loop over a body closes the connection', () => {
  const endless: Handler = (_, response) => Readable.from(chunks()).pipe(response);
  function* chunks(): Generator<Buffer> {
    for (;;) yield Buffer.alloc(10_000);
  }
  withServer(endless, (origin, server) => {
    for (const chunk of get(origin).body) {
      assert.ok(chunk.length > 0);
      break;
    }
    while (connections(server) > 0) sleep(1);
    {
      using response = get(origin);
      assert.equal(response.status, 200);
    }
    while (connections(server) > 0) sleep(1);
    const closed = get(origin);
    closed.close();
    assert.throws(() => closed.text(), { code: 'ERR_GREENLETS_CLOSED' });
  });
});

/** Sends the head of a response and a piece of its body, and the rest when `more` is called. */
function trickling(more: (() => void)[]): Handler {
  return (_, response) => {
    response.write('first ');
    more.push(() => response.end('second'));
  };
}

test('a read that is cut short from outside loses nothing', () => {
  const more: (() => void)[] = [];
  withServer(trickling(more), (origin) => {
    const response = get(origin);
    assert.equal(
      withTimeout(10, () => response.text(), { value: 'late' }),
      'late',
    );
    more[0]?.();
    assert.equal(response.text(), 'first second');
    const streamed = get(origin);
    assert.equal(streamed.body.next().value?.toString(), 'first ');
    const late = { done: true, value: undefined } as const;
    assert.equal(
      withTimeout(10, () => streamed.body.next(), { value: late }),
      late,
    );
    more[1]?.();
    assert.deepEqual([...streamed.body].join(''), 'second');
  });
});

/** A response with as little time as lets its first piece arrive. */
function begun(origin: string): { response: ClientResponse; timeout: number } {
  for (let timeout = 40; ; timeout *= 2) {
    try {
      const response = get(origin, { timeout });
      assert.equal(response.body.next().value?.toString(), 'first ');
      return { response, timeout };
    } catch (error) {
      if (!(error instanceof RequestTimeout)) throw error;
    }
  }
}

test('the time-out bounds the whole exchange, body included', () => {
  const more: (() => void)[] = [];
  withServer(trickling(more), (origin, server) => {
    const { response, timeout } = begun(origin);
    const error = thrownBy(() => response.body.next());
    assert.ok(error instanceof Timeout);
    assert.ok(error instanceof RequestTimeout);
    assert.equal(error.phase, undefined);
    assert.equal(error.message, `GET ${origin}/: not complete within ${timeout} ms`);
    assert.match(error.stack ?? '', /^Timeout/);
    while (connections(server) > 0) sleep(1);
    assert.throws(() => get(origin, { timeout: 0 }), Timeout);
    const reason = new Error('enough');
    const controller = new AbortController();
    const other = get(origin, { timeout: controller.signal });
    spawn(() => controller.abort(reason));
    assert.throws(
      () => other.text(),
      (thrown) => thrown === reason,
    );
  });
  withRawServer(
    () => {},
    (origin) => {
      assert.throws(() => get(origin, { timeout: 20 }), Timeout);
    },
  );
});

test('phases can have times of their own', () => {
  withRawServer(
    () => {},
    (origin) => {
      const error = thrownBy(() => get(origin, { headersTimeout: 20 }));
      assert.ok(error instanceof RequestTimeout && error.phase === 'headers');
      assert.equal(error.message, `GET ${origin}/: no response within 20 ms`);
      assert.match(error.stack ?? '', /http-client\.test/);
    },
  );
  withServer(trickling([]), (origin) => {
    for (const read of [(response: ClientResponse) => response.text(), ({ body }: ClientResponse) => [...body]]) {
      const error = thrownBy(() => read(get(origin, { bodyTimeout: 20 })));
      assert.ok(error instanceof RequestTimeout && error.phase === 'body');
    }
  });
  // A slow body is no late one: each piece has its own time.
  const slow: Handler = (_, response) => {
    let left = 6;
    const timer = setInterval(() => {
      response.write('.');
      if (--left === 0) {
        clearInterval(timer);
        response.end();
      }
    }, 10);
  };
  withServer(slow, (origin) => {
    assert.equal(get(origin, { bodyTimeout: 2000 }).text(), '......');
  });
});

test('an AbortSignal ends a request, and the reading of its response, with its reason', () => {
  withServer(trickling([]), (origin, server) => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const { signal } = controller;
    const response = get(origin, { signal });
    spawn(() => controller.abort(reason));
    assert.throws(
      () => response.text(),
      (error) => error === reason,
    );
    assert.throws(
      () => get(origin, { signal }),
      (error) => error === reason,
    );
    while (connections(server) > 0) sleep(1);
  });
});

test('a kill takes the request along', () => {
  let requests = 0;
  withServer(
    () => requests++,
    (origin, server) => {
      const waiting = spawn(() => get(origin));
      while (requests === 0) sleep(1);
      waiting.kill();
      assert.ok(waiting.killed);
      while (connections(server) > 0) sleep(1);
      const streaming = spawn(() => post(origin, chunks()));
      function* chunks(): Generator<string> {
        for (;;) {
          sleep(1);
          yield 'x';
        }
      }
      while (connections(server) === 0) sleep(1);
      streaming.kill();
      while (connections(server) > 0) sleep(1);
    },
  );
});

test('a response left unread is closed when its greenlet ends', () => {
  const handler: Handler = (_, response) => {
    response.write('begin');
  };
  withServer(handler, (origin, server) => {
    let kept: ClientResponse | undefined;
    spawn(() => {
      kept = get(origin);
      sleep(1);
    }).get();
    while (connections(server) > 0) sleep(1);
    assert.throws(() => kept?.text(), { code: 'ERR_GREENLETS_CLOSED', message: /its greenlet|the greenlet/ });
    // One that is killed while it reads is no other case.
    const reader = spawn(() => get(origin).text());
    while (connections(server) === 0) sleep(1);
    reader.kill();
    while (connections(server) > 0) sleep(1);
  });
});

test('a response that nobody holds is closed when it is collected, but not while its body is read', () => {
  const collect = (globalThis as unknown as { gc(): void }).gc;
  const handler: Handler = (_, response) => {
    response.write('begin ');
    setTimeout(() => response.end('end'), 50);
  };
  withServer(handler, (origin) => {
    let body = '';
    for (const piece of get(origin).body) {
      body += piece;
      collect();
      sleep(1);
    }
    assert.equal(body, 'begin end');
  });
  withServer(
    (_, response) => response.write('for ever'),
    (origin, server) => {
      (() => void get(origin))();
      while (connections(server) > 0) {
        collect();
        sleep(1);
      }
    },
  );
});

test('a response that is returned, or read by another greenlet, is that one’s', () => {
  withServer(
    (_, response) => {
      response.write('a');
      setTimeout(() => response.end('b'), 10);
    },
    (origin) => {
      assert.equal(
        spawn(() => get(origin))
          .get()
          .text(),
        'ab',
      );
      assert.deepEqual(
        new Pool(2).map(() => get(origin), [1, 2, 3]).map((response) => response.text()),
        ['ab', 'ab', 'ab'],
      );
      const bodies = new Pool(2).map(() => get(origin).body, [1, 2, 3]);
      assert.deepEqual(
        bodies.map((body) => Buffer.concat([...body]).toString()),
        ['ab', 'ab', 'ab'],
      );
      const getter = spawn(() => {
        const response = get(origin);
        const reader = spawn(() => response.text());
        sleep(1);
        return reader;
      });
      assert.equal(getter.get().get(), 'ab');
    },
  );
});

test('two greenlets cannot read one response at once', () => {
  withServer(trickling([]), (origin) => {
    const response = get(origin);
    const reader = spawn(() => response.text());
    sleep(1);
    assert.throws(() => response.text(), ConcurrentObjectUseError);
    reader.kill();
    response.close();
  });
});

test('failures of the network have the code and the error of Node or undici, and the line of the request', () => {
  const refused = thrownBy(() => get('http://127.0.0.1:1/path?secret'));
  assert.ok(refused instanceof RequestError);
  assert.equal(refused.code, 'ECONNREFUSED');
  assert.equal(refused.cause?.code, 'ECONNREFUSED');
  assert.match(refused.message, /^GET http:\/\/127\.0\.0\.1:1\/path: connect ECONNREFUSED/);
  assert.match(refused.stack ?? '', /http-client\.test/);
  assert.throws(() => get('http://no.such.host.invalid/'), RequestError);
  const closing = (text: string) => (socket: net.Socket) => socket.once('data', () => socket.end(text));
  withRawServer(closing(''), (origin) => {
    assert.equal(thrownBy(() => get(origin)).code, 'UND_ERR_SOCKET');
  });
  withRawServer(closing('nonsense\r\n\r\n'), (origin) => {
    assert.match(thrownBy(() => get(origin)).message, /HTTP/);
  });
  withRawServer(closing('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'), (origin) => {
    const response = get(origin);
    assert.equal(response.status, 200);
    assert.equal(thrownBy(() => response.text()).code, 'UND_ERR_SOCKET');
  });
  withRawServer(
    (socket) => socket.once('data', () => socket.resetAndDestroy()),
    (origin) => {
      assert.equal(thrownBy(() => get(origin)).code, 'ECONNRESET');
    },
  );
});

test('only what does no harm when done twice is tried again, after growing pauses', () => {
  const seen: (string | undefined)[] = [];
  const handler: Handler = ({ method, socket, url }, response) => {
    seen.push(method);
    if (url === '/503') response.writeHead(503).end();
    else if (url === '/later') response.writeHead(503, { 'retry-after': '3600' }).end();
    else if (seen.length < 3) socket.destroy();
    else response.end('third');
  };
  withServer(handler, (origin) => {
    const retry = { limit: 3, delay: 1 };
    const attempts = (fn: () => unknown): number => {
      seen.length = 0;
      try {
        fn();
      } catch {}
      return seen.length;
    };
    assert.equal(
      attempts(() => assert.equal(get(origin, { retry }).text(), 'third')),
      3,
    );
    assert.equal(
      attempts(() => get(origin)),
      1,
    );
    assert.equal(
      attempts(() => request(origin, { method: 'PUT', body: 'x', retry })),
      3,
    );
    assert.equal(
      attempts(() => post(origin, 'x', { retry })),
      1,
    );
    assert.equal(
      attempts(() => post(origin, 'x', { retry: { ...retry, methods: ['POST'] } })),
      3,
    );
    assert.equal(
      attempts(() => request(origin, { method: 'PUT', body: new Set(['x']), retry })),
      1,
    );
    assert.equal(
      attempts(() => assert.equal(get(`${origin}/503`, { retry }).status, 503)),
      4,
    );
    assert.equal(
      attempts(() => assert.equal(get(`${origin}/later`, { retry }).status, 503)),
      1,
    );
    assert.equal(
      attempts(() => get(`${origin}/503`, { retry: { ...retry, statuses: [] } })),
      1,
    );
    assert.equal(
      attempts(() => withTimeout(20, () => get(`${origin}/503`, { retry: { limit: 9, delay: 10_000 } }))),
      1,
    );
    assert.equal(
      attempts(() => get(`${origin}/503`, { retry: { limit: 9, delay: 10_000 }, timeout: 5000 })),
      1,
    );
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 10);
    const options = { retry: { limit: 9, delay: 10_000 }, signal: controller.signal };
    assert.equal(
      thrownBy(() => get(`${origin}/503`, options)),
      reason,
    );
  });
});

test('a jar keeps cookies from answer to request', () => {
  const handler: Handler = (incoming, response, body) => {
    if (incoming.url === '/login')
      response.writeHead(302, { location: '/', 'set-cookie': ['id=7; Path=/', 'bad; Domain=else.where'] }).end();
    else echo(incoming, response, body);
  };
  withServer(handler, (origin) => {
    const cookieJar = new CookieJar();
    assert.equal(get(`${origin}/login`, { cookieJar }).json<Echo>().headers.cookie, 'id=7');
    assert.equal(get(origin, { cookieJar, headers: { cookie: 'own=1' } }).json<Echo>().headers.cookie, 'own=1; id=7');
    assert.equal(cookieJar.getCookieStringSync(origin), 'id=7');
  });
});

test('headers with bytes above ASCII, and several of one name, arrive as Fetch gives them', () => {
  const head = Buffer.from(
    'HTTP/1.1 200 OK\r\nx-name: gr\xfc\xdf\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n',
    'latin1',
  );
  withRawServer(
    (socket) => socket.once('data', () => socket.write(head)),
    (origin) => {
      const { headers } = get(origin);
      assert.deepEqual(headers.getSetCookie(), ['a=1', 'b=2']);
      assert.equal(typeof headers.get('x-name'), 'string');
    },
  );
});

test('informational answers are passed over', () => {
  withRawServer(
    (socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
      ),
    (origin) => {
      const response = get(origin);
      assert.deepEqual([response.status, response.text(), response.headers.get('link')], [200, 'ok', null]);
    },
  );
});

test('python’s http.server is understood', () => {
  const script =
    'import http.server, sys\ns = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)\nprint(s.server_port, flush=True)\ns.serve_forever()';
  using python = new Popen('python3', ['-c', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const port = python.stdout.readLine();
  const listing = get(`http://127.0.0.1:${port}/`);
  assert.equal(listing.status, 200);
  assert.match(listing.text(), /Directory listing/);
  assert.equal(get(`http://127.0.0.1:${port}/none`).status, 404);
  assert.equal(post(`http://127.0.0.1:${port}/`, 'x').status, 501);
});

test('many requests at once are each answered with their own', () => {
  const handler: Handler = ({ url }, response) => void setTimeout(() => response.end(url), Math.random() * 5);
  withServer(handler, (origin) => {
    const all = Array.from({ length: 300 }, (_, n) => spawn(() => get(`${origin}/${n}`).text()));
    all.forEach((one, n) => assert.equal(one.get(), `/${n}`));
  });
});

test('bad input is refused with its value, before anything is sent', () => {
  let seen = 0;
  withServer(
    () => seen++,
    (origin) => {
      assert.throws(() => get('/relative'), { name: 'TypeError', code: 'ERR_INVALID_URL' });
      assert.throws(() => get('ftp://host/'), { name: 'TypeError', message: /ftp:\/\/host/ });
      assert.throws(() => request(origin, { method: 'BAD METHOD' }), { name: 'TypeError', message: /"BAD METHOD"/ });
      assert.throws(() => get(origin, { headers: { 'bad name': 'x' } }), { name: 'TypeError', message: /bad name/ });
      assert.throws(() => get(origin, { headers: { name: 'a\nb' } }), { name: 'TypeError', message: /name/ });
      assert.throws(() => get(origin, { timeout: -1 }), { name: 'RangeError', message: /-1/ });
      assert.throws(() => get(origin, { headersTimeout: -2 }), { name: 'RangeError', message: /-2/ });
      assert.throws(() => get(origin, { redirect: 'maybe' as never }), { name: 'TypeError', message: /"maybe"/ });
      assert.throws(() => get(origin, { maxRedirects: -3 }), { name: 'RangeError', message: /-3/ });
      assert.throws(() => get(origin, { signal: 4 as never }), { name: 'TypeError', message: /4/ });
      assert.throws(() => get(origin, { retry: -5 }), { name: 'RangeError', message: /-5/ });
      assert.throws(() => get(origin, { retry: 'six' as never }), { name: 'TypeError', message: /"six"/ });
      assert.throws(() => post(origin, 7 as never), { name: 'TypeError', message: /7/ });
      assert.throws(() => post(origin, new Date() as never), TypeError);
      assert.throws(() => post(origin, 'x', { json: 'y' }), { name: 'TypeError', message: /not both/ });
      assert.throws(() => post(origin, undefined, { json: () => {} }), TypeError);
      assert.equal(seen, 0);
    },
  );
});

testOnMain('on the event loop’s own stack a request is refused, but what is there already can be read', async () => {
  assert.throws(() => get('http://127.0.0.1:1/'), BlockingSwitchOutError);
  await run(() =>
    withServer(echo, (origin) => {
      const response = get(origin);
      assert.ok(response.json<Echo>());
      setImmediate(() => assert.equal(response.json<Echo>().method, 'GET'));
      sleep(5);
    }),
  );
});

nodeTest('Node’s own fetch works beside the client', async () => {
  const server = http.createServer((_, response) => response.end('fetched')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  assert.equal(await run(() => get(origin).text()), 'fetched');
  assert.equal(await (await fetch(origin)).text(), 'fetched');
  assert.equal(await run(() => wait((signal) => fetch(origin, { signal })).status), 200);
  server.closeAllConnections();
  server.close();
  assert.equal(getHub().stats.alive, 0);
});
