import * as functions from './io/fs.ts';

export { BlockingSwitchOutError } from './errors.ts';
export { Dir } from './io/dir.ts';
export { FileHandle } from './io/file-handle.ts';
export * from './io/fs.ts';

/** Every function of `node:fs/promises` that this Node has, blocking. */
const fs: typeof functions = Object.fromEntries(
  Object.entries(functions).filter(([, value]) => value !== undefined),
) as typeof functions;
export default fs;
