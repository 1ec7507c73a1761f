import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitEvent } from 'greenlets';
import { get } from 'greenlets/http';
import { Socket } from 'greenlets/socket';
import { Popen } from 'greenlets/subprocess';
import { WebSocket } from 'ws';
import { test } from '../../../test/support/leaks.ts';
import { History } from '../history.ts';
import { Outbox } from '../outbox.ts';
import { ServerProcess } from '../trial/server-process.ts';
import { Person, withChat } from './chat.ts';

test('what is said in a room comes to everyone in it, in one order, and to nobody else', () => {
  withChat((url) => {
    using ada = new Person(url, 'Ada', 'lobby');
    ada.join('tea');
    using bob = new Person(url, 'Bob', 'lobby');
    ada.say('tea', 'not for Bob');
    for (let i = 1; i <= 5; i++) {
      ada.say('lobby', `ada ${i}`);
      bob.say('lobby', `bob ${i}`);
    }
    assert.equal(ada.hear(), 'not for Bob');
    const heard = Array.from({ length: 10 }, () => bob.next('message').message);
    assert.deepEqual(
      Array.from({ length: 10 }, () => ada.next('message').message),
      heard,
    );
    assert.deepEqual(
      heard.map(({ id }) => id),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.deepEqual(
      heard.filter(({ from }) => from === 'Ada').map(({ text }) => text),
      ['ada 1', 'ada 2', 'ada 3', 'ada 4', 'ada 5'],
    );
  });
});

test('one who comes later gets the history, the latest page of it first', () => {
  const history = new History(':memory:');
  for (let i = 1; i <= 70; i++) {
    history.append('lobby', { from: 'Ada', to: null, text: `${i}`, at: i, ref: `reference-${i}` });
  }
  withChat((url) => {
    using bob = new Person(url, 'Bob');
    const latest = bob.join('lobby');
    assert.deepEqual([latest.length, latest[0], latest.at(-1)], [50, '21', '70']);
    bob.send({ type: 'history', room: 'lobby', before: 21 });
    const { messages, more } = bob.next('history');
    assert.deepEqual([messages.length, messages[0]?.text, more], [20, '1', false]);
  }, history);
});

test('one who was away gets what was said since, once', () => {
  withChat((url) => {
    using ada = new Person(url, 'Ada', 'lobby');
    ada.say('lobby', 'one');
    ada.say('lobby', 'two');
    ada.say('lobby', 'three');
    for (let i = 0; i < 3; i++) ada.hear();
    using bob = new Person(url, 'Bob');
    assert.deepEqual(bob.join('lobby', 1), ['two', 'three']);
    ada.say('lobby', 'four');
    assert.equal(bob.hear(), 'four');
  });
});

test('what a client says twice under one ref, because it heard no answer, is said once', () => {
  withChat((url) => {
    using ada = new Person(url, 'Ada', 'lobby');
    ada.say('lobby', 'once', 'reference-1');
    ada.say('lobby', 'once', 'reference-1');
    ada.say('lobby', 'then');
    assert.deepEqual([ada.hear(), ada.hear()], ['once', 'then']);
  });
});

test('a private message comes to the two, and nobody who takes the name later gets to see it', () => {
  withChat((url) => {
    using ada = new Person(url, 'Ada', 'lobby');
    const bob = new Person(url, 'Bob', 'lobby');
    using eve = new Person(url, 'Eve', 'lobby');
    ada.say('@bob', 'for you alone');
    const { room, message } = bob.next('message');
    assert.deepEqual([room, message.from, message.to, message.text], ['@', 'Ada', 'bob', 'for you alone']);
    assert.equal(ada.hear(), 'for you alone');
    bob.say('lobby', 'for all');
    assert.equal(eve.hear(), 'for all');
    bob.socket.close();
    while (!eve.next('people').left.includes('Bob'));
    using stranger = new Person(url, 'Bob', null, 'the key of another Bob');
    assert.deepEqual(stranger.historyOf('@'), []);
    ada.say('@Nobody', 'anybody there?');
    assert.equal(ada.next('error').text, 'Nobody is not here');
  });
});

test('a nickname belongs to one person at a time, in any case of its letters; who has the key may be here twice', () => {
  withChat((url) => {
    using ada = new Person(url, 'Ada', 'lobby');
    using window = new Person(url, 'Ada', 'lobby');
    ada.say('lobby', 'in both windows');
    assert.equal(window.hear(), 'in both windows');
    using other = new Person(url, 'ADA', null, 'the key of somebody else');
    assert.equal(other.next('error').text, 'somebody else is called ADA');
  });
});

test('everyone sees who comes, who leaves and who is typing', () => {
  withChat((url) => {
    using ada = new Person(url, 'Ada', 'lobby');
    const bob = new Person(url, 'Bob', 'lobby');
    assert.deepEqual(ada.next('people').joined, ['Bob']);
    bob.send({ type: 'typing', to: 'lobby' });
    assert.equal(ada.next('typing').name, 'Bob');
    bob.send({ type: 'typing', to: '@Ada' });
    assert.equal(ada.next('typing').room, '@');
    using cat = new Person(url, 'Cat');
    cat.send({ type: 'join', room: 'lobby' });
    while (cat.next('joined').room !== 'lobby');
    assert.deepEqual(ada.next('people').joined, ['Cat']);
    bob.send({ type: 'leave', room: 'lobby' });
    assert.deepEqual(ada.next('people').left, ['Bob']);
    bob.socket.close();
  });
});

test('a room survives clients whose connections break, and those that send nonsense', () => {
  withChat((url) => {
    using ada = new Person(url, 'Ada', 'lobby');
    const bob = new WebSocket(new URL('socket', url.replace(/^http/, 'ws')));
    waitEvent(bob, 'open');
    bob.send(JSON.stringify({ type: 'hello', name: 'Bob', key: '0123456789abcdef' }));
    bob.send(JSON.stringify({ type: 'join', room: 'lobby' }));
    assert.deepEqual(ada.next('people').joined, ['Bob']);
    bob.terminate();
    assert.deepEqual(ada.next('people').left, ['Bob']);
    for (const nonsense of ['{', '[]', '{"type":"shout"}', '{"type":"join"}', 'null']) ada.socket.send(nonsense);
    for (let i = 0; i < 5; i++) ada.next('error');
    using cat = new Person(url, 'Cat', 'lobby');
    ada.say('lobby', 'two');
    assert.deepEqual([cat.hear(), ada.hear()], ['two', 'two']);
  });
});

test('too long a text is refused, too long a request closes the connection', () => {
  withChat((url) => {
    using ada = new Person(url, 'Ada', 'lobby');
    ada.say('lobby', 'x'.repeat(2001));
    assert.match(ada.next('error').text, /2000/);
    ada.say('lobby', 'x'.repeat(2000));
    assert.equal(ada.hear().length, 2000);
    ada.say('lobby', 'x'.repeat(20_000));
    while (ada.recv() !== null);
    assert.equal(ada.socket.closeCode, 1009);
  });
});

test('one who is too fast is told so and read more slowly; nothing is lost', () => {
  withChat((url) => {
    using ada = new Person(url, 'Ada', 'lobby');
    const texts = Array.from({ length: 60 }, (_, i) => `${i}`);
    const begun = performance.now();
    for (const text of texts) ada.say('lobby', text);
    assert.match(ada.next('error').text, /not so fast/);
    const heard = [];
    while (heard.at(-1) !== '59') heard.push(ada.hear());
    assert.ok(performance.now() - begun > 4000);
    assert.deepEqual(heard, texts.slice(-heard.length));
  });
});

test('what is said outlives the server', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chat-'));
  const file = path.join(folder, 'chat.db');
  for (const text of ['first', 'second']) {
    const history = new History(file);
    withChat((url) => {
      using ada = new Person(url, 'Ada', 'lobby');
      ada.say('lobby', text);
      assert.equal(ada.hear(), text);
    }, history);
    history.close();
  }
  const history = new History(file);
  assert.deepEqual(
    history.before('lobby').messages.map(({ id, text }) => [id, text]),
    [
      [1, 'first'],
      [2, 'second'],
    ],
  );
  history.close();
  rmSync(folder, { recursive: true });
});

