import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { child, NODE, PACKAGE, runNode } from './support/child.ts';
import { testOnMain as test } from './support/leaks.ts';

const PERMISSION = NODE < 22 ? '--experimental-permission' : '--permission';

/** Calls `body` with a copy of this package, of another version if one is given. */
function withCopy(options: { binary: boolean; version?: string }, body: (path: string) => void): void {
  const path = mkdtempSync(join(tmpdir(), 'greenlets-copy-'));
  try {
    cpSync(join(PACKAGE, 'dist'), join(path, 'dist'), { recursive: true });
    const binaries = options.binary ? ['prebuilds', 'native/build/Release'] : [];
    for (const folder of binaries.filter((folder) => existsSync(join(PACKAGE, folder)))) {
      cpSync(join(PACKAGE, folder), join(path, folder), { recursive: true, filter: (file) => !file.includes('obj.') });
    }
    const manifest = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
    manifest.version = options.version ?? manifest.version;
    writeFileSync(join(path, 'package.json'), JSON.stringify(manifest));
    body(path);
  } finally {
    rmSync(path, { recursive: true });
  }
}

const entry = (path: string): string => JSON.stringify(pathToFileURL(join(path, 'dist/index.js')).href);

test('without a binary for this platform the package can be imported, and the first spawn tells what was tried', () => {
  withCopy({ binary: false }, (path) => {
    const { status, output } = child(`
      const { spawn, run, getCurrent, Semaphore } = await import(${entry(path)});
      new Semaphore().release();
      if (getCurrent().dead) throw new Error('no main greenlet');
      for (const start of [spawn, run]) {
        try { await start(() => {}); } catch (error) { console.log(error.code, error.message); }
      }`);
    assert.equal(status, 0, output);
    assert.equal(output.match(/ERR_GREENLETS_UNSUPPORTED greenlets cannot run on Node \d+/g)?.length, 2, output);
    assert.match(output, /prebuilds\/linux-\w+\/greenlets\.abi\d+\.glibc\.node: not there/);
    assert.match(output, /greenlets\.js build/);
  });
});

test('a runtime that only looks like Node is refused', () => {
  const { output } = child(`
    Object.defineProperty(process.versions, 'electron', { value: '40.0.0' });
    const { spawn } = await import('greenlets');
    try { spawn(() => {}); } catch (error) { console.log(error.code, error.message); }`);
  assert.match(output, /ERR_GREENLETS_UNSUPPORTED greenlets cannot run on Electron/);
});

test('under the permission model the missing flag is named, and with it everything works', () => {
  const program = `
    import { AsyncResource } from 'node:async_hooks';
    import { run, sleep, spawn } from 'greenlets';
    await run(() => {
      const scoped = (ms) => spawn(() => new AsyncResource('Test').runInAsyncScope(() => (sleep(ms), ms)));
      console.log([3, 1, 2].map(scoped).map((greenlet) => greenlet.get()).join());
    }).catch((error) => console.log(error.code, error.message));`;
  const refused = child(program, [PERMISSION, '--allow-fs-read=*']);
  assert.match(refused.output, /ERR_GREENLETS_UNSUPPORTED/);
  assert.match(refused.output, /start node with --allow-addons/);
  const allowed = child(program, [PERMISSION, '--allow-fs-read=*', '--allow-addons']);
  assert.match(allowed.output, /^3,1,2$/m);
});

test('two copies of one version in a thread share the engine and the hub', () => {
  withCopy({ binary: true }, (path) => {
    const { output } = child(`
      const a = await import('greenlets');
      const b = await import(${entry(path)});
      if (a.spawn === b.spawn) throw new Error('not two copies');
      const published = globalThis[Symbol.for('greenlets.engine')];
      console.log(a.getHub() === b.getHub(), a.getCurrent() === b.getCurrent(), typeof published.version, published.abi);
      await a.run(() => {
        const there = b.spawn(() => { b.sleep(2); return a.getCurrent() === b.getCurrent(); });
        const here = a.spawn(() => { a.sleep(1); throw new a.GreenletError('from a'); });
        console.log(there instanceof a.Greenlet, here instanceof b.RawGreenlet, there instanceof b.Group);
        console.log(b.waitReady([there, here]).length, a.wait(there));
        try { b.wait(here); } catch (error) { console.log(error instanceof b.GreenletError, error.message); }
        console.log(b.spawn(() => { try { a.sleep(1e6); } finally { b.sleep(1); } }).kill(), a.getHub().stats.alive);
      });`);
    const { modules } = process.versions;
    assert.equal(output, `true true string ${modules}\ntrue true false\n2 true\ntrue from a\ntrue 1\n`);
  });
});

