// Makes of the compiled modules what ships: few files, because Node takes about a millisecond for each it imports.
//
//   core.js   what `import 'greenlets'` needs, and so nearly every other entry
//   base.js   the part of it that the command and `greenlets/main` need before the engine is loaded
//   x.js      one an entry, with what only that one needs; what several entries need lies in shared/
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { rollup } from 'rollup';
import { root } from './native.mjs';

const compiled = join(root, '.compiled');
const dist = join(root, 'dist');

/** Files that are started, not imported. */
const STARTED = ['cli/greenlets', 'cli/stub', 'cli/entry-hooks'];
/** Entries that come before the engine. */
const EARLY = ['main', 'cli/greenlets', 'cli/entry-hooks'];

/** `this` stands in what tsc puts before a file for its `using`; files of one layer may call each other. */
const EXPECTED_WARNINGS = ['THIS_IS_UNDEFINED', 'CIRCULAR_DEPENDENCY'];

/** Entries by name: what can be imported, and what is started. */
function entries() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const exported = Object.values(exports).flatMap((target) => target.default ?? []);
  const names = [...exported.map((path) => path.replace(/^\.\/dist\/(.*)\.js$/, '$1')), ...STARTED];
  return Object.fromEntries(names.map((name) => [name, join(compiled, `${name}.js`)]));
}

/** A module as tsc has left it, with its map back to the TypeScript. */
function load(id) {
  if (!id.startsWith(compiled)) return null;
  return { code: readFileSync(id, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'), map: mapOf(id) };
}

function mapOf(id) {
  const map = JSON.parse(readFileSync(`${id}.map`, 'utf8'));
  return { ...map, sources: map.sources.map((source) => resolve(dirname(id), source)) };
}

/** All modules that are loaded when `names` are imported. */
function closure(names, getModuleInfo) {
  const found = new Set();
  const visit = (id) => {
    if (found.has(id)) return;
    found.add(id);
    getModuleInfo(id).importedIds.forEach(visit);
  };
  for (const name of names) visit(join(compiled, `${name}.js`));
  return found;
}

/** Tells which chunk a module goes to; null = that of the entries that need it. */
function chunks() {
  let core;
  let early;
  return (id, { getModuleInfo }) => {
    core ??= closure(['index'], getModuleInfo);
    early ??= closure(EARLY, getModuleInfo);
    if (getModuleInfo(id).isEntry || !core.has(id)) return null;
    return early.has(id) ? 'base' : 'core';
  };
}

/** A class or function of ours that had to be renamed would show its new name in users' stacks and errors. */
function assertNamesKept({ fileName, code }) {
  for (const [, name] of code.matchAll(/([\w$]+\$\d+) as \w+/g)) {
    const declared = ['class', 'function', 'function*'].some((kind) => code.includes(`${kind} ${name}`));
    if (declared) throw new Error(`${fileName}: rename what is called ${name} now`);
  }
}

/** Node decodes and compiles ASCII faster than anything else. Without comments, what is not ASCII stands in literals. */
const inAscii = (code) =>
  code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Writes dist anew, but for the declarations of types, which tsc has put there. */
export async function bundle() {
  const build = await rollup({
    input: entries(),
    external: (id) => !id.startsWith('.') && !id.startsWith(compiled),
    plugins: [{ name: 'compiled', load, renderChunk: (code) => ({ code: inAscii(code), map: null }) }],
    treeshake: false,
    onwarn(warning) {
      if (!EXPECTED_WARNINGS.includes(warning.code)) throw new Error(warning.message);
    },
  });
  for (const file of readdirSync(dist, { recursive: true }).map(String)) {
    if (/\.js(\.map)?$/.test(file)) rmSync(join(dist, file));
  }
  const { output } = await build.write({
    dir: dist,
    format: 'es',
    sourcemap: true,
    sourcemapExcludeSources: true,
    chunkFileNames: ({ name }) => (['base', 'core'].includes(name) ? '[name].js' : 'shared/[name].js'),
    manualChunks: chunks(),
    minifyInternalExports: false,
    hoistTransitiveImports: false,
  });
  for (const file of output) if (file.type === 'chunk') assertNamesKept(file);
}
