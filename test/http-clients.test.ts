import assert from 'node:assert/strict';
import { spawn as spawnProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, waitEvent } from 'greenlets';
import type { HttpRequest } from 'greenlets/http';
import { CERTIFICATE, KEY } from './support/certificate.ts';
import { withHttpServer } from './support/http.ts';
import { test } from './support/leaks.ts';
import { whyMissing } from './support/tools.ts';

interface Outcome {
  code: number | null;
  output: string;
}

/** Runs a client to its end while the server goes on. */
function runClient(command: string, args: string[], input = ''): Outcome {
  const client = spawnProcess(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  let output = '';
  client.stdout.setEncoding('latin1').on('data', (chunk) => (output += chunk));
  client.stdin.on('error', () => {});
  client.stdin.end(input);
  try {
    const [code] = waitEvent(client, 'close', { timeout: 30_000 }) as [number | null];
    return { code, output };
  } finally {
    client.kill();
  }
}

const curl = (...args: string[]): Outcome => runClient('curl', ['--silent', '--noproxy', '*', ...args]);
const withoutCurl = whyMissing('curl');

function handle(request: HttpRequest): unknown {
  switch (request.path) {
    case '/echo':
      return request.bytes();
    case '/count': {
      let length = 0;
      for (const piece of request.body) length += piece.length;
      return `${request.headers.get('transfer-encoding')} ${length}`;
    }
    case '/range': {
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.get('range') ?? '') ?? [];
      const whole = 'abcdefghij';
      const body = whole.slice(Number(from), Number(to) + 1);
      return { status: 206, headers: { 'content-range': `bytes ${from}-${to}/${whole.length}` }, body };
    }
    case '/stream':
      return (function* () {
        for (let i = 0; i < 3; i++) {
          yield `line ${i}\n`;
          sleep(2);
        }
      })();
    case '/cut':
      return (function* () {
        yield 'half';
        throw new Error('on purpose');
      })();
    default:
      return `${request.method} ${request.url} ${request.httpVersion}\n`;
  }
}
const options = { handle: handle as never, onError: () => {} };

test(
  'curl: HTTP/1.1 and 1.0, HEAD, keep-alive, ranges, streams',
  () => {
    withHttpServer(options, (port) => {
      const url = `http://127.0.0.1:${port}`;
      assert.equal(curl(`${url}/a?b=c`).output, 'GET /a?b=c 1.1\n');
      assert.equal(curl('--http1.0', url).output, 'GET / 1.0\n');
      assert.match(curl('--head', url).output, /^HTTP\/1.1 200 OK\r\n.*content-length: 11\r\n/is);
      assert.equal(curl('-w', '%{num_connects} ', url, url, url).output, 'GET / 1.1\n1 GET / 1.1\n0 GET / 1.1\n0 ');
      assert.equal(curl('--range', '2-4', `${url}/range`).output, 'cde');
      assert.equal(curl(`${url}/stream`).output, 'line 0\nline 1\nline 2\n');
      assert.equal(curl('--http1.0', `${url}/stream`).output, 'line 0\nline 1\nline 2\n');
    });
  },
  withoutCurl,
);

test(
  'curl: uploads with a length, in chunks, and after a 100-continue',
  () => {
    withHttpServer({ ...options, bodyLimit: 2_000_000 }, (port) => {
      const url = `http://127.0.0.1:${port}`;
      assert.equal(curl('--data-binary', 'hello', `${url}/echo`).output, 'hello');
      const upload = (size: number, ...args: string[]): Outcome =>
        runClient('curl', ['--silent', '--noproxy', '*', '-T', '-', ...args], 'x'.repeat(size));
      assert.equal(upload(1_500_000, `${url}/count`).output, 'chunked 1500000');
      assert.equal(upload(10, '-H', 'Expect: 100-continue', `${url}/echo`).output, 'x'.repeat(10));
      assert.match(upload(3_000_000, '-w', ' %{http_code}', `${url}/count`).output, / 413$/);
    });
  },
  withoutCurl,
);

