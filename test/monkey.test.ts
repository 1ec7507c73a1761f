import assert from 'node:assert/strict';
import childProcess, { execFileSync, spawnSync } from 'node:child_process';
import { scryptSync } from 'node:crypto';
import * as fsNamespace from 'node:fs';
import fs, { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { all, noSwitch, sleep, spawn, Timeout } from 'greenlets';
import { getOriginal, isPatched, patchAll, unpatchAll } from 'greenlets/monkey';
import { test as greenTest, testOnMain as mainTest } from './support/leaks.ts';
import { runNode, withProgram } from './support/program.ts';

const MONKEY = import.meta.resolve('greenlets/monkey');
const require = createRequire(import.meta.url);
const directory = mkdtempSync(join(tmpdir(), 'greenlets-monkey-'));
after(() => fs.rmSync(directory, { recursive: true }));

function patched(body: () => unknown) {
  return async (): Promise<void> => {
    patchAll();
    try {
      await body();
    } finally {
      unpatchAll();
    }
  };
}
const test = (name: string, body: () => void): void =>
  greenTest(name, () => {
    patchAll();
    try {
      body();
    } finally {
      unpatchAll();
    }
  });
const testOnMain = (name: string, body: () => unknown): void => mainTest(name, patched(body));

/** Whether another greenlet gets its turn before `call` returns. */
function othersRun(call: () => unknown): boolean {
  let ran = false;
  const other = spawn(() => {
    ran = true;
  });
  call();
  const during = ran;
  other.join();
  return during;
}

test('other greenlets run while one makes a synchronous call', () => {
  const cells = new Int32Array(new SharedArrayBuffer(4));
  const file = fileURLToPath(import.meta.url);
  for (const call of [
    () => readFileSync(file),
    () => fs.statSync(file),
    () => fs.existsSync(file),
    () => fs.closeSync(fs.openSync(file, 'r')),
    () => fs.opendirSync('.').closeSync(),
    () => fs.cpSync(file, join(directory, 'copy')),
    () => execFileSync('true'),
    () => childProcess.execSync('true'),
    () => spawnSync('true'),
    () => scryptSync('password', 'salt', 16),
    () => gzipSync('text'),
    () => Atomics.wait(cells, 0, 0, 5),
  ]) {
    assert.equal(othersRun(call), true, String(call));
  }
});

test('twenty calls overlap', () => {
  const file = fileURLToPath(import.meta.url);
  for (const call of [
    () => readFileSync(file).length,
    () => scryptSync('password', 'salt', 16).length,
    () => Number(childProcess.execSync('echo 7')),
    () => Number(execFileSync('echo', ['7'])),
  ]) {
    const alone = call();
    let running = 0;
    let most = 0;
    const greenlets = Array.from({ length: 20 }, () =>
      spawn(() => {
        most = Math.max(most, ++running);
        const value = call();
        running--;
        return value;
      }),
    );
    assert.deepEqual(all(greenlets), Array(20).fill(alone));
    assert.equal(most, 20, String(call));
  }
});

testOnMain('outside of greenlets, calls are as ever', () => {
  assert.ok(readFileSync(fileURLToPath(import.meta.url)).length > 0);
  assert.equal(execFileSync('echo', ['x'], { encoding: 'utf8' }), 'x\n');
});

test('inside noSwitch they do not suspend', () => {
  assert.equal(
    othersRun(() => noSwitch(() => [readFileSync(fileURLToPath(import.meta.url)), spawnSync('true')])),
    false,
  );
});

test('imports made before and after patching both see it, and so does the module itself', async () => {
  assert.equal(
    othersRun(() => fsNamespace.lstatSync('.')),
    true,
  );
  assert.equal(
    othersRun(() => require('node:fs').lstatSync('.')),
    true,
  );
  assert.equal(readFileSync, fs.readFileSync);
  assert.equal(fs.readFileSync.name, 'readFileSync');
  assert.equal(fs.readFileSync.length, getOriginal(fs, 'readFileSync').length);
});

test('isPatched and getOriginal take a module by name, as itself, or as a namespace', () => {
  for (const module of ['fs', 'node:fs', fs, fsNamespace]) {
    assert.equal(isPatched(module), true);
    assert.equal(isPatched(module, 'readFileSync'), true);
    assert.equal(isPatched(module, 'readFile'), false);
  }
  assert.equal(isPatched('Atomics', 'wait'), true);
  assert.equal(isPatched('dns'), false);
  const original = getOriginal('fs', 'readFileSync');
  assert.notEqual(original, fs.readFileSync);
  assert.equal(
    othersRun(() => original(fileURLToPath(import.meta.url))),
    false,
  );
  assert.equal(getOriginal('child_process', 'spawn'), childProcess.spawn);
  assert.equal(
    othersRun(() => getOriginal('child_process', 'execSync')('true')),
    false,
  );
  assert.throws(() => isPatched('no-such-module'), /no-such-module is no module of Node/);
  assert.throws(() => getOriginal('fs', 'noSuchSync'), /fs has no function noSuchSync/);
  assert.throws(() => isPatched(5 as never), /expected a module, got 5/);
});

greenTest('unpatchAll undoes everything, and patchAll takes only what it is told to', () => {
  const before = { ...fs };
  patchAll({ fs: false, zlib: false });
  assert.equal(isPatched('fs'), false);
  assert.equal(isPatched('crypto', 'scryptSync'), true);
  patchAll();
  patchAll();
  const kept = fs.readFileSync;
  const wrapper = ((...args: [string]) => kept(...args)) as typeof fs.readFileSync;
  fs.readFileSync = wrapper;
  unpatchAll();
  assert.equal(fs.readFileSync, wrapper);
  assert.equal(
    othersRun(() => wrapper(fileURLToPath(import.meta.url))),
    false,
  );
  fs.readFileSync = before.readFileSync;
  assert.deepEqual({ ...fs }, before);
  assert.equal(isPatched('fs'), false);
  assert.throws(() => patchAll({ sql: true } as never), /unknown option sql; there are: fs, childProcess/);
  assert.throws(() => patchAll({ fs: 'yes' } as never), /option fs must be true or false, got yes/);
});

test('an error has the stack of the call', () => {
  function caller(): void {
    readFileSync('/no/such/file');
  }
  assert.throws(caller, (error: Error) => /ENOENT.*\n.*readFileSync.*at caller /s.test(error.stack ?? ''));
  function closer(): void {
    fs.closeSync(7777);
  }
  assert.throws(closer, (error: Error) => /EBADF.*\n {4}at closer /.test(error.stack ?? ''));
});

test('a kill ends the child process of the call', () => {
  const pidFile = join(directory, 'pid');
  const greenlet = spawn(() => execFileSync('sh', ['-c', `echo $$ > ${pidFile}; exec sleep 60`]));
  while (!fs.existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') sleep(5);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  assert.equal(greenlet.kill(), true);
  assert.equal(greenlet.killed, true);
  const gone = (): boolean => {
    try {
      return process.kill(pid, 0) && false;
    } catch {
      return true;
    }
  };
  for (let i = 0; i < 500 && !gone(); i++) sleep(10);
  assert.equal(gone(), true);
});

test('a Timeout cuts a call short, and a pending kill is raised before it has any effect', () => {
  assert.throws(() => Timeout.run(20, () => spawnSync('sleep', ['60'])), Timeout);
  const path = join(directory, 'never');
  const other = spawn(() => {
    try {
      sleep(1000);
    } finally {
      fs.writeFileSync(path, 'x');
    }
  });
  sleep(0);
  other.throw(new Error('first'));
  other.throw(new Error('second'));
  assert.throws(() => other.get(), /second/);
  assert.equal(fs.existsSync(path), false);
});

test('a file that is opened for a greenlet that was killed meanwhile is closed', () => {
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const count = (): number => fs.readdirSync('/proc/self/fd').length;
  const greenlet = spawn(() => fs.openSync(fifo, 'r'));
  sleep(5);
  const before = count();
  greenlet.kill();
  const writer = fs.openSync(fifo, 'w'); // lets the other end open too
  fs.closeSync(writer);
  for (let i = 0; i < 500 && count() > before; i++) sleep(2);
  assert.equal(count(), before);
});

test('Atomics.wait is woken by Atomics.notify of another greenlet; a waiter that gave up takes no wake-up along', () => {
  const cells = new Int32Array(new SharedArrayBuffer(4));
  const impatient = spawn(() => Timeout.run(5, () => Atomics.wait(cells, 0, 0), false));
  sleep(0);
  const patient = spawn(() => Atomics.wait(cells, 0, 0));
  impatient.join();
  assert.equal(Atomics.notify(cells, 0, 1), 1);
  assert.equal(patient.get(5000), 'ok');
});

test('two greenlets that require the same modules get them whole', () => {
  const file = (name: string): string => join(directory, name);
  fs.writeFileSync(
    file('leaf.cjs'),
    'exports.text = require("node:fs").readFileSync(__filename, "utf8"); exports.done = true;',
  );
  fs.writeFileSync(file('data.json'), '{"json": 1}');
  fs.writeFileSync(
    file('root.cjs'),
    'exports.leaf = require("./leaf.cjs"); exports.data = require("./data.json"); exports.done = true;',
  );
  const load = (): { done: boolean; leaf: { done: boolean }; data: object } => require(file('root.cjs'));
  const both = all([spawn(load), spawn(load), spawn(() => require(file('leaf.cjs')))]);
  assert.equal(both[0], both[1]);
  assert.deepEqual([both[0]?.done, both[0]?.leaf.done, both[0]?.data], [true, true, { json: 1 }]);
  assert.equal(both[2], both[0]?.leaf);
});

test('a loader’s own reads do not suspend', () => {
  const path = join(directory, 'plain.cjs');
  fs.writeFileSync(path, 'module.exports = 5;');
  assert.equal(
    othersRun(() => require(path)),
    false,
  );
});

mainTest('node --import greenlets/monkey patches from the start; exit handlers stay synchronous', async () => {
  const source = `import { run, spawn } from 'greenlets';
    import { execFileSync } from 'node:child_process';
    const echo = (text) => execFileSync('echo', [text], { encoding: 'utf8' }).trim();
    process.on('exit', () => console.log(echo('at exit')));
    await run(() => {
      const order = [];
      spawn(() => order.push('other'));
      order.push(echo('echo'));
      console.log(order.join());
      process.exit(0);
    });`;
  await withProgram('app.mjs', source, (path) => {
    for (const flags of [[], ['--pending-deprecation', '--throw-deprecation']]) {
      const result = runNode([...flags, '--import', MONKEY, path]);
      assert.deepEqual(result, { status: 0, output: 'other,echo\nat exit\n' });
    }
  });
});

mainTest('the console that writes to a file does not suspend', async () => {
  const source = `import { run, spawn } from 'greenlets';
    await run(() => {
      let ran = false;
      spawn(() => { ran = true; });
      console.log('line');
      console.log(ran);
    });`;
  await withProgram('app.mjs', source, (path) => {
    const out = join(directory, 'out');
    execFileSync('sh', ['-c', '"$0" --import "$1" "$2" > "$3"', process.execPath, MONKEY, path, out]);
    assert.equal(readFileSync(out, 'utf8'), 'line\nfalse\n');
  });
});
