import { brandError, GreenletError } from '../errors.ts';
import { assertCanBlock, enter, type TimeoutLike } from '../hub/park.ts';
import { assertBytes, type Bytes, describe } from './bytes.ts';
import { killGroup, type Output, Popen, type PopenOptions } from './popen.ts';

/** How to run a process to its end. */
export interface RunOptions extends Omit<PopenOptions, 'timeout'> {
  /** What it reads; nothing unless given. */
  input?: Bytes;
  /** How long it may take, in ms, or a signal. */
  timeout?: TimeoutLike;
  /** Makes strings of its output. */
  encoding?: BufferEncoding;
}

/** How a process ended (its exit code, or the signal that ended it; the other is null), and what it has written. */
export interface RunResult<T extends string | Buffer = Buffer> {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: T;
  stderr: T;
}

/** A process has ended in another way than with exit code 0. */
export class CalledProcessError extends GreenletError {
  readonly command: string;
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string | Buffer;
  readonly stderr: string | Buffer;

  constructor(command: string, result: RunResult<string | Buffer>) {
    const { code, signal, stdout, stderr } = result;
    const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
    super([`${command} ${how}`, String(stderr).trimEnd()].filter(Boolean).join(': '), 'ERR_GREENLETS_PROCESS_FAILED');
    this.command = command;
    this.exitCode = code;
    this.signal = signal;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}
brandError(CalledProcessError, 'CalledProcessError');

/** Those that lead a process group of their own: the terminal's signals do not reach them, nor does the end of this process. */
const leaders = new Set<number>();

function killLeaders(): void {
  for (const pid of leaders) killGroup(pid);
}

type Settled<O> = O extends { encoding: BufferEncoding } ? string : Buffer;

/**
 * Runs a process to its end; an exit code other than 0 is no error. It leads a process group of its own (unless the
 * option `detached` is false): all of that is killed when the time is over, when the greenlet is killed meanwhile, and
 * when this process exits.
 *
 * @throws Node's error if it cannot be started; `Timeout`, with what it has written by then as `stdout` and `stderr`.
 * @example
 * const { code, stdout } = run('git', ['status', '--short'], { encoding: 'utf8', timeout: 5000 });
 */
export function run<O extends RunOptions>(command: string, args: readonly string[], options: O): RunResult<Settled<O>>;
export function run<O extends RunOptions>(command: string, options: O): RunResult<Settled<O>>;
export function run(command: string, args?: readonly string[]): RunResult;
export function run(command: string, ...rest: unknown[]): RunResult<string | Buffer> {
  const [args, options] = (Array.isArray(rest[0]) ? rest : [[], rest[0]]) as [string[], RunOptions | undefined];
  if (options !== undefined && typeof options !== 'object') {
    throw new TypeError(`expected an array of arguments or options, got ${describe(options)}`);
  }
  const { input, timeout, encoding, ...spawnOptions } = options ?? {};
  if (input !== undefined) assertBytes(input);
  if (encoding !== undefined && !Buffer.isEncoding(encoding))
    throw new TypeError(`unknown encoding ${describe(encoding)}`);
  enter(timeout);
  assertCanBlock();
  const child = new Popen(command, args, { detached: true, ...spawnOptions });
  const { stdout, stderr } =
    spawnOptions.detached === false ? communicate(child, input, timeout) : communicateAsLeader(child, input, timeout);
  const outcome = child.poll();
  return {
    code: typeof outcome === 'number' ? outcome : null,
    signal: typeof outcome === 'string' ? outcome : null,
    stdout: encoding === undefined ? stdout : stdout.toString(encoding),
    stderr: encoding === undefined ? stderr : stderr.toString(encoding),
  };
}

/** Leaves nothing of the child behind if it is cut short. */
function communicate(child: Popen, input: Bytes | undefined, timeout: TimeoutLike): Output {
  try {
    return child.communicate(input, timeout);
  } catch (error) {
    child[Symbol.dispose]();
    throw error;
  }
}

function communicateAsLeader(child: Popen, input: Bytes | undefined, timeout: TimeoutLike): Output {
  if (leaders.size === 0) process.on('exit', killLeaders);
  leaders.add(child.pid);
  try {
    return communicate(child, input, timeout);
  } catch (error) {
    killGroup(child.pid); // it may have ended itself, and left others that hold its pipes
    throw error;
  } finally {
    leaders.delete(child.pid);
    if (leaders.size === 0) process.off('exit', killLeaders);
  }
}

/**
 * As `run`, and returns what the process has written to stdout.
 *
 * @throws {CalledProcessError} if it has ended with another exit code than 0, or by a signal.
 */
export function checkOutput<O extends RunOptions>(command: string, args: readonly string[], options: O): Settled<O>;
export function checkOutput<O extends RunOptions>(command: string, options: O): Settled<O>;
export function checkOutput(command: string, args?: readonly string[]): Buffer;
export function checkOutput(command: string, ...rest: unknown[]): string | Buffer {
  const result = (run as (command: string, ...rest: unknown[]) => RunResult<string | Buffer>)(command, ...rest);
  if (result.code !== 0) throw new CalledProcessError(command, result);
  return result.stdout;
}
