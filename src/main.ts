// node --import greenlets/main app.js: the program's main module runs as a greenlet.
import Module from 'node:module';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { initialize, resolve } from './cli/entry-hooks.ts';

const entry = process.argv[1];
if (isMainThread && entry !== undefined) {
  const data = { entry: pathToFileURL(entry).href, stub: new URL('./cli/stub.js', import.meta.url).href };
  const { registerHooks } = Module as unknown as { registerHooks?(hooks: { resolve: typeof resolve }): void };
  if (registerHooks === undefined) {
    Module.register(new URL('./cli/entry-hooks.js', import.meta.url), { data });
  } else {
    initialize(data);
    registerHooks({ resolve });
  }
}
