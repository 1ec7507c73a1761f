// greenlets/subprocess: a list of exports, nothing else.
import './interop/install.ts';

export { BlockingSwitchOutError, ConcurrentObjectUseError } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export { ClosedError, EndOfStreamError } from './io/errors.ts';
export { type Outcome, type Output, Popen, type PopenOptions } from './io/popen.ts';
export { CalledProcessError, checkOutput, type RunOptions, type RunResult, run } from './io/run-process.ts';
