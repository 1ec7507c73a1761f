/** Resolve hook for `node --import greenlets/main`: answers the program's entry with a module that starts it. */

interface Data {
  entry: string;
  stub: string;
}

let data: Data | undefined;

/** Called by Node in the thread of the hooks (Node 20), or by `main` itself. */
export function initialize(given: Data): void {
  data = given;
}

interface Context {
  parentURL?: string | undefined;
}
type Resolved = { url: string; shortCircuit?: boolean };

/** Same for `module.register` and `module.registerHooks`; only the very first entry is answered. */
export function resolve<R>(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => R,
): R | Resolved {
  if (data === undefined || context.parentURL !== undefined || specifier !== data.entry)
    return next(specifier, context);
  const { stub } = data;
  data = undefined;
  return { url: stub, shortCircuit: true };
}
