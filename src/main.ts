// node --import greenlets/main app.js: the program's main module runs as a greenlet.
import Module from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { resolve } from './cli/entry-hooks.ts';

if (isMainThread) {
  const { registerHooks } = Module as unknown as { registerHooks?(hooks: { resolve: typeof resolve }): void };
  if (registerHooks === undefined) Module.register(new URL('./cli/entry-hooks.js', import.meta.url));
  else registerHooks({ resolve });
}
