/** Answers `greenlets ps|top|dump`: HTTP over a private Unix socket. */
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { engine } from '../engine/raw-greenlet.ts';
import { GreenletError } from '../errors.ts';
import { formatRunInfo } from './format-run-info.ts';
import { listGreenlets } from './listing.ts';
import { assertMainThread, inspectionSocket, listenPrivately, makeSocketDirectory } from './private-socket.ts';

/** CPU time is measured so long after it was asked for last, in ms. */
const MEASURE_FOR = 5000;

/** Those who have asked to be served, and what ends the one server that they share. */
let askers = 0;
let stop: () => void;

/**
 * Lets `greenlets ps`, `top` and `dump` look into this process: over a Unix socket that only its user (and root) can
 * connect to. `GREENLETS_INSPECT=1` and `greenlets --inspect-greenlets` call it. It keeps no process alive, and cannot
 * answer while something hogs the event loop.
 *
 * @returns what ends it; called more than once, the last of them does.
 * @throws {GreenletError} with code `ERR_GREENLETS_NOT_PRIVATE` if the folder of the socket is not this user's alone,
 * `ERR_GREENLETS_UNSUPPORTED` in a worker.
 */
export function serveInspection(): Disposable {
  if (process.getuid === undefined) throw new GreenletError('no Unix sockets here', 'ERR_GREENLETS_UNSUPPORTED');
  assertMainThread();
  if (askers === 0) stop = serve(process.getuid());
  askers++;
  let asks = true;
  return {
    [Symbol.dispose]: () => {
      if (!asks) return;
      asks = false;
      if (--askers === 0) stop();
    },
  };
}

function serve(uid: number): () => void {
  const path = inspectionSocket(uid, process.pid);
  makeSocketDirectory(uid);
  const remove = (): void => rmSync(path, { force: true });
  remove(); // left by a process that had the same id and crashed
  const server = createServer(answer);
  server.on('error', (error) => process.emitWarning(error));
  server.on('connection', (socket) => socket.unref());
  listenPrivately(server, path);
  server.unref();
  process.on('exit', remove);
  return () => {
    server.close();
    process.off('exit', remove);
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const pages: Record<string, () => string> = { '/ps': list, '/top': listWithTimes, '/dump': formatRunInfo };
  const page = pages[request.url ?? ''];
  if (page === undefined) response.writeHead(404).end();
  else response.end(page());
}

function list(): string {
  return JSON.stringify(listGreenlets());
}

let measuring: NodeJS.Timeout | undefined;

function listWithTimes(): string {
  clearTimeout(measuring);
  engine.measureCpu(true);
  measuring = setTimeout(() => engine.measureCpu(engine.tracksSpawns), MEASURE_FOR).unref();
  return list();
}
