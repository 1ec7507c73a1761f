import assert from 'node:assert/strict';
import nodeFs, { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as nodeTest } from 'node:test';
import { expectTypeOf } from 'expect-type';
import { BlockingSwitchOutError, GreenletExit, shield, sleep, spawn, Timeout, withTimeout } from 'greenlets';
import fs, {
  type Dir,
  type FileHandle,
  glob,
  mkdtempDisposable,
  open,
  opendir,
  readFile,
  watch,
  writeFile,
} from 'greenlets/fs';
import { test, testOnMain } from './support/leaks.ts';

/** A test with a directory of its own. */
function testIn(name: string, body: (directory: string) => void): void {
  test(name, () => {
    const directory = mkdtempSync(join(tmpdir(), 'greenlets-fs-'));
    try {
      body(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

/** File descriptors of this process that lead to `path`. */
function descriptorsOf(path: string): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return nodeFs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return targets.filter((target) => target === path).length;
}

nodeTest('every function of node:fs/promises that this Node has is there, under its name', () => {
  const functions = nodeFs.promises as unknown as Record<string, unknown>;
  const ours = fs as unknown as Record<string, unknown>;
  assert.deepEqual(Object.keys(ours).sort(), Object.keys(functions).sort());
  for (const [name, value] of Object.entries(functions)) {
    assert.equal(typeof ours[name], typeof value, name);
    if (typeof value === 'function') assert.equal((ours[name] as () => void).name, name);
  }
  assert.equal(fs.constants, nodeFs.promises.constants);
});

nodeTest('the types are those of node:fs/promises without the promises', () => {
  expectTypeOf(readFile).returns.toEqualTypeOf<string | Buffer>();
  const calls = () => ({
    buffer: readFile('a'),
    text: readFile('a', 'utf8'),
    names: fs.readdir('.'),
    entries: fs.readdir('.', { withFileTypes: true }),
    isFile: fs.stat('a').isFile(),
  });
  expectTypeOf(calls).returns.toEqualTypeOf<{
    buffer: Buffer;
    text: string;
    names: string[];
    entries: nodeFs.Dirent[];
    isFile: boolean;
  }>();
  expectTypeOf(opendir).returns.toEqualTypeOf<Dir>();
  expectTypeOf(open).returns.toEqualTypeOf<FileHandle>();
  expectTypeOf(fs.unlink).returns.toEqualTypeOf<void>();
  expectTypeOf(fs.glob).extract<undefined>().toEqualTypeOf<undefined>();
});

testIn('files are written, read, changed and removed in straight lines', (directory) => {
  const path = join(directory, 'a.txt');
  writeFile(path, 'one\n');
  fs.appendFile(path, 'two\n', 'utf8');
  assert.equal(readFile(path, 'utf8'), 'one\ntwo\n');
  assert.deepEqual(readFile(path), Buffer.from('one\ntwo\n'));
  assert.equal(fs.stat(path).size, 8);
  assert.equal(fs.stat(path, { bigint: true }).size, 8n);
  fs.rename(path, `${path}.old`);
  assert.deepEqual(fs.readdir(directory), ['a.txt.old']);
  fs.cp(directory, `${directory}-copy`, { recursive: true, filter: () => (sleep(1), true) });
  assert.deepEqual(fs.readdir(`${directory}-copy`), ['a.txt.old']);
  fs.rm(`${directory}-copy`, { recursive: true });
  assert.throws(() => fs.access(path), { code: 'ENOENT', path });
});

testIn('other greenlets run while a file is read', (directory) => {
  const path = join(directory, 'big');
  nodeFs.writeFileSync(path, Buffer.alloc(4_000_000));
  const order: string[] = [];
  const reader = spawn(() => (order.push('reading'), readFile(path), order.push('read')));
  spawn(() => order.push('other'));
  reader.join();
  assert.deepEqual(order, ['reading', 'other', 'read']);
});

testIn('errors are those of Node, with the line that waited', (directory) => {
  const error = assertThrown(() => readFile(join(directory, 'none'))) as NodeJS.ErrnoException;
  assert.equal(error.code, 'ENOENT');
  assert.equal(error.syscall, 'open');
  assert.throws(() => readFile(path(5)), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => readFile(directory, 'no-encoding' as BufferEncoding), { code: 'ERR_INVALID_ARG_VALUE' });
});

testIn('a blocking iterable is written piece by piece in the greenlet that writes it', (directory) => {
  const path = join(directory, 'stream');
  const slowly = function* (): Generator<string> {
    for (const part of ['a', 'ü', 'c']) {
      sleep(1);
      yield part;
    }
  };
  writeFile(path, slowly());
  assert.equal(readFileSync(path, 'utf8'), 'aüc');
  fs.appendFile(path, [Buffer.from('d'), 'e']);
  assert.equal(readFileSync(path, 'utf8'), 'aücde');
  using file = open(path, 'a');
  writeFile(file, ['f']);
  fs.appendFile(file, 'g');
  assert.equal(readFileSync(path, 'utf8'), 'aücdefg');
});

testIn('an error of the iterable ends the writing, and the file is closed', (directory) => {
  const path = join(directory, 'stream');
  const broken = function* (): Generator<string> {
    yield 'a';
    throw new Error('broken');
  };
  assert.throws(() => writeFile(path, broken()), /broken/);
  assert.equal(readFileSync(path, 'utf8'), 'a');
  assert.equal(descriptorsOf(path), 0);
});

testIn('a file handle blocks, and closes at the end of its block', (directory) => {
  const path = join(directory, 'data');
  {
    using file = open(path, 'w+');
    assert.equal(file.write('hello ').bytesWritten, 6);
    assert.equal(file.write(Buffer.from('world')).bytesWritten, 5);
    const { bytesRead, buffer } = file.read(Buffer.alloc(5), 0, 5, 6);
    assert.equal(bytesRead, 5);
    assert.equal(buffer.toString(), 'world');
    file.truncate(5);
    assert.equal(file.stat().size, 5);
    file.writeFile([' again', '!']);
    file.sync();
    assert.equal(descriptorsOf(path), 1);
    assert.equal(typeof file.fd, 'number');
  }
  assert.equal(descriptorsOf(path), 0);
  using file = open(path);
  assert.equal(readFile(file, 'utf8').length, file.stat().size);
  file.close();
});

testIn('the lines of a file', (directory) => {
  const path = join(directory, 'lines');
  nodeFs.writeFileSync(path, 'one\ntwo\nthree\n');
  assert.deepEqual([...open(path).readLines()], ['one', 'two', 'three']);
  for (const line of open(path).readLines()) {
    assert.equal(line, 'one');
    break;
  }
  while (descriptorsOf(path) > 0) sleep(1);
});

testIn(
  'a long file is closed when the loop over its lines is left or cut short, unless autoClose is false',
  (directory) => {
    const path = join(directory, 'long');
    nodeFs.writeFileSync(path, 'line\n'.repeat(100_000));
    for (const _ of open(path).readLines()) break;
    while (descriptorsOf(path) > 0) sleep(1);
    assert.throws(() => {
      for (const _ of open(path).readLines()) throw new Error('enough');
    }, /enough/);
    while (descriptorsOf(path) > 0) sleep(1);
    using file = open(path);
    for (const _ of file.readLines({ autoClose: false })) break;
    assert.equal(file.read(Buffer.alloc(4), 0, 4, 0).buffer.toString(), 'line');
  },
);

testIn('a directory is iterated, and closed when the loop is left', (directory) => {
  for (const name of ['a', 'b', 'c']) nodeFs.writeFileSync(join(directory, name), '');
  const names = [...opendir(directory)].map((entry) => entry.name);
  assert.deepEqual(names.sort(), ['a', 'b', 'c']);
  for (const _ of opendir(directory)) break;
  using dir = opendir(directory);
  assert.equal(dir.path, directory);
  assert.notEqual(dir.read(), null);
  dir.close();
  assert.throws(() => dir.read(), { code: 'ERR_DIR_CLOSED' });
  assert.equal(descriptorsOf(directory), 0);
});

testIn('changes are watched until the loop is left', (directory) => {
  const writer = spawn(() => {
    for (let n = 0; ; n++) {
      writeFile(join(directory, `file${n}`), '');
      sleep(2);
    }
  });
  const seen: (string | null)[] = [];
  for (const { filename } of watch(directory)) if (seen.push(filename) === 3) break;
  writer.kill();
  assert.ok(seen.every((name) => name?.startsWith('file')));
});

testIn('a timeout ends a watch that waits for a change', (directory) => {
  const timeout = new Timeout(10);
  timeout.start();
  assert.throws(
    () => [...watch(directory)],
    (error) => error === timeout,
  );
  while (process.getActiveResourcesInfo().includes('FSEventWrap')) sleep(1);
});

testIn('glob gives paths as they are found', (directory) => {
  if (glob === undefined) return assert.equal('glob' in fs, false);
  for (const name of ['a.ts', 'b.ts', 'c.js']) nodeFs.writeFileSync(join(directory, name), '');
  assert.deepEqual([...glob('*.ts', { cwd: directory })].sort(), ['a.ts', 'b.ts']);
  assert.deepEqual(
    [...glob('*.js', { cwd: directory, withFileTypes: true })].map((entry) => entry.name),
    ['c.js'],
  );
});

testIn('a disposable directory deletes itself at the end of its block', (directory) => {
  if (mkdtempDisposable === undefined) return assert.equal('mkdtempDisposable' in fs, false);
  let path: string;
  {
    using temporary = mkdtempDisposable(join(directory, 'x-'));
    path = temporary.path;
    writeFile(join(path, 'file'), '');
  }
  assert.equal(nodeFs.existsSync(path), false);
});

testIn('a file whose opening was cut short is closed', (directory) => {
  const path = join(directory, 'file');
  const opener = spawn(() => open(path, 'w'));
  sleep(0);
  opener.kill();
  assert.ok(opener.killed);
  while (!nodeFs.existsSync(path)) sleep(1);
  while (descriptorsOf(path) > 0) sleep(1);
});

testIn('a file closes at the end of its block even in a greenlet that is killed over and over', (directory) => {
  const path = join(directory, 'file');
  let opened = false;
  const user = spawn(() => {
    using _file = open(path, 'w');
    opened = true;
    sleep(10_000);
  });
  while (!opened) sleep(1);
  user.kill(new GreenletExit(), { persistent: true });
  assert.equal(descriptorsOf(path), 0);
});

testIn('with an error pending a call has no effect', (directory) => {
  const path = join(directory, 'file');
  const deadline = new Timeout(1);
  const writer = spawn(() => {
    deadline.start();
    shield(() => sleep(5));
    writeFile(path, 'x');
  });
  assert.throws(
    () => writer.get(),
    (error) => error === deadline,
  );
  assert.equal(nodeFs.existsSync(path), false);
});

testIn('a timeout stops the reading of a big file', (directory) => {
  const path = join(directory, 'big');
  writeFile(path, '');
  fs.truncate(path, 1_000_000_000);
  const outcome = withTimeout<unknown>(1, () => readFile(path), { value: 'stopped' });
  assert.equal(outcome, 'stopped');
  while (descriptorsOf(path) > 0) sleep(1);
});

testOnMain('on the event loop’s own stack a call throws and has no effect', () => {
  const path = join(tmpdir(), `greenlets-${process.pid}`);
  assert.throws(() => writeFile(path, 'x'), BlockingSwitchOutError);
  assert.throws(() => open(path, 'w'), BlockingSwitchOutError);
  assert.equal(nodeFs.existsSync(path), false);
});

function assertThrown(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('expected it to throw');
}
function path(value: unknown): string {
  return value as string;
}
