/** Every example in the doc comments compiles and, where it needs nothing but this machine, runs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { run, spawn } from 'greenlets';
import { PACKAGE } from './support/child.ts';

/** Needs a server or a folder that is not here. */
const ELSEWHERE = /port: 79\b|192\.0\.2\.1|'\/run\//;
/** Not code, or code that needs a package which is not here. */
const FOREIGN = /^```text|^import .* from '(?!greenlets|node:)/m;
/** How long an example may go on that never ends by itself, in ms. */
const A_MOMENT = 200;

const workspace = join(PACKAGE, '.tmp-doc-examples');
const playground = mkdtempSync(join(tmpdir(), 'greenlets-examples-'));

interface Example {
  /** Of its source, with the line. */
  name: string;
  module: string;
  code: string;
}

function examplesOf(file: string): Example[] {
  const text = readFileSync(join(PACKAGE, 'src', file), 'utf8');
  return [...text.matchAll(/^ *\* @example\n([\s\S]*?)^ *\*(?:\/| @)/gm)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length + 1;
    const code = (match[1] as string).replace(/^ *\* ?/gm, '');
    return { name: `src/${file}:${line}`, module: `${file.replace(/\W/g, '-')}-${line}`, code };
  });
}

const sources = readdirSync(join(PACKAGE, 'src'), { recursive: true }).map(String);
const examples = sources
  .filter((file) => file.endsWith('.ts'))
  .flatMap(examplesOf)
  .filter(({ code }) => !FOREIGN.test(code));

/** The public modules: what each exports, and the sources that it is made of. */
function publicModules(): { specifier: string; source: string }[] {
  const { exports } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
    exports: Record<string, { default?: string }>;
  };
  return Object.entries(exports)
    .filter(([subpath]) => !/^\.\/(main|mocha|test|package\.json)$/.test(subpath))
    .map(([subpath, { default: built = '' }]) => ({
      specifier: subpath.replace('.', 'greenlets'),
      source: readFileSync(join(PACKAGE, built.replace('dist', 'src').replace(/js$/, 'ts')), 'utf8'),
    }));
}

/** Who imports what: names of the example's own module win, then those of the root, then the first that has them. */
async function importsOf({ name, code }: Example): Promise<string[]> {
  const own = name.replace(/^src\/|:\d+$/g, '');
  const modules = publicModules().sort((a, b) => Number(b.source.includes(own)) - Number(a.source.includes(own)));
  modules.push({ specifier: './doc-world.ts', source: '' });
  const declared = [...code.matchAll(/\b(?:const|let|using) (?:(\w+)|[[{]([^\]}]*)[\]}])/g)].flatMap(
    ([, single, several = '']) => [single, ...several.split(/\W+/)],
  );
  const wanted = new Set(code.match(/(?<![.'\w])\w+/g));
  for (const known of declared) wanted.delete(known ?? '');
  const lines: string[] = [];
  for (const { specifier } of modules) {
    const world = specifier.startsWith('.') ? './support/doc-world.js' : specifier;
    const names = Object.keys((await import(world)) as object).filter((exported) => wanted.delete(exported));
    if (specifier.startsWith('.') && code.includes('<User>')) names.push('type User');
    if (names.length > 0) lines.push(`import { ${names.join(', ')} } from '${specifier}';`);
  }
  return lines;
}

/** The example as a module that exports it as a function; servers take free ports and clients find one. */
async function toModule(example: Example): Promise<string> {
  const code = example.code
    .replace(/port: (?!79\b)\d+/g, 'port: 0')
    .replace(/'https:\/\/example\.org/, "'http://' + origin + '")
    .replace(/'ws:\/\/localhost:8000/, "'ws://' + origin + '");
  const imports = await importsOf({ ...example, code });
  const keyword = /\bawait\b/.test(code) ? 'async function' : 'function';
  return `${imports.join('\n')}\nexport ${keyword} example() {\n${code}}\n`;
}

function compile(): void {
  const tsconfig = {
    extends: '../tsconfig.test.json',
    compilerOptions: { rootDir: '.', outDir: 'out', sourceMap: false },
    include: ['*.ts'],
    exclude: [],
  };
  writeFileSync(join(workspace, 'tsconfig.json'), JSON.stringify(tsconfig));
  const tsc = join(PACKAGE, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', workspace], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
}

/** What examples expect in the current directory. */
function furnish(directory: string): void {
  mkdirSync(join(directory, 'src'));
  writeFileSync(join(directory, 'big.log'), 'line\n');
  writeFileSync(join(directory, 'data.bin'), Buffer.alloc(16));
  process.chdir(directory);
}

function load(module: string): Promise<unknown> {
  return import(pathToFileURL(join(workspace, 'out', `${module}.js`)).href);
}

rmSync(workspace, { recursive: true, force: true });
mkdirSync(workspace);
copyFileSync(join(PACKAGE, 'test', 'support', 'doc-world.ts'), join(workspace, 'doc-world.ts'));
for (const example of examples) writeFileSync(join(workspace, `${example.module}.ts`), await toModule(example));
compile();
furnish(playground);
const world = (await load('doc-world')) as typeof import('./support/doc-world.ts');
await run(world.startWorld);

after(() => {
  world.stopWorld();
  rmSync(playground, { recursive: true });
  rmSync(workspace, { recursive: true });
});

for (const { name, module, code } of examples) {
  const skip = ELSEWHERE.test(code) && 'compiled only: what it asks for is not here';
  test(`the example of ${name} runs`, { skip }, async () => {
    const { example } = (await load(module)) as { example(): unknown };
    await run(() => {
      const running = spawn(example);
      if (!running.join(A_MOMENT)) running.kill(); // one that serves for ever
      if (!running.killed) running.get();
    });
  });
}
