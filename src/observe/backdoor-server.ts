import { createHash, timingSafeEqual } from 'node:crypto';
import net from 'node:net';
import { inspect } from 'node:util';
import { GreenletError, GreenletExit } from '../errors.ts';
import { assertOptions } from '../hub/check.ts';
import { waitEvent } from '../interop/callbacks.ts';
import { Job } from '../io/handlers.ts';
import { listen } from '../io/listen.ts';
import { reportHandlerError } from '../io/report.ts';
import { Server } from '../io/server.ts';
import { boundAddress, type SocketAddress } from '../io/socket-address.ts';
import { runSession } from './backdoor-session.ts';
import { listenPrivately } from './private-socket.ts';

/** Where a backdoor is, and what it offers. */
export interface BackdoorOptions {
  /** A Unix socket, which only the user of this process can connect to. Main thread only; a worker takes a port. */
  path?: string;
  /** A port of 127.0.0.1, in place of a path. Everybody on this machine can connect to it, so it takes a token. */
  port?: number;
  /** What must be sent as the first line: 1024 bytes at most, and no white space at its end. */
  token?: string;
  /** More names for the REPL. */
  context?: Record<string, unknown>;
  /** Run with `NODE_ENV=production`, too. Whoever gets in can do all that this process can. */
  allowInProduction?: boolean;
}

/** So long a client may leave the server waiting for its token, in ms. */
const TOKEN_TIMEOUT = 10_000;
const LONGEST_TOKEN = 1024;

/**
 * A REPL in the live process, for each connection: `nc -U path`, or `nc 127.0.0.1 port` and the token. Every line runs in
 * a greenlet of its own, so it may block. Besides `context` it knows `ps()`, `dump()` and `kill(id)`.
 *
 * @example
 * const backdoor = new BackdoorServer({ path: '/run/app/backdoor.sock' });
 * backdoor.start();
 */
export class BackdoorServer extends Server {
  readonly #server = net.createServer();
  readonly #path: string | undefined;
  readonly #token: string | undefined;
  readonly #context: Record<string, unknown>;

  /**
   * @throws {TypeError|RangeError} for bad options, a port without a token among them; {GreenletError} with code
   * `ERR_GREENLETS_PRODUCTION` under `NODE_ENV=production`, unless that is allowed.
   */
  constructor(options: BackdoorOptions) {
    assertOptions(options);
    const { path, port, token, context = {}, allowInProduction = false } = options;
    if (path === undefined) super({ host: '127.0.0.1', port: port as number });
    else super({ path });
    if (path !== undefined && port !== undefined) throw new TypeError('a backdoor has a path or a port, not both');
    if (port !== undefined || token !== undefined) assertToken(token);
    if (typeof context !== 'object' || context === null) {
      throw new TypeError(`context must be an object, got ${inspect(context)}`);
    }
    if (process.env.NODE_ENV === 'production' && !allowInProduction) {
      throw new GreenletError(
        'no backdoor in production, unless { allowInProduction: true }',
        'ERR_GREENLETS_PRODUCTION',
      );
    }
    this.#path = path;
    this.#token = token;
    this.#context = context;
    this.#server.on('connection', (stream) => this.#serve(stream));
  }

  protected override open(): SocketAddress {
    if (this.#path === undefined) {
      listen(this.#server, this.listenOptions);
    } else {
      listenPrivately(this.#server, this.#path);
      waitEvent(this.#server, 'listening');
    }
    this.#server.on('error', (error) => reportHandlerError(error, 'Accepting a connection', undefined));
    return boundAddress(this.#server.address());
  }
  protected override refuse(): void {
    this.#server.close();
  }
  protected override drop(): void {}

  #serve(stream: net.Socket): void {
    stream.on('error', () => {}); // a client that is gone is all there is to it
    const session = new Session(stream, this.#token, this.#context);
    if (this.closed || !this.handlers.serve(session)) stream.destroy();
  }
}

class Session extends Job {
  readonly #stream: net.Socket;
  readonly #token: string | undefined;
  readonly #context: Record<string, unknown>;

  constructor(stream: net.Socket, token: string | undefined, context: Record<string, unknown>) {
    super();
    this.#stream = stream;
    this.#token = token;
    this.#context = context;
  }

  override work(): void {
    try {
      if (this.#isAllowed()) runSession(this.#stream, this.#context);
      else this.#stream.end('wrong token\n');
    } catch (error) {
      if (error instanceof GreenletExit) throw error;
      reportHandlerError(error, 'A session of a BackdoorServer', undefined);
    }
  }
  #isAllowed(): boolean {
    return this.#token === undefined || isToken(readLine(this.#stream), this.#token);
  }
  protected override left(): void {
    this.#stream.destroySoon();
  }
}

function assertToken(token: unknown): void {
  if (typeof token !== 'string' || token.length === 0) {
    throw new TypeError(`a backdoor on a port needs a token, a string that is not empty, got ${inspect(token)}`);
  }
  // It is a secret: not shown.
  if (Buffer.byteLength(token) <= LONGEST_TOKEN && token.trimEnd() === token && !token.includes('\n')) return;
  throw new RangeError(`a token is one line of ${LONGEST_TOKEN} bytes at most, without white space at its end`);
}

/** Takes the same time whatever is wrong. */
function isToken(line: string, token: string): boolean {
  const [given, wanted] = [line, token].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(given as Buffer, wanted as Buffer);
}

/** The first line that a client sends, without its end; what follows is left in the stream. */
function readLine(stream: net.Socket): string {
  let line: Buffer = Buffer.alloc(0);
  while (line.length < LONGEST_TOKEN && !stream.readableEnded && !stream.destroyed) {
    const chunk: Buffer | null = stream.read();
    if (chunk === null) {
      waitEvent(stream, 'readable', { timeout: TOKEN_TIMEOUT });
      continue;
    }
    const end = chunk.indexOf('\n');
    line = Buffer.concat([line, end === -1 ? chunk : chunk.subarray(0, end)]);
    if (end === -1) continue;
    stream.unshift(chunk.subarray(end + 1));
    break;
  }
  return line.toString().trimEnd();
}
