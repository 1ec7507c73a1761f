/**
 * Modules of Node's own that the core needs, as `require` gives them. `import` would make a facade that reads each export,
 * and so load all that stands behind getters: with node:util and node:fs that takes longer than the rest of the start.
 */
export const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
export const { inspect, types } = process.getBuiltinModule('node:util');
export const inspector = process.getBuiltinModule('node:inspector');
export const vm = process.getBuiltinModule('node:vm');
