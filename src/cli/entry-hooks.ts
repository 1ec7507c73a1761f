/**
 * Resolve hook for `node --import greenlets/main`: answers the program's entry, the one module that nobody imports,
 * with a module that starts it. Same for `module.register` and `module.registerHooks`.
 */
interface Context {
  parentURL?: string | undefined;
}
type Resolved = { url: string; shortCircuit?: boolean };

let done = false;

/** @returns the stub, with the entry's URL in its query. */
export function resolve<R>(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => R,
): R | Resolved {
  if (done || context.parentURL !== undefined || !specifier.startsWith('file:')) return next(specifier, context);
  done = true;
  const url = new URL('./stub.js', import.meta.url);
  url.searchParams.set('entry', specifier);
  return { url: url.href, shortCircuit: true };
}
