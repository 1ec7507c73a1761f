/** A child process that runs to its end, to the rules of Node's synchronous spawn, while others go on. */
import { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { QueueNode } from '../../hub/wait-queue.ts';
import type { WaitSource } from '../../hub/waiter.ts';

const { setTimeout, clearTimeout } = globalThis;

/** One entry of `stdio`, as Node hands it to its binding. */
interface Stdio {
  type: 'pipe' | 'overlapped' | 'ignore' | 'inherit' | 'fd' | 'wrap';
  readable?: boolean;
  writable?: boolean;
  input?: NodeJS.ArrayBufferView;
  fd?: number;
  handle?: object;
}

/** What Node hands to its binding; more than is named here goes to the child as it is. */
export interface ChildOptions {
  stdio: Stdio[];
  cwd?: string;
  timeout?: number;
  maxBuffer?: number;
  killSignal?: number;
}

/** What Node expects back: `error` is a negative errno, or absent. */
interface Outcome {
  pid: number;
  status: number | null;
  signal: string | null;
  output: (Buffer | null)[] | null;
  error?: number;
}

export class ChildRun implements WaitSource {
  readonly #options: ChildOptions;
  readonly #child = new ChildProcess() as ChildProcess & { spawn(options: object): number };
  readonly #output: (Buffer[] | null)[];
  #collected = 0;
  #node: QueueNode | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Why it was killed; it counts more than what a pipe has met. */
  #error = 0;
  #pipeError = 0;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#output = options.stdio.map((stdio) => (isPipe(stdio) && stdio.writable === true ? [] : null));
  }

  register(node: QueueNode): void {
    this.#node = node;
    const { timeout = 0 } = this.#options;
    const child = this.#child;
    // The asynchronous spawn takes this for no directory at all.
    if (this.#options.cwd === '') return this.#finish({ ...NOT_STARTED, error: -constants.errno.ENOENT });
    child.on('error', (error) => {
      if (child.pid === undefined) this.#finish({ ...NOT_STARTED, error: errnoOf(error) });
    });
    child.on('close', (status, signal) => this.#finish(this.#ended(status, signal)));
    try {
      child.spawn({ ...this.#options, stdio: this.#options.stdio.map(forChild) });
    } catch (error) {
      this.#finish({ ...NOT_STARTED, error: errnoOf(error) });
      return;
    }
    this.#options.stdio.forEach((stdio, index) => {
      if (isPipe(stdio)) this.#connect(index, stdio);
    });
    if (timeout > 0) this.#timer = setTimeout(() => this.#kill(-constants.errno.ETIMEDOUT), timeout);
  }

  /** Whoever waited is gone: so must the child be. */
  unregister(): void {
    this.#node = null;
    this.#kill(0);
  }

  #connect(index: number, { readable, input }: Stdio): void {
    const pipe = this.#child.stdio[index] as (Readable & Writable) | null;
    if (pipe === null) return;
    pipe.on('error', (error) => {
      this.#pipeError ||= errnoOf(error);
    });
    if (readable === true) pipe.end(input === undefined ? undefined : toBuffer(input));
    else pipe.on('data', (chunk: Buffer) => this.#collect(index, chunk));
  }

  #collect(index: number, chunk: Buffer): void {
    const { maxBuffer = 0 } = this.#options;
    this.#output[index]?.push(chunk);
    this.#collected += chunk.length;
    if (maxBuffer > 0 && this.#collected > maxBuffer) this.#kill(-constants.errno.ENOBUFS);
  }

  /** Ends it early. What it writes from now on is not read; it is waited for all the same. */
  #kill(reason: number): void {
    this.#error ||= reason;
    clearTimeout(this.#timer);
    this.#child.kill((this.#options.killSignal || 'SIGTERM') as NodeJS.Signals);
    for (const pipe of this.#child.stdio ?? []) pipe?.destroy();
  }

  #ended(status: number | null, signal: string | null): Outcome {
    const error = this.#error || this.#pipeError;
    const output = this.#output.map((chunks) => (chunks === null ? null : Buffer.concat(chunks)));
    const pid = this.#child.pid as number;
    return { ...(error === 0 ? {} : { error }), status, signal, output, pid };
  }

  #finish(outcome: Outcome): void {
    clearTimeout(this.#timer);
    this.#node?.wake(outcome);
  }
}

const NOT_STARTED = { status: null, signal: null, output: null, pid: 0 };

function isPipe({ type }: Stdio): boolean {
  return type === 'pipe' || type === 'overlapped';
}

function forChild(stdio: Stdio): unknown {
  if (isPipe(stdio) || stdio.type === 'ignore') return stdio.type;
  return stdio.type === 'wrap' ? stdio.handle : stdio.fd;
}

function errnoOf(error: unknown): number {
  return (error as { errno?: number }).errno ?? -constants.errno.EIO;
}

function toBuffer(view: NodeJS.ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
