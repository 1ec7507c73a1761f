/**
 * A call chain as programs have it: 50 functions, each of which calls the next, the last one the leaf. One function
 * that calls itself would not do: V8 inlines plain functions into their callers, but none into itself.
 */
const DEPTH = 50;

const KINDS = {
  plain: (next) => `function () { return ${next}() + 1; }`,
  async: (next) => `async function () { return (await ${next}()) + 1; }`,
  generator: (next) => `function* () { return (yield* ${next}()) + 1; }`,
};

/**
 * @param kind what the functions are: plain, async, generator.
 * @param leaf the last one; returns 0.
 * @param wrap is given each function but the leaf.
 * @returns the first one; called, it gives 50.
 */
export function chain(kind, leaf, wrap = (fn) => fn) {
  const links = Array.from({ length: DEPTH }, (_, i) => `const f${i} = wrap(${KINDS[kind](`f${i + 1}`)});`);
  const source = ['const f50 = leaf;', ...links.reverse(), 'return f0;'].join('\n');
  return new Function('leaf', 'wrap', source)(leaf, wrap);
}
