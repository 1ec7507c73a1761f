/** Unix sockets that nobody but their owner can connect to. */
import { lstatSync, mkdirSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { GreenletError } from '../errors.ts';

const OTHERS = 0o077;

/** @throws {GreenletError} with code `ERR_GREENLETS_UNSUPPORTED` in a worker: the mode of new files is not its to set. */
export function assertMainThread(): void {
  if (isMainThread) return;
  throw new GreenletError('only the main thread can make a private Unix socket', 'ERR_GREENLETS_UNSUPPORTED');
}

/** Begins to listen at `path`, with mode 0600 from the first moment on. @throws {GreenletError} as `assertMainThread`. */
export function listenPrivately(server: Server, path: string): void {
  assertMainThread();
  const before = process.umask(OTHERS | 0o100);
  try {
    server.listen({ path, exclusive: true }); // the socket is made before this returns
  } finally {
    process.umask(before);
  }
}

/** Where the sockets of this user's processes are: the same folder for all of them, whatever their environments say. */
export function socketDirectory(uid: number): string {
  return `/tmp/greenlets-${uid}`;
}

/** Where process `pid` of user `uid` can be inspected, if it lets that be done. */
export function inspectionSocket(uid: number, pid: number): string {
  return join(socketDirectory(uid), `${pid}.sock`);
}

/** Makes the folder, if it is not there. @throws {GreenletError} as `assertPrivate`. */
export function makeSocketDirectory(uid: number): void {
  const directory = socketDirectory(uid);
  mkdirSync(directory, { mode: 0o700, recursive: true });
  assertPrivate(directory, uid);
}

/** @throws {GreenletError} with code `ERR_GREENLETS_NOT_PRIVATE` if somebody else than `uid` can write to the folder. */
export function assertPrivate(directory: string, uid: number): void {
  const stats = lstatSync(directory);
  if (stats.isDirectory() && stats.uid === uid && (stats.mode & OTHERS) === 0) return;
  throw new GreenletError(
    `${directory} must be a folder of user ${uid} alone (mode 700), and is not: remove it`,
    'ERR_GREENLETS_NOT_PRIVATE',
  );
}
