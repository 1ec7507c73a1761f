import assert from 'node:assert/strict';
import { spawn as spawnProcess } from 'node:child_process';
import type { TLSSocket } from 'node:tls';
import { type Greenlet, joinAll, sleep, spawn, Timeout, waitEvent } from 'greenlets';
import { Listener, Socket } from 'greenlets/socket';
import { Socket as TlsSocket } from 'greenlets/tls';
import { CERTIFICATE, KEY } from './support/certificate.ts';
import { test } from './support/leaks.ts';
import { whyMissing } from './support/tools.ts';

const SERVER = { isServer: true, key: KEY, cert: CERTIFICATE } as const;
const TRUST = { ca: CERTIFICATE };
const hasCode = (code: string) => (error: unknown) => (error as { code?: unknown }).code === code;

/** A listener; `serve` gets each connection in a greenlet of its own. All have ended in the end. */
function withListener(serve: (socket: Socket) => void, body: (port: number) => void): void {
  using listener = Listener.listen({ host: '127.0.0.1', port: 0 });
  const served: Greenlet<void>[] = [];
  const serving = spawn(() => {
    for (;;) served.push(spawn(serve, listener.accept()));
  });
  try {
    body((listener.address as { port: number }).port);
    joinAll(served, { timeout: 5000 });
  } finally {
    serving.kill();
  }
}

function echo(plain: Socket): void {
  using socket = plain.upgradeTls(SERVER);
  for (const chunk of socket) socket.sendAll(chunk);
}

test('a TLS client checks the certificate, and talks to a TLS server', () => {
  withListener(echo, (port) => {
    using socket = Socket.connect({ host: '127.0.0.1', port, tls: TRUST });
    assert.equal((socket.stream as TLSSocket).authorized, true);
    socket.sendAll('secret\n');
    assert.equal(socket.readLine(), 'secret');
    const big = Buffer.alloc(3_000_000, 'x');
    const sender = spawn(() => socket.sendAll(big));
    assert.ok(socket.recvExactly(big.length).equals(big));
    sender.get();
    socket.shutdown();
    assert.equal(socket.recv().length, 0);
  });
});

test('an untrusted certificate and a wrong name are refused with the code of Node', () => {
  const refused = (plain: Socket): void => {
    assert.throws(() => plain.upgradeTls(SERVER));
  };
  withListener(refused, (port) => {
    assert.throws(() => Socket.connect({ host: '127.0.0.1', port, tls: true }), hasCode('DEPTH_ZERO_SELF_SIGNED_CERT'));
    const other = { ...TRUST, servername: 'example.org' };
    assert.throws(
      () => Socket.connect({ host: '127.0.0.1', port, tls: other }),
      hasCode('ERR_TLS_CERT_ALTNAME_INVALID'),
    );
  });
});

test('the name in the TLS handshake is the host connected to', () => {
  let name: unknown;
  const serve = (plain: Socket): void => {
    using socket = plain.upgradeTls(SERVER);
    name = (socket.stream as TLSSocket).servername;
    socket.sendAll('x');
  };
  withListener(serve, (port) => {
    using socket = Socket.connect({ host: 'localhost', port, tls: TRUST });
    socket.recv();
    assert.equal(name, 'localhost');
  });
});

test('both sides upgrade in mid-connection, with the hello of the client already on its way', () => {
  const serve = (plain: Socket): void => {
    assert.equal(plain.readLine(), 'STARTTLS');
    plain.sendAll('GO\n');
    sleep(20); // the client's hello arrives in the plain socket
    using socket = plain.upgradeTls(SERVER);
    assert.throws(() => plain.recv(), hasCode('ERR_GREENLETS_CLOSED'));
    assert.throws(() => plain.sendAll('x'), hasCode('ERR_GREENLETS_CLOSED'));
    socket.sendAll(`you said ${socket.readLine()}\n`);
  };
  withListener(serve, (port) => {
    using plain = Socket.connect({ host: '127.0.0.1', port, timeout: 5000 });
    plain.sendAll('STARTTLS\n');
    assert.equal(plain.readLine(), 'GO');
    using socket = plain.upgradeTls({ ...TRUST, host: '127.0.0.1' });
    assert.equal(socket.timeout, 5000);
    socket.sendAll('hello\n');
    assert.equal(socket.readLine(), 'you said hello');
    assert.equal(socket.readLine(), null);
  });
});