test('a slow reader is skipped, in order and told how much, and gets its answers all the same', () => {
  const outbox = new Outbox();
  for (let i = 1; i <= 300; i++) outbox.offer(`${i}`);
  const told = outbox[Symbol.iterator]();
  for (let i = 1; i <= 256; i++) {
    assert.equal(told.next().value, `${i}`);
    if (i === 100) outbox.offer('skipped too');
  }
  assert.equal(told.next().value, '{"type":"skipped","count":45}');
  outbox.offer('301');
  outbox.put({ type: 'error', text: 'answer', ref: null });
  assert.equal(told.next().value, '301');
  assert.equal(told.next().value, '{"type":"error","text":"answer","ref":null}');
});

test('the page comes with its parts, and lets nothing else in', () => {
  withChat((url) => {
    const page = get(url);
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    for (const [, part] of page.text().matchAll(/(?:src|href)="([^"]+)"/g)) {
      assert.equal(get(new URL(part as string, url)).status, 200, part);
    }
    assert.equal(get(new URL('/main.js/../../main.ts', url)).status, 404);
  });
});

test('the command says where it is, and ends clients in good order', () => {
  using server = new ServerProcess();
  using ada = new Person(server.url, 'Ada', 'lobby');
  assert.equal(server.stop('SIGTERM'), 143);
  while (ada.recv() !== null);
  assert.equal(ada.socket.closeCode, 1001);
});

test('a server that a program has started for itself ends with it, even if that is killed', () => {
  const program = `import { run, sleep } from 'greenlets';
    import { ServerProcess } from '${new URL('../trial/server-process.js', import.meta.url)}';
    await run(() => {
      const server = new ServerProcess();
      console.log(server.url);
      sleep(60_000);
    });`;
  using starter = new Popen(process.execPath, ['--input-type=module', '--eval', program]);
  const { hostname, port } = new URL(starter.stdout.readLine() as string);
  using socket = Socket.connect({ host: hostname, port: Number(port) });
  starter.kill('SIGKILL');
  assert.equal(socket.recv().length, 0);
});
