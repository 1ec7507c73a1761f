/** A server that the programs of a case talk to, in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bench } from './paths.mjs';

/** Starts a file of `servers/`. @returns its URL, and how to stop it. */
export async function startServer(file) {
  const child = fork(join(bench, 'servers', file));
  const [port] = await once(child, 'message');
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() };
}
