/** Asks a running process for what it lets be seen, over its private socket. Nothing is sent to the process itself. */
import { existsSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { GreenletError } from '../../errors.ts';
import { assertPrivate, inspectionSocket, socketDirectory } from '../../observe/private-socket.ts';
import { UsageError } from '../usage.ts';

/** A process that has not answered for so long, in ms, is taken to be stuck. */
const PATIENCE = 10_000;

/** The process id in the arguments of `greenlets <command> <pid>`. */
export function readPid(command: string, args: string[]): number {
  const [pid = ''] = args;
  if (args.length === 1 && /^[1-9]\d*$/.test(pid)) return Number(pid);
  throw new UsageError(`usage: greenlets ${command} <pid>`);
}

/**
 * What process `pid` answers to `page`.
 *
 * @throws {GreenletError} with code `ERR_GREENLETS_NO_PROCESS` if there is none, `ERR_GREENLETS_NOT_INSPECTABLE` if it
 * does not let itself be inspected, `ERR_GREENLETS_STUCK` if it does not answer.
 */
export async function ask(pid: number, page: '/ps' | '/top' | '/dump'): Promise<string> {
  const path = findSocket(pid);
  try {
    return await get(path, page);
  } catch (cause) {
    if ((cause as { name?: unknown }).name === 'TimeoutError') {
      const message = `process ${pid} does not answer: something hogs its event loop (see startMonitor)`;
      throw new GreenletError(message, 'ERR_GREENLETS_STUCK', { cause });
    }
    throw notInspectable(pid, cause);
  }
}

function findSocket(pid: number): string {
  const { uid } = statSync(`/proc/${pid}`, { throwIfNoEntry: false }) ?? {};
  if (uid === undefined) throw new GreenletError(`there is no process ${pid}`, 'ERR_GREENLETS_NO_PROCESS');
  const path = inspectionSocket(uid, pid);
  if (!existsSync(path)) throw notInspectable(pid);
  assertPrivate(socketDirectory(uid), uid);
  return path;
}

function notInspectable(pid: number, cause?: unknown): GreenletError {
  return new GreenletError(
    `process ${pid} cannot be inspected by you: start it with GREENLETS_INSPECT=1, or by ` +
      '`greenlets --inspect-greenlets app.ts`, as the same user',
    'ERR_GREENLETS_NOT_INSPECTABLE',
    { cause },
  );
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PATIENCE);
    const asked = request({ socketPath, path, signal, agent: false }, (response) => {
      text(response).then(resolve, reject);
    });
    asked.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    asked.end();
  });
}