test(
  'curl: a response that is cut is an error for the client, in either version',
  () => {
    withHttpServer(options, (port) => {
      const chunked = curl(`http://127.0.0.1:${port}/cut`);
      assert.deepEqual(chunked, { code: 18, output: 'half' }, '18: a part of the body is missing');
      assert.equal(curl('--http1.0', `http://127.0.0.1:${port}/cut`).code, 56, '56: the connection was reset');
    });
  },
  withoutCurl,
);

test(
  'curl: HTTPS with a checked certificate',
  () => {
    withHttpServer({ ...options, tls: { key: KEY, cert: CERTIFICATE } }, (port) => {
      const directory = mkdtempSync(join(tmpdir(), 'greenlets-'));
      try {
        const file = join(directory, 'certificate.pem');
        writeFileSync(file, CERTIFICATE);
        const { code, output } = curl('--cacert', file, `https://localhost:${port}/`);
        assert.deepEqual({ code, output }, { code: 0, output: 'GET / 1.1\n' });
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  },
  withoutCurl,
);

test(
  'openssl s_client: a request by hand over TLS ends in good order',
  () => {
    withHttpServer({ ...options, tls: { key: KEY, cert: CERTIFICATE } }, (port) => {
      const args = ['s_client', '-quiet', '-ign_eof', '-connect', `127.0.0.1:${port}`];
      const { code, output } = runClient('openssl', args, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      assert.match(output, /GET \/ 1.1\n$/);
      assert.equal(code, 0);
    });
  },
  whyMissing('openssl'),
);

test(
  'nc: a request by hand',
  () => {
    withHttpServer(options, (port) => {
      assert.match(runClient('nc', ['127.0.0.1', String(port)], 'GET / HTTP/1.0\r\n\r\n').output, /GET \/ 1.0\n$/);
    });
  },
  whyMissing('nc'),
);

const PYTHON = `
import http.client, sys
connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=10)
for _ in range(3):
    connection.request('POST', '/echo', body=b'x' * 100000)
    assert connection.getresponse().read() == b'x' * 100000
connection.request('POST', '/count', body=(b'y' * 1000 for _ in range(10)), encode_chunked=True,
                   headers={'Transfer-Encoding': 'chunked'})
assert connection.getresponse().read() == b'chunked 10000'
connection.request('GET', '/stream')
assert connection.getresponse().read() == b'line 0\\nline 1\\nline 2\\n'
connection.request('GET', '/cut')
try:
    connection.getresponse().read()
except http.client.IncompleteRead as error:
    assert error.partial == b'half'
    print('all went well')
`;

test(
  "python3's http.client: keep-alive, chunks both ways, a cut body",
  () => {
    withHttpServer(options, (port) => {
      assert.equal(runClient('python3', ['-c', PYTHON, String(port)]).output, 'all went well\n');
    });
  },
  whyMissing('python3'),
);

test(
  'a large body that streams in and one that streams out are not kept in memory',
  () => {
    const size = 200_000_000;
    const piece = Buffer.alloc(100_000);
    function* source(): Generator<Buffer> {
      for (let sent = 0; sent < size; sent += piece.length) yield piece;
    }
    let most = 0;
    const watch = (): void => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    };
    const through = (request: HttpRequest): Iterable<Buffer> | string => {
      if (request.method === 'GET') return source();
      let length = 0;
      for (const chunk of request.body) {
        length += chunk.length;
        watch();
      }
      return String(length);
    };
    withHttpServer({ handle: through, bodyLimit: null }, (port) => {
      const before = process.memoryUsage().arrayBuffers;
      const script = `curl -sN --noproxy '*' http://127.0.0.1:${port}/ | curl -s --noproxy '*' -T - http://127.0.0.1:${port}/`;
      assert.equal(runClient('sh', ['-c', script]).output, String(size));
      assert.ok(most - before < size / 2, `${most - before} bytes at most were held at a time`);
    });
  },
  withoutCurl,
);
