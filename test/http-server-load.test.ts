/** A server under load, in a process of its own, so that its memory is its own, too. */
import assert from 'node:assert/strict';
import { all, spawn } from 'greenlets';
import { get, post } from 'greenlets/http';
import { Barrier } from 'greenlets/lock';
import { Socket } from 'greenlets/socket';
import { Popen } from 'greenlets/subprocess';
import { test } from './support/leaks.ts';

const MEGABYTE = 1024 * 1024;

const SERVER = `
  import { run, sleep } from 'greenlets';
  import { HttpServer } from 'greenlets/http';
  await run(() => {
    const server = new HttpServer({ host: '127.0.0.1', port: 0, bodyLimit: null, keepAliveTimeout: 60_000, handle, ...LIMITS });
    server.start();
    console.log(server.address.port);
    server.serveForever();
  });
  function handle({ path, body }) {
    if (path === '/echo') return body;
    if (path === '/memory') return String(process.memoryUsage.rss());
    if (path.startsWith('/slow')) sleep(20);
    return path;
  }`;

function withServer(body: (port: number, memory: () => number) => void, limits = {}): void {
  using server = new Popen(
    process.execPath,
    ['--input-type=module', '-e', SERVER.replace('LIMITS', JSON.stringify(limits))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const port = Number(server.stdout.readLine());
  body(port, () => Number(get(`http://127.0.0.1:${port}/memory`).text()));
}

/** Sends a request on a connection that stays. @returns the body of the response. */
function ask(socket: Socket, path: string): string {
  socket.sendAll(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const head = socket.readUntil('\r\n\r\n').toString();
  return socket.recvExactly(Number(/content-length: (\d+)/i.exec(head)?.[1])).toString();
}

test('5,000 connections at once are each served, again and again', () => {
  const connections = 5_000;
  withServer((port) => {
    const together = new Barrier(connections);
    const served = Array.from({ length: connections }, (_, i) =>
      spawn(() => {
        using socket = Socket.connect({ host: '127.0.0.1', port });
        together.wait();
        const answers = [ask(socket, `/first/${i}`), ask(socket, `/second/${i}`)];
        together.wait();
        return answers.join() === `/first/${i},/second/${i}`;
      }),
    );
    assert.equal(all(served).filter(Boolean).length, connections);
  });
});

test('a gigabyte streams through a server and back, and memory stays flat', () => {
  const pieces = 16 * 1024;
  const piece = Buffer.alloc(MEGABYTE / 16, 'x');
  withServer((port, memory) => {
    function* upload(): Generator<Buffer> {
      for (let i = 0; i < pieces; i++) yield piece;
    }
    const before = memory();
    let most = 0;
    let received = 0;
    for (const chunk of post(`http://127.0.0.1:${port}/echo`, upload()).body) {
      received += chunk.length;
      if (received % (128 * MEGABYTE) < chunk.length) most = Math.max(most, memory());
    }
    assert.equal(received, 1024 * MEGABYTE);
    assert.ok(most - before < 150 * MEGABYTE, `it has grown by ${(most - before) / MEGABYTE} MB`);
  });
});

test('under twice the load it can take, each request has its own answer or is refused, and none is lost', () => {
  // 50 at a time for 20 ms each, and 100 that wait for room: 300 at once are twice what there is room for.
  const clients = 300;
  const requests = 10;
  const overload = (port: number, memory: () => number): void => {
    const before = memory();
    const statuses = Array.from({ length: clients }, (_, client) =>
      spawn(() =>
        Array.from({ length: requests }, (_, i) => {
          const path = `/slow/${client}/${i}`;
          const response = get(`http://127.0.0.1:${port}${path}`);
          assert.equal(response.text(), response.ok ? path : 'Service Unavailable\n');
          return response.status;
        }),
      ),
    );
    const answers = all(statuses).flat();
    const served = answers.filter((status) => status === 200).length;
    const refused = answers.filter((status) => status === 503).length;
    assert.equal(served + refused, clients * requests);
    assert.ok(served >= 150 && refused > 0, `${served} were served, ${refused} refused`);
    assert.ok(memory() - before < 150 * MEGABYTE);
  };
  withServer(overload, { spawn: 50, backlog: 100 });
});
