/**
 * Modules of Node's own that the core needs, as `require` gives them. `import` would make a facade that reads each export,
 * and so load all that stands behind getters: with node:util and node:fs that takes longer than the rest of the start.
 */
export const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
export const { inspect, types } = process.getBuiltinModule('node:util');
export const vm = process.getBuiltinModule('node:vm');

/** Loads worker threads and streams, too: not before the first greenlet needs it. */
export function loadInspector(): typeof import('node:inspector') {
  return process.getBuiltinModule('node:inspector');
}

/** Whether anybody has loaded node:inspector so far, and so may have begun to use it. */
export function isInspectorLoaded(): boolean {
  return (process as { moduleLoadList?: string[] }).moduleLoadList?.includes('NativeModule inspector') ?? true;
}
