// The packed package as its users meet it: installed in a project, on every Node, under test runners and bundlers.
// npm run test:package
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../../scripts/native.mjs';
import { fetchNode, MAJORS } from '../../scripts/nodes.mjs';

const workspace = mkdtempSync(join(tmpdir(), 'greenlets-package-'));
after(() => rmSync(workspace, { recursive: true }));

const tarball = pack(root);
const project = join(workspace, 'project');
cpSync(join(root, 'test', 'package', 'project'), project, { recursive: true });
npm(project, 'ci', '--ignore-scripts');
npm(project, 'install', '--no-save', '--ignore-scripts', tarball);

function npm(directory, ...args) {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund'], { cwd: directory, encoding: 'utf8' });
}

/** Packs the package in `directory`; the tarball's path. */
function pack(directory) {
  const [{ filename }] = JSON.parse(
    npm(directory, 'pack', '--json', '--pack-destination', workspace).replace(/^[^[]*/, ''),
  );
  return join(workspace, filename);
}

function emptyProject(name) {
  const directory = join(workspace, name);
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), '{ "private": true, "type": "module" }');
  return directory;
}

/** Runs a program in `directory`; what it printed, and its exit code. */
function run(command, args, directory = project) {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NO_COLOR: '1', FORCE_COLOR: undefined };
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: directory,
    encoding: 'utf8',
    env,
    timeout: 300_000,
  });
  return { status, output: stdout + stderr };
}

function assertPasses(command, args, directory) {
  const { status, output } = run(command, args, directory);
  assert.equal(status, 0, output);
  return output;
}

const greenlets = (directory = project) => join(directory, 'node_modules', 'greenlets', 'dist', 'cli', 'greenlets.js');

test('installs in an empty folder, with nothing to compile or to run', (t) => {
  const directory = emptyProject('empty');
  const start = performance.now();
  npm(directory, 'install', '--ignore-scripts', tarball);
  t.diagnostic(`npm install took ${Math.round(performance.now() - start)} ms`);
  const { scripts } = JSON.parse(readFileSync(join(directory, 'node_modules/greenlets/package.json'), 'utf8'));
  for (const name of ['preinstall', 'install', 'postinstall']) assert.ok(!(name in scripts), name);
  assertPasses(process.execPath, [greenlets(directory), 'doctor'], directory);
});