test('a server that wants a certificate refuses clients without one', () => {
  const outcome: unknown[] = [];
  const serve = (plain: Socket): void => {
    try {
      plain.upgradeTls({ ...SERVER, requestCert: true, rejectUnauthorized: true, ca: CERTIFICATE }).close();
      outcome.push('accepted');
    } catch (error) {
      outcome.push((error as { code?: unknown }).code);
    }
  };
  withListener(serve, (port) => {
    try {
      using socket = Socket.connect({ host: '127.0.0.1', port, tls: TRUST, timeout: 5000 });
      socket.recv();
    } catch {
      // With TLS 1.3 the client learns of it after its own handshake, or not at all: the server decides.
    }
    while (outcome.length === 0) sleep(1);
    assert.notEqual(outcome[0], 'accepted');
    using known = Socket.connect({ host: '127.0.0.1', port, tls: { ...TRUST, key: KEY, cert: CERTIFICATE } });
    while (outcome.length === 1) sleep(1);
    assert.equal(outcome[1], 'accepted');
    known.close();
  });
});

test('a handshake that fails, stalls or is killed closes the connection', () => {
  const outcome: unknown[] = [];
  const serve = (plain: Socket): void => {
    plain.timeout = 50;
    try {
      plain.upgradeTls(SERVER);
    } catch (error) {
      outcome.push(error);
    }
  };
  withListener(serve, (port) => {
    using stalled = Socket.connect({ host: '127.0.0.1', port, timeout: 5000 });
    assert.equal(stalled.recv().length, 0);
    assert.ok(outcome[0] instanceof Timeout);
    using garbled = Socket.connect({ host: '127.0.0.1', port, timeout: 5000 });
    garbled.sendAll('GET / HTTP/1.1\r\n\r\n');
    while (garbled.recv().length > 0);
    assert.match((outcome[1] as { code: string }).code, /^ERR_SSL_/);
    using gone = Socket.connect({ host: '127.0.0.1', port });
    gone.close();
    while (outcome.length < 3) sleep(1);
    assert.equal((outcome[2] as { code: string }).code, 'ECONNRESET');
  });
});

test('greenlets/tls connects with TLS unless told otherwise', () => {
  withListener(echo, (port) => {
    using socket = TlsSocket.connect({ host: '127.0.0.1', port, tls: TRUST });
    socket.sendAll('x\n');
    assert.equal(socket.readLine(), 'x');
    assert.ok(socket instanceof Socket);
    socket.close();
  });
  const refused = (plain: Socket): void => {
    assert.throws(() => plain.upgradeTls(SERVER));
  };
  withListener(refused, (port) => {
    const undecided = { host: '127.0.0.1', port, tls: undefined } as never;
    assert.throws(() => TlsSocket.connect(undecided), hasCode('DEPTH_ZERO_SELF_SIGNED_CERT'));
  });
});

test(
  'openssl s_client talks to a TLS server',
  () => {
    const serve = (plain: Socket): void => {
      using socket = plain.upgradeTls(SERVER);
      socket.sendAll(`hello ${socket.readLine()}\n`);
    };
    withListener(serve, (port) => {
      const client = spawnProcess('openssl', ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      let output = '';
      client.stdout.on('data', (chunk) => (output += chunk));
      client.stdin.write('openssl\n');
      const [status] = waitEvent(client, 'close', { timeout: 10_000 });
      assert.equal(output, 'hello openssl\n');
      assert.equal(status, 0, 'the connection ended in good order');
    });
  },
  whyMissing('openssl'),
);
