import assert from 'node:assert/strict';
import { wait } from 'greenlets';
import { Redis } from 'ioredis';
import { test } from '../../../test/support/leaks.ts';
import { History } from '../history.ts';
import { RedisBus } from '../redis-bus.ts';
import { Person, withChat } from './chat.ts';
import { whyNoRedis, withRedis } from './redis.ts';

/** Calls `body` with the URLs of two chats that share a Redis, each with a history of its own; and with that of the Redis. */
function withTwoChats(body: (url1: string, url2: string, redis: string) => void): void {
  withRedis((redis) => {
    const histories = [new History(':memory:'), new History(':memory:')] as const;
    const [bus1, bus2] = [new RedisBus(redis, histories[0]), new RedisBus(redis, histories[1])];
    withChat((url1) => withChat((url2) => body(url1, url2, redis), histories[1], bus2), histories[0], bus1);
  });
}

test(
  'processes joined through Redis are one chat: messages in one order, names, people and private messages',
  () => {
    withTwoChats((url1, url2) => {
      using ada = new Person(url1, 'Ada', 'lobby');
      using bob = new Person(url2, 'Bob', 'lobby');
      assert.deepEqual(ada.next('people').joined, ['Bob']);
      for (let i = 1; i <= 20; i++) {
        ada.say('lobby', `ada ${i}`);
        bob.say('lobby', `bob ${i}`);
      }
      const heard = Array.from({ length: 40 }, () => ada.hear());
      assert.equal(new Set(heard).size, 40);
      assert.deepEqual(
        Array.from({ length: 40 }, () => bob.hear()),
        heard,
      );
      ada.say('@Bob', 'in private');
      assert.deepEqual([bob.hear(), ada.hear()], ['in private', 'in private']);
      using stranger = new Person(url1, 'bob', null, 'the key of another Bob');
      assert.equal(stranger.next('error').text, 'somebody else is called bob');
      using cat = new Person(url1, 'Cat');
      assert.deepEqual(cat.join('lobby'), heard);
      bob.socket.close();
      assert.deepEqual(ada.next('people').joined, ['Cat']);
      assert.deepEqual(ada.next('people').left, ['Bob']);
    });
  },
  whyNoRedis,
);

test(
  'what pub/sub loses, because its connection breaks, is delivered all the same: once and in order',
  () => {
    withTwoChats((url1, url2, url) => {
      using ada = new Person(url1, 'Ada', 'lobby');
      using bob = new Person(url2, 'Bob', 'lobby');
      const redis = new Redis(url);
      for (let i = 1; i <= 30; i++) {
        wait(i % 10 === 5 ? redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub') : redis.ping());
        ada.say('lobby', `${i}`);
      }
      redis.disconnect();
      const all = Array.from({ length: 30 }, (_, i) => `${i + 1}`);
      for (const person of [ada, bob]) {
        assert.deepEqual(
          Array.from({ length: 30 }, () => person.hear()),
          all,
        );
      }
    });
  },
  whyNoRedis,
);

test(
  'a process that starts later finds what was said in Redis, and one that posts again says nothing twice',
  () => {
    withRedis((redis) => {
      const first = new History(':memory:');
      withChat(
        (url) => {
          using ada = new Person(url, 'Ada', 'lobby');
          ada.say('lobby', 'said before', 'reference-1');
          assert.equal(ada.hear(), 'said before');
        },
        first,
        new RedisBus(redis, first),
      );
      const second = new History(':memory:');
      withChat(
        (url) => {
          using ada = new Person(url, 'Ada');
          assert.deepEqual(ada.join('lobby'), ['said before']);
          ada.say('lobby', 'said before', 'reference-1');
          ada.say('lobby', 'said now');
          assert.equal(ada.hear(), 'said now');
        },
        second,
        new RedisBus(redis, second),
      );
    });
  },
  whyNoRedis,
);
