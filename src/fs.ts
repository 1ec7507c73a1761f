// greenlets/fs: a list of exports, and all of them in one object.
import './interop/install.ts';
import * as functions from './io/fs.ts';
import { withoutMissing } from './io/without-missing.ts';

export { BlockingSwitchOutError } from './errors.ts';
export { Dir } from './io/dir.ts';
export { FileHandle } from './io/file-handle.ts';
export * from './io/fs.ts';

/** Every function of `node:fs/promises` that this Node has, blocking. */
const fs: typeof functions = withoutMissing(functions);
export default fs;
