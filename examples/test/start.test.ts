import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Listener } from 'greenlets/socket';
import { run } from 'greenlets/subprocess';
import { test } from '../../test/support/leaks.ts';
import { COMMAND } from '../../test/support/program.ts';

/** The servers, each with arguments up to its port, and what it says to choose another one. */
const SERVERS: [program: string, args: string[], another: string][] = [
  ['chat', ['--history', ':memory:', '--port'], '--port <n>'],
  ['frameworks', ['express'], 'express <port>'],
  ['game', ['--port'], '--port <n>'],
  ['web-server', ['--port'], '--port <n>'],
];

test('a server whose port is taken names it, says how to choose another one, and ends with 1', () => {
  using taken = Listener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = taken.address as { port: number };
  for (const [program, args, another] of SERVERS) {
    const main = fileURLToPath(new URL(`../${program}/main.js`, import.meta.url));
    const { code, stderr } = run(process.execPath, [COMMAND, main, ...args, String(port)], { encoding: 'utf8' });
    assert.equal(code, 1, stderr);
    assert.equal(stderr, `port ${port} of 127.0.0.1 is taken; for another one: ${another}\n`, program);
  }
});