/** A program that the machine's own processor runs, or qemu. */
const HOSTS = [
  ...MAJORS.map((major) => ({ ...fetchNode(major), run: [] })),
  ...(process.arch === 'x64' && spawnSync('which', ['qemu-aarch64']).status === 0
    ? MAJORS.map((major) => ({ ...fetchNode(major, 'arm64'), run: ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'] }))
    : []),
];

for (const { arch, version, execPath, run: emulator } of HOSTS) {
  test(`runs on Node ${version} ${arch}`, (t) => {
    const [command, ...prefix] = [...emulator, execPath];
    for (const program of ['app.mjs', 'app.cjs']) {
      assert.equal(assertPasses(command, [...prefix, program]), 'hello a,hello b\n');
    }
    const typed = assertPasses(command, [
      ...prefix,
      greenlets(),
      version.startsWith('20.') ? 'blocking.cjs' : 'app.ts',
    ]);
    assert.equal(typed, 'hello a,hello b\n');
    const report = assertPasses(command, [...prefix, greenlets(), 'doctor']);
    assert.match(report, /greenlets run here\.\n$/);
    t.diagnostic(/a suspended greenlet takes [\d.]+ KB/.exec(report)[0]);
  });
}

for (const major of MAJORS) {
  const { execPath } = fetchNode(major);
  const bin = (name) => join(project, 'node_modules', name);

  test(`node --test can run greenlets on Node ${major}`, () => {
    assert.match(assertPasses(execPath, ['--test', 'node.test.mjs']), /pass 1\n/);
  });

  test(`mocha can run greenlets on Node ${major}`, () => {
    assert.match(assertPasses(execPath, [bin('mocha/bin/mocha.js'), 'mocha.spec.mjs']), /2 passing/);
  });

  test(`Jest can run greenlets on Node ${major}`, () => {
    const jest = [bin('jest/bin/jest.js'), '--runInBand', '--testMatch', '**/jest.*.test.mjs'];
    assert.match(assertPasses(execPath, ['--experimental-vm-modules', ...jest]), /Tests: +4 passed, 4 total/);
  });

  for (const pool of ['forks', 'threads']) {
    test(`vitest can run greenlets in ${pool} on Node ${major}`, () => {
      const vitest = [bin('vitest/vitest.mjs'), 'run', 'vitest.spec.ts', '--pool', pool];
      assert.match(assertPasses(execPath, vitest), /Tests +2 passed/);
    });
  }
}

test('esbuild and webpack keep it external, and a bundle with it inside says what to do', async () => {
  const { build } = await import(join(project, 'node_modules/esbuild/lib/main.js'));
  const { default: webpack } = await import(join(project, 'node_modules/webpack/lib/index.js'));
  const entry = join(project, 'app.mjs');
  const external = join(project, 'out', 'external.mjs');
  const options = { entryPoints: [entry], bundle: true, platform: 'node', format: 'esm' };
  await build({ ...options, outfile: external, external: ['greenlets'] });
  assert.equal(assertPasses(process.execPath, [external]), 'hello a,hello b\n');
  const packed = await new Promise((resolve, reject) => {
    const output = { path: join(project, 'out'), filename: 'webpack.mjs', module: true };
    const externals = { greenlets: 'greenlets' };
    webpack(
      {
        mode: 'production',
        target: 'node20',
        entry,
        output,
        externals,
        externalsType: 'module',
        experiments: { outputModule: true },
      },
      (error, stats) => (error ? reject(error) : resolve(stats)),
    );
  });
  assert.ok(!packed.hasErrors(), packed.toString());
  assert.equal(assertPasses(process.execPath, [join(project, 'out', 'webpack.mjs')]), 'hello a,hello b\n');

  for (const format of ['esm', 'cjs']) {
    const inside = join(project, 'out', `inside.${format === 'esm' ? 'mjs' : 'cjs'}`);
    const source = `import { run } from 'greenlets'; run(() => 1).then(console.log, (e) => { console.error(e.message); process.exit(1); });`;
    const stdin = { contents: source, resolveDir: project };
    await build({ ...options, entryPoints: undefined, stdin, format, outfile: inside, logLevel: 'silent' });
    const { status, output } = run(process.execPath, [inside]);
    assert.equal(status, 1, output);
    assert.match(output, /bundle.*--external:greenlets/);
  }
});

test('two versions in one tree do not touch each other: the second says where both are', () => {
  const directory = emptyProject('duplicate');
  npm(directory, 'install', '--ignore-scripts', tarball);
  const copy = join(directory, 'node_modules', 'other', 'node_modules', 'greenlets');
  cpSync(join(directory, 'node_modules', 'greenlets'), copy, { recursive: true });
  const manifest = join(copy, 'package.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"version": ".*?"/, '"version": "99.0.0"'));
  writeFileSync(join(directory, 'node_modules', 'other', 'index.mjs'), `export * from 'greenlets';`);
  writeFileSync(
    join(directory, 'app.mjs'),
    `import { run, sleep } from 'greenlets';
     console.log(await run(() => (sleep(1), 'one')));
     await import('./node_modules/other/index.mjs').catch((error) => console.log(error.code, error.message));
     console.log(await run(() => (sleep(1), 'still one')));`,
  );
  const output = assertPasses(process.execPath, ['app.mjs'], directory);
  assert.match(output, /^one\nERR_GREENLETS_DUPLICATE .*\nstill one\n$/);
  assert.ok(output.includes(copy) && output.includes('99.0.0'), output);
});

test('builds from source where no binary fits, by the command that the error names', () => {
  const directory = emptyProject('source');
  npm(directory, 'install', '--ignore-scripts', tarball);
  rmSync(join(directory, 'node_modules', 'greenlets', 'prebuilds'), { recursive: true });
  writeFileSync(join(directory, 'app.mjs'), readFileSync(join(project, 'app.mjs')));
  const before = run(process.execPath, ['app.mjs'], directory);
  assert.equal(before.status, 1);
  const [, command] = /To build the engine from source: (.*)\n/.exec(before.output) ?? [];
  assert.ok(command !== undefined, before.output);
  assertPasses('sh', ['-c', command], directory);
  assert.equal(assertPasses(process.execPath, ['app.mjs'], directory), 'hello a,hello b\n');
});
