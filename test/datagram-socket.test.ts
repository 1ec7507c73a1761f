import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { sleep, spawn, Timeout } from 'greenlets';
import { ConcurrentObjectUseError, DatagramSocket } from 'greenlets/socket';
import { test } from './support/leaks.ts';

const hasCode = (code: string) => (error: unknown) => (error as { code?: unknown }).code === code;
const portOf = (socket: DatagramSocket): number => (socket.address as { port: number }).port;
const bindHere = (): DatagramSocket => DatagramSocket.bind({ host: '127.0.0.1' });

test('datagrams come whole and in order, with where they came from', () => {
  using near = bindHere();
  using far = bindHere();
  for (const text of ['one', 'two', '']) near.sendTo(text, { host: '127.0.0.1', port: portOf(far) });
  const first = far.recvFrom(1000);
  assert.deepEqual(first, { data: Buffer.from('one'), address: '127.0.0.1', port: portOf(near) });
  assert.equal(far.recvFrom(1000).data.toString(), 'two');
  assert.equal(far.recvFrom(1000).data.length, 0);
  far.sendTo(Buffer.from('answer'), first);
  assert.equal(near.recvFrom(1000).data.toString(), 'answer');
});

test('a reader that is timed out or killed loses no datagram', () => {
  using near = bindHere();
  using far = bindHere();
  assert.throws(() => far.recvFrom(5), Timeout);
  assert.throws(() => far.recvFrom(0), Timeout);
  const killed = spawn(() => far.recvFrom());
  sleep(0);
  assert.throws(() => far.recvFrom(), ConcurrentObjectUseError);
  killed.kill();
  near.sendTo('kept', { host: 'localhost', port: portOf(far) });
  assert.equal(far.recvFrom(1000).data.toString(), 'kept');
});

test('close() raises in the reader and in later calls', () => {
  const socket = bindHere();
  const reader = spawn(() => socket.recvFrom());
  sleep(0);
  socket.close();
  socket.close();
  assert.throws(() => reader.get(), hasCode('ERR_GREENLETS_CLOSED'));
  assert.throws(() => socket.recvFrom(), hasCode('ERR_GREENLETS_CLOSED'));
  assert.throws(() => socket.sendTo('x', { port: 1 }), hasCode('ERR_GREENLETS_CLOSED'));
});

test("bad input is refused, Node's errors pass through", () => {
  using socket = bindHere();
  assert.throws(() => DatagramSocket.bind({ port: -1 }), /RangeError.*-1/);
  assert.throws(() => DatagramSocket.bind({ host: '127.0.0.1', port: portOf(socket) }), hasCode('EADDRINUSE'));
  assert.throws(() => socket.sendTo(7 as never, { port: 1 }), /TypeError.*7/);
  assert.throws(() => socket.sendTo('x', { port: 70_000 }), /RangeError.*70000/);
  assert.throws(() => socket.sendTo(Buffer.alloc(70_000), { host: '127.0.0.1', port: 9 }), hasCode('EMSGSIZE'));
});

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

test(
  'an IPv6 host gives an IPv6 socket',
  () => {
    using near = DatagramSocket.bind({ host: '::1' });
    using far = DatagramSocket.bind({ host: '::1' });
    assert.equal((near.address as { family: string }).family, 'IPv6');
    near.sendTo('six', { host: '::1', port: portOf(far) });
    assert.equal(far.recvFrom(1000).data.toString(), 'six');
  },
  hasIPv6 ? false : 'there is no IPv6 here',
);