test('two versions in a thread are refused, naming both', () => {
  withCopy({ binary: true, version: '99.0.0' }, (path) => {
    const { output } = child(`
      await import('greenlets');
      await import(${entry(path)}).catch((error) => console.log(error.code, error.message));`);
    assert.match(output, /ERR_GREENLETS_DUPLICATE/);
    assert.ok(output.includes(path) && output.includes(PACKAGE.replace(/\/$/, '')), output);
  });
});

test('a module registry that is reset, as Jest does for each test file, gives the same engine', () => {
  const { status, output } = child(
    `
    import vm from 'node:vm';
    import { readFileSync } from 'node:fs';
    import { fileURLToPath } from 'node:url';
    // Evaluates the package anew, in a context of its own.
    const load = async () => {
      const context = vm.createContext({ process, performance, console, setImmediate, setTimeout, clearTimeout,
        setInterval, clearInterval, queueMicrotask, AbortSignal, AbortController, URL, Buffer, structuredClone });
      const modules = new Map();
      const link = async (specifier, parent) => {
        const url = specifier.startsWith('.') ? new URL(specifier, parent.identifier).href : specifier;
        if (!modules.has(url)) modules.set(url, url.startsWith('file:') ? fromFile(url) : await builtin(url));
        return modules.get(url);
      };
      const fromFile = (url) => new vm.SourceTextModule(readFileSync(fileURLToPath(url), 'utf8'), { context,
        identifier: url, initializeImportMeta: (meta) => { meta.url = url; } });
      const builtin = async (name) => {
        const namespace = await import(name);
        const names = Object.keys(namespace);
        return new vm.SyntheticModule(names, function () {
          for (const each of names) this.setExport(each, namespace[each]);
        }, { context });
      };
      const root = await link('greenlets');
      await root.link(link);
      await root.evaluate();
      return root.namespace;
    };
    const first = await load();
    const slow = first.run(() => (first.sleep(5), 'first'));
    const second = await load();
    console.log(first.spawn !== second.spawn, first.getHub() === second.getHub());
    console.log(await second.run(() => (second.sleep(1), second.spawn(() => 'second').get())), await slow);`,
    ['--experimental-vm-modules', '--no-warnings'],
  );
  assert.equal(output, 'true true\nsecond first\n');
  assert.equal(status, 0);
});

test('the addon loaded twice gives one engine', () => {
  const { output } = child(`
    import { createRequire } from 'node:module';
    import { run, sleep } from 'greenlets';
    const require = createRequire(import.meta.url);
    const [file] = Object.keys(require.cache).filter((path) => path.endsWith('.node'));
    const { exports } = require.cache[file];
    delete require.cache[file];
    console.log(require(file) === exports, await run(() => (sleep(1), 'runs')));`);
  assert.equal(output, 'true runs\n');
});

test('code caches made before loading are accepted after', () => {
  const { output } = child(`
    import vm from 'node:vm';
    const source = 'function f() { return 42; } f()';
    const cachedData = new vm.Script(source).createCachedData();
    const { run } = await import('greenlets');
    await run(() => {});
    console.log('rejected', new vm.Script(source, { cachedData }).cachedDataRejected);`);
  assert.match(output, /rejected false/);
});

test(
  'the compile cache of programs without greenlets is accepted in those with them',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'greenlets-cache-'));
    try {
      const dependency = join(directory, 'dependency.cjs');
      writeFileSync(dependency, 'exports.answer = () => 42;');
      const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'cache'), NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
      runNode(['-e', `require(${JSON.stringify(dependency)})`], { env });
      const { output } = child(
        `import { run } from 'greenlets'; await run(() => {});
         (await import(${JSON.stringify(dependency)})).default.answer();`,
        [],
        { env },
      );
      const line = output.split('\n').filter((text) => text.includes('dependency.cjs'));
      assert.ok(
        line.some((text) => text.includes('was accepted')),
        output,
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
  NODE < 22 && 'Node 20 has no compile cache',
);

test(
  'importing the package loads none of what stands behind getters of node:fs and node:util',
  () => {
    const loaded = (start: string): string =>
      child(`${start}
        console.log(process.moduleLoadList.filter((name) => /internal.(fs.promises|mime)$/.test(name)).join());`)
        .output;
    assert.equal(loaded("await import('greenlets');"), loaded(''));
  },
  NODE < 22 && 'the loader of ES modules itself loads them',
);
