import './interop/install.ts';
import { patchAll } from './interop/monkey/monkey.ts';
import { isPreloaded } from './interop/monkey/preload.ts';

export { getOriginal, isPatched, type PatchOptions, patchAll, unpatchAll } from './interop/monkey/monkey.ts';

// node --import greenlets/monkey app.js
if (isPreloaded(import.meta.url)) patchAll();
