import { type ChildProcess, type SpawnOptions, spawn as startChild } from 'node:child_process';
import type net from 'node:net';
import { engine } from '../engine/raw-greenlet.ts';
import { GreenletError } from '../errors.ts';
import { notWaitable } from '../hub/linkable.ts';
import { checkpoint, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { shield } from '../hub/shield.ts';
import { sleep } from '../hub/sleep.ts';
import { spawn } from '../hub/spawn.ts';
import { Timeout } from '../hub/timeout.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import { EXPIRED } from '../hub/waiter.ts';
import { waitEvent } from '../interop/callbacks.ts';
import { assertBytes, type Bytes } from './bytes.ts';
import { Deadline } from './deadline.ts';
import { ClosedError } from './errors.ts';
import { Socket } from './socket.ts';

/** Options of `child_process.spawn`. All three pipes are made unless `stdio` says otherwise. */
export type PopenOptions = SpawnOptions;

/** What a process has written. */
export interface Output {
  stdout: Buffer;
  stderr: Buffer;
}

/** How a process ended: its exit code, or the name of the signal that ended it. */
export type Outcome = number | NodeJS.Signals;

/** A killed process is waited for so long, in ms: one that hangs in the kernel must not hang its owner. */
const REAP_TIME = 1000;

/**
 * A child process with blocking pipes.
 *
 * @example
 * const sort = new Popen('sort');
 * sort.stdin.sendAll('b\na\n');
 * sort.stdin.shutdown();
 * for (let line = sort.stdout.readLine(); line !== null; line = sort.stdout.readLine()) console.log(line);
 */
export class Popen implements Disposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #detached: boolean;
  readonly #pipes: (Socket | null)[];
  readonly #waiters = new WaitQueue();
  #outcome: Outcome | null = null;
  /** What `communicate` has read so far, of stdout and stderr. */
  readonly #output: [Buffer[], Buffer[]] = [[], []];
  #communicating = false;

  /**
   * Starts a process; returns when it runs.
   *
   * @throws Node's error if it cannot be started (`ENOENT`, `EACCES`, …).
   */
  constructor(command: string, args?: readonly string[], options?: PopenOptions);
  constructor(command: string, options?: PopenOptions);
  constructor(command: string, args: readonly string[] | PopenOptions = [], options: PopenOptions = {}) {
    checkpoint();
    const [list, settings] = Array.isArray(args) ? [args, options] : [[], args as PopenOptions];
    const child = startChild(command, list, settings);
    child.on('error', () => {}); // later ones tell only that a signal found nobody
    if (child.pid === undefined) throw startError(child);
    child.once('exit', (code, signal) => {
      this.#outcome = signal ?? code;
      this.#waiters.wakeAll(undefined);
    });
    this.pid = child.pid;
    this.#child = child;
    this.#detached = settings.detached === true;
    this.#pipes = [child.stdin, child.stdout, child.stderr].map((pipe) => pipe && new Socket(pipe as net.Socket));
  }

  /** The child's input, with all methods of a Socket; `shutdown()` ends it. */
  get stdin(): Socket {
    return this.#pipe(0, 'stdin');
  }
  /** The child's output, with all methods of a Socket. It can be read after the child has ended, too. */
  get stdout(): Socket {
    return this.#pipe(1, 'stdout');
  }
  /** The child's error output, with all methods of a Socket. */
  get stderr(): Socket {
    return this.#pipe(2, 'stderr');
  }
  #pipe(fd: number, name: string): Socket {
    const pipe = this.#pipes[fd] ?? null;
    if (pipe === null) throw new GreenletError(`${name} is not a pipe: the option \`stdio\` says otherwise`);
    return pipe;
  }

  /** Waits for its end. @throws `Timeout` if it has not ended in time; it goes on. */
  wait(timeout?: TimeoutLike): Outcome {
    if (!this.#join(timeout)) throw Timeout.expired(timeout as number);
    return this.#outcome as Outcome;
  }

  #join(timeout: TimeoutLike): boolean {
    const limit = enter(timeout);
    return this.#outcome !== null || parkUntil(this.#waiters, limit) !== EXPIRED;
  }

  /** How it ended; null while it runs. In a greenlet others get a turn then, so that a loop around it comes to an end. */
  poll(): Outcome | null {
    if (this.#outcome === null && engine.current !== engine.main && engine.forbidden === null) sleep(0);
    return this.#outcome;
  }

  /**
   * Gives the child `input`, reads all its output, and waits for its end. Neither side can deadlock on a full pipe.
   *
   * @throws `Timeout` if it has not ended in time: it goes on. What it has written by then stands in the error's `stdout`
   * and `stderr`, and the next `communicate()`, without input, returns it with the rest.
   */
  communicate(input?: Bytes, timeout?: TimeoutLike): Output {
    if (input !== undefined) assertBytes(input);
    const deadline = new Deadline(timeout);
    enter(timeout);
    this.#sendInput(input);
    const readers = this.#output.map((chunks, index) => spawn(collect, this.#pipes[index + 1] ?? null, chunks));
    for (const reader of readers) reader.observe(); // if both fail, the first error is thrown
    try {
      for (const reader of readers) {
        if (!reader.join(deadline.left)) throw this.#tooLate(timeout);
        reader.get(0);
      }
      if (!this.#join(deadline.left)) throw this.#tooLate(timeout);
    } finally {
      for (const reader of readers) reader.kill(undefined, { block: false });
    }
    return this.#collected();
  }

  /** The first time: writes `input` and ends it. The stream keeps what the pipe does not take at once. */
  #sendInput(input: Bytes | undefined): void {
    if (this.#communicating && input !== undefined) {
      throw new GreenletError('the child got its input in an earlier communicate()');
    }
    this.#communicating = true;
    const [stdin] = this.#pipes;
    if (stdin === null || stdin === undefined) return;
    if (input !== undefined) stdin.stream.write(input);
    stdin.shutdown();
  }

  #collected(): Output {
    const [stdout, stderr] = this.#output;
    return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
  }

  #tooLate(timeout: TimeoutLike): Timeout {
    return Object.assign(Timeout.expired(timeout as number), this.#collected());
  }

  /**
   * Sends it a signal, SIGTERM unless given. Waits for nothing.
   *
   * @returns false if it has ended already.
   * @throws {TypeError} for an unknown signal.
   */
  kill(signal: NodeJS.Signals | number = 'SIGTERM'): boolean {
    return this.#child.kill(signal);
  }

  /** Kills it (if it was started `detached`: its whole process group), waits for its end, and closes the pipes. */
  [Symbol.dispose](): void {
    if (this.#outcome === null) {
      if (this.#detached) killGroup(this.pid);
      else this.#child.kill('SIGKILL');
      shield(() => this.#join(REAP_TIME));
    }
    for (const pipe of this.#pipes) pipe?.close();
  }
}
Object.defineProperty(Popen.prototype, notWaitable, { value: 'popen.wait()' });

/** Kills all processes of the group that `pid` leads, as far as there are any. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody is left
  }
}

/** Puts what comes from `pipe` into `chunks`, until its end. */
function collect(pipe: Socket | null, chunks: Buffer[]): void {
  if (pipe === null) return;
  try {
    for (const chunk of pipe) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof ClosedError)) throw error;
  }
}

/** Node tells only later why a process could not be started. */
function startError(child: ChildProcess): Error {
  try {
    waitEvent(child, 'spawn');
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) Error.captureStackTrace(error, Popen);
    return error as Error;
  }
  return new GreenletError('the process was not started'); // not reached: without a pid there is an error
}
