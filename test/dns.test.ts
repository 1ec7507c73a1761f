import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import nodeDns from 'node:dns';
import { test as nodeTest } from 'node:test';
import { expectTypeOf } from 'expect-type';
import { BlockingSwitchOutError, sleep, spawn, Timeout, waitEvent, withTimeout } from 'greenlets';
import dns, { lookup, Resolver, resolve, resolve4, resolveTxt, reverse, setServers } from 'greenlets/dns';
import { test, testOnMain } from './support/leaks.ts';

/** The answer of a name server: one record of type A or TXT. Names that begin with `silent` get none. */
function answer(question: Buffer): Buffer | null {
  const end = question.indexOf(0, 12) + 5;
  const name = question.subarray(13, 13 + (question[12] ?? 0)).toString();
  if (name === 'silent') return null;
  const type = question.readUInt16BE(end - 4);
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(name === 'none' ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(name === 'none' ? 0 : 1, 6);
  header.writeUInt32BE(0, 8);
  const body = question.subarray(12, end);
  if (name === 'none') return Buffer.concat([header, body]);
  const data = type === 1 ? Buffer.from([192, 0, 2, 7]) : Buffer.from('\x05hello', 'latin1');
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([header, body, record, data]);
}

/** Runs `body` with a name server; gives it the server's address. */
function withNameServer(body: (address: string, questions: () => number) => void): void {
  const socket = dgram.createSocket('udp4');
  const before = dns.getServers();
  let questions = 0;
  socket.on('message', (question, { port, address }) => {
    questions++;
    const reply = answer(question);
    if (reply !== null) socket.send(reply, port, address);
  });
  socket.bind(0, '127.0.0.1');
  waitEvent(socket, 'listening');
  try {
    body(`127.0.0.1:${socket.address().port}`, () => questions);
  } finally {
    setServers(before);
    socket.close();
  }
}

nodeTest('every function and constant of node:dns/promises that this Node has is there', () => {
  const theirs = nodeDns.promises as unknown as Record<string, unknown>;
  const ours = dns as unknown as Record<string, unknown>;
  assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
  for (const [name, value] of Object.entries(theirs)) {
    if (typeof value === 'function') assert.equal(typeof ours[name], 'function', name);
    else assert.equal(ours[name], value);
  }
});

nodeTest('the types are those of node:dns/promises without the promises', () => {
  const calls = () => ({
    address: lookup('a').address,
    all: lookup('a', { all: true }),
    a: resolve4('a'),
    t: resolve('a', 'TXT'),
  });
  expectTypeOf(calls).returns.toEqualTypeOf<{
    address: string;
    all: nodeDns.LookupAddress[];
    a: string[];
    t: string[][];
  }>();
});

test('a name is looked up in the system', () => {
  assert.deepEqual(lookup('127.0.0.1'), { address: '127.0.0.1', family: 4 });
  assert.ok(lookup('localhost', { all: true }).length > 0);
  assert.throws(() => lookup('no.such.name.invalid'), { syscall: 'getaddrinfo' });
});

test('records are asked for, of the servers that Node has', () => {
  withNameServer((address) => {
    setServers([address]);
    assert.deepEqual(resolve4('some.test'), ['192.0.2.7']);
    assert.deepEqual(resolveTxt('some.test'), [['hello']]);
    assert.deepEqual(resolve('some.test', 'TXT'), [['hello']]);
    assert.deepEqual(resolve('some.test'), ['192.0.2.7']);
    assert.throws(() => resolve4('none.test'), { code: dns.NOTFOUND, syscall: 'queryA', hostname: 'none.test' });
    setServers(['127.0.0.1:1']);
    assert.deepEqual(dns.getServers(), ['127.0.0.1:1']);
    assert.throws(() => resolve4('some.test'), { code: dns.CONNREFUSED });
    assert.throws(() => resolve4(5 as never), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => reverse('nonsense'), { code: 'EINVAL' });
  });
});

test('a query that is cut short is cancelled, and only that one', () => {
  withNameServer((address, questions) => {
    setServers([address]);
    const cut = spawn(() => resolve4('silent.test'));
    while (questions() === 0) sleep(1);
    const other = spawn(() => assert.throws(() => withTimeout(50, () => resolve4('silent.test')), Timeout));
    while (questions() === 1) sleep(1);
    cut.kill();
    assert.ok(cut.killed);
    assert.deepEqual(resolve4('some.test'), ['192.0.2.7']);
    other.get();
    // Uncancelled, a query holds a socket for seconds.
    assert.deepEqual(process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length, 1);
  });
});

test('a failed query cancels no later one', () => {
  withNameServer((address) => {
    setServers([address]);
    const outcomes = Array.from({ length: 20 }, (_, n) =>
      spawn(() => {
        try {
          return resolve4(n % 2 === 0 ? 'none.test' : 'some.test')[0];
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
      }),
    ).map((greenlet) => greenlet.get());
    assert.deepEqual(
      outcomes,
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'ENOTFOUND' : '192.0.2.7')),
    );
  });
});

test('a Resolver blocks, and cancel() ends its queries', () => {
  withNameServer((address, questions) => {
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    resolver.setServers([address]);
    assert.deepEqual(resolver.getServers(), [address]);
    assert.deepEqual(resolver.resolve4('some.test'), ['192.0.2.7']);
    assert.deepEqual(resolver.resolve('some.test', 'TXT'), [['hello']]);
    const waiting = spawn(() => resolver.resolve4('silent.test'));
    while (questions() < 3) sleep(1);
    resolver.cancel();
    assert.throws(() => waiting.get(), { code: dns.CANCELLED });
  });
});

testOnMain('on the event loop’s own stack a lookup throws', () => {
  assert.throws(() => lookup('localhost'), BlockingSwitchOutError);
  assert.throws(() => resolve4('localhost'), BlockingSwitchOutError);
});
