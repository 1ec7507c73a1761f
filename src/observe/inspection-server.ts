/** Answers `greenlets ps|top|dump`: HTTP over a private Unix socket. */
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { engine } from '../engine/raw-greenlet.ts';
import { GreenletError } from '../errors.ts';
import { describeState } from '../hub/describe.ts';
import { type HubStats, hub } from '../hub/hub.ts';
import { formatRunInfo } from './format-run-info.ts';
import { type GreenletNode, greenletTree } from './greenlet-tree.ts';
import { inspectionSocket, listenPrivately, makeSocketDirectory } from './private-socket.ts';

/** CPU time is measured so long after it was asked for last, in ms. */
const MEASURE_FOR = 5000;

/** One line of `greenlets ps`. */
export interface ListedGreenlet {
  id: number;
  name: string;
  state: string;
  /** Milliseconds of CPU, measured while somebody asks for it. */
  cpuTime: number;
  /** Where it is: its innermost frame. */
  at: string;
}

/** What `greenlets ps` and `top` show. */
export interface Listing {
  stats: HubStats;
  greenlets: ListedGreenlet[];
}

/**
 * Lets `greenlets ps`, `top` and `dump` look into this process: over a Unix socket that only its user (and root) can
 * connect to. `GREENLETS_INSPECT=1` and `greenlets --inspect-greenlets` call it. It keeps no process alive, and cannot
 * answer while something hogs the event loop.
 *
 * @returns what ends it.
 * @throws {GreenletError} with code `ERR_GREENLETS_NOT_PRIVATE` if the folder of the socket is not this user's alone.
 */
export function serveInspection(): Disposable {
  if (process.getuid === undefined) throw new GreenletError('no Unix sockets here', 'ERR_GREENLETS_UNSUPPORTED');
  const uid = process.getuid();
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
  return {
    [Symbol.dispose]: () => {
      server.close();
      process.off('exit', remove);
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const pages: Record<string, () => string> = { '/ps': list, '/top': listWithTimes, '/dump': formatRunInfo };
  const page = pages[request.url ?? ''];
  if (page === undefined) response.writeHead(404).end();
  else response.end(page());
}

function list(): string {
  const listing: Listing = { stats: hub.stats, greenlets: [...nodes(greenletTree())].map(entry) };
  return JSON.stringify(listing);
}

let measuring: NodeJS.Timeout | undefined;

function listWithTimes(): string {
  clearTimeout(measuring);
  engine.measureCpu(true);
  measuring = setTimeout(() => engine.measureCpu(engine.tracksSpawns), MEASURE_FOR).unref();
  return list();
}

function* nodes(node: GreenletNode): IterableIterator<GreenletNode> {
  yield node;
  for (const child of node.children) yield* nodes(child);
}

function entry(node: GreenletNode): ListedGreenlet {
  const { id, name, cpuTime, frames } = node;
  return { id, name, state: describeState(node), cpuTime, at: (frames[0] ?? '').trim().replace(/^at /, '') };
}
