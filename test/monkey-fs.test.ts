// Every synchronous function of node:fs, patched in a greenlet against unpatched, on the same random arguments.
import assert from 'node:assert/strict';
import fs, { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import fc from 'fast-check';
import { assertSame } from './support/both-ways.ts';
import { test } from './support/leaks.ts';

type Any = fc.Arbitrary<unknown>;
const one = (...values: unknown[]): Any => fc.constantFrom(...values);

const path = one(
  'a',
  'd',
  'd/b',
  'l',
  'dangling',
  'none',
  'd/none',
  'a/x',
  'd/e',
  '',
  'x\0y',
  undefined,
  null,
  7777,
  Buffer.from('a'),
);
const target = one('new', 'a', 'd', 'd/e/f', 'none/x', 'l', undefined);
const fd = one(undefined, -1, 'x', 7777, 2 ** 31, null);
const mode = one(undefined, 0o600, '644', 'bad', -1);
const data = one('text', Buffer.from('bytes'), new Uint16Array([1, 2]), undefined, 5, {});
const time = one(1, '2', new Date(3), undefined, 'bad');
const id = one(0, -2, undefined, 'x');
const length = one(undefined, 0, 3, 40, -1, 1.5, 'x');
const stat = one(undefined, null, { bigint: true }, { throwIfNoEntry: false });
const rm = one(undefined, { recursive: true }, { force: true }, { recursive: true, force: true }, 5);
const reading = one(undefined, null, 'utf8', 'bad', { encoding: 'latin1' }, { flag: 'r+' }, { flag: 'zz' }, 5);
const writing = one(
  undefined,
  'utf16le',
  { flag: 'wx' },
  { flag: 'a', mode: 0o600 },
  { flush: true },
  { encoding: 'bad' },
);
const encoding = one(undefined, 'buffer', 'bad', { encoding: 'buffer' });
const buffer = one(Buffer.alloc(3), Buffer.alloc(0), undefined, 's', [Buffer.alloc(2)]);
const copying = one(
  undefined,
  { recursive: true },
  { recursive: true, dereference: true },
  { force: false, errorOnExist: true },
);

/** The arguments of each function. */
const ARGUMENTS: Record<string, Any[]> = {
  accessSync: [path, one(undefined, 0, 4, 7, 8, 'x')],
  appendFileSync: [path, data, writing],
  chmodSync: [path, mode],
  chownSync: [path, id, id],
  closeSync: [fd],
  copyFileSync: [path, target, one(undefined, 1, 99)],
  cpSync: [path, target, copying],
  existsSync: [path],
  fchmodSync: [fd, mode],
  fchownSync: [fd, id, id],
  fdatasyncSync: [fd],
  fstatSync: [fd, stat],
  fsyncSync: [fd],
  ftruncateSync: [fd, length],
  futimesSync: [fd, time, time],
  globSync: [
    one('**', '*', 'd/*', ['*', 'd/**'], 5),
    one(undefined, { cwd: 'd' }, { withFileTypes: true }, { exclude: () => true }),
  ],
  lchownSync: [path, id, id],
  linkSync: [path, target],
  lstatSync: [path, stat],
  lutimesSync: [path, time, time],
  mkdirSync: [
    one('new', 'a', 'a/x', 'n/e/w', 'd', undefined),
    one(undefined, 0o700, { recursive: true }, { mode: 'bad' }),
  ],
  mkdtempSync: [one('none/x', 'a/x', undefined, 5), encoding],
  openSync: [path, one(undefined, 'r', 'r+', 'w', 'wx', 'ax', 'zz', 5), mode],
  opendirSync: [path, one(undefined, { bufferSize: 0 }, { encoding: 'bad' }, { recursive: true })],
  readdirSync: [path, one(undefined, 'buffer', { withFileTypes: true }, { recursive: true }, 'bad')],
  readFileSync: [path, reading],
  readlinkSync: [path, encoding],
  readSync: [fd, buffer, one(undefined, 0, 1, -1, { offset: 1 }), one(undefined, 1, 9), one(undefined, null, 0, 1n)],
  readvSync: [fd, buffer, one(undefined, null, 0)],
  realpathSync: [path, encoding],
  renameSync: [path, target],
  rmSync: [path, rm],
  rmdirSync: [path, one(undefined, 5)],
  statfsSync: [path, one(undefined, { bigint: true })],
  statSync: [path, stat],
  symlinkSync: [path, target, one(undefined, 'dir', 'bad')],
  truncateSync: [path.filter((value) => typeof value !== 'number'), length],
  unlinkSync: [path],
  utimesSync: [path, time, time],
  writeFileSync: [path, data, writing],
  writeSync: [fd, one('text', 5), one(undefined, 0), one(undefined, 'utf8')],
  writevSync: [fd, buffer, one(undefined, null, 0)],
};
/** These have tests of their own, or nothing that would block. */
const ELSEWHERE = ['mkdtempDisposableSync', 'openAsBlobSync'];

const here = process.cwd();
const directory = mkdtempSync(join(tmpdir(), 'greenlets-monkey-'));
after(() => {
  process.chdir(here);
  rmSync(directory, { recursive: true });
});

function prepare(): void {
  process.chdir(directory);
  for (const name of fs.readdirSync('.')) fs.rmSync(name, { recursive: true });
  fs.mkdirSync('d/e/f', { recursive: true });
  fs.writeFileSync('a', 'hello world');
  fs.writeFileSync('d/b', 'bb');
  fs.writeFileSync('d/e/c', Buffer.alloc(70_000, 1));
  fs.symlinkSync('a', 'l');
  fs.symlinkSync('nowhere', 'dangling');
}

function tree(): string[] {
  const names = (fs.readdirSync('.', { recursive: true }) as string[]).sort();
  return names.map((name) => {
    const { mode, size } = fs.lstatSync(name);
    return `${name} ${mode} ${size}`;
  });
}

/** Nothing stays open, and a descriptor is as good as another. */
function used(result: unknown): unknown {
  if (result instanceof fs.Dir) {
    result.closeSync();
    return result.path;
  }
  if (typeof result !== 'number') return result;
  fs.closeSync(result);
  return 'a descriptor';
}

test('the table knows every synchronous function of this Node', () => {
  const all = Object.keys(fs).filter(
    (name) => name.endsWith('Sync') && typeof fs[name as keyof typeof fs] === 'function',
  );
  assert.deepEqual(
    all.filter((name) => !(name in ARGUMENTS) && !ELSEWHERE.includes(name)),
    [],
  );
});

for (const [name, parameters] of Object.entries(ARGUMENTS)) {
  const call = fs[name as 'openSync'] as ((...args: unknown[]) => unknown) | undefined;
  if (call === undefined) continue;
  test(`${name} does the same`, () => {
    // As many arguments as somebody might pass.
    const some = fc.tuple(
      fc.integer({ min: Math.min(1, parameters.length), max: parameters.length }),
      fc.tuple(...parameters),
    );
    const property = fc.property(some, ([count, all]) => {
      const args = all.slice(0, count);
      const function_ = (): unknown => (fs[name as 'openSync'] as (...args: unknown[]) => unknown)(...args);
      assertSame(
        [name, ...args],
        name === 'openSync' || name === 'opendirSync' ? () => used(function_()) : function_,
        prepare,
        tree,
      );
    });
    fc.assert(property, { numRuns: name === 'cpSync' ? 4 : 15 });
  });
}

test('reading and writing at every place of a file does the same', () => {
  const operation = fc.oneof(
    fc.record({
      write: fc.constantFrom('text', 'é'),
      position: fc.option(fc.nat(12)),
      encoding: one(undefined, 'utf16le', 'latin1'),
    }),
    fc.record({ bytes: fc.uint8Array({ maxLength: 8 }), offset: fc.nat(8), position: fc.option(fc.nat(12)) }),
    fc.record({ read: fc.nat(12), offset: fc.nat(4), position: fc.option(fc.nat(12)) }),
    fc.record({
      whole: fc.constantFrom('readFile', 'writeFile', 'appendFile', 'vectors', 'options', 'truncate', 'stat'),
    }),
  );
  const script = fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
    const run = (): unknown => {
      const file = fs.openSync('file', 'w+');
      try {
        return operations.map((operation) => apply(file, operation as never));
      } finally {
        fs.closeSync(file);
      }
    };
    assertSame(operations, run, prepare, () => fs.readFileSync('file', 'latin1'));
  });
  fc.assert(script, { numRuns: 15 });
});

interface Operation {
  write?: string;
  bytes?: Uint8Array;
  read?: number;
  whole?: string;
  offset: number;
  position: number | null;
  encoding?: BufferEncoding;
}

function apply(file: number, { write, bytes, read, whole, offset, position, encoding }: Operation): unknown {
  const buffer = Buffer.alloc(16);
  try {
    if (write !== undefined) return fs.writeSync(file, write, position, encoding);
    if (bytes !== undefined) return fs.writeSync(file, bytes, offset, undefined, position);
    if (read !== undefined) return [fs.readSync(file, buffer, offset, read, position), buffer.toString('hex')];
    if (whole === 'readFile') return fs.readFileSync(file, 'latin1');
    if (whole === 'writeFile') return fs.writeFileSync(file, 'whole');
    if (whole === 'appendFile') return fs.appendFileSync(file, 'end');
    if (whole === 'vectors')
      return [fs.writevSync(file, [buffer.subarray(0, 3), Buffer.from('v')], 2), fs.readvSync(file, [buffer], 1)];
    if (whole === 'options')
      return [fs.readSync(file, buffer), fs.readSync(file, buffer, { position: 0, length: 4, offset: 2 }), buffer];
    if (whole === 'truncate') return fs.ftruncateSync(file, 5);
    return fs.fstatSync(file).size;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

test('directories, realpathSync.native and temporary directories do the same', () => {
  const entries = (options?: object): unknown => {
    const open = fs.opendirSync('.', options as fs.OpenDirOptions);
    const found: string[] = [];
    for (let entry = open.readSync(); entry !== null; entry = open.readSync()) found.push(entry.name);
    open.closeSync();
    assert.throws(() => open.readSync(), { code: 'ERR_DIR_CLOSED' });
    return found.sort();
  };
  assertSame(['opendirSync'], () => entries(), prepare);
  assertSame(['opendirSync', 'recursive'], () => entries({ recursive: true }), prepare);
  for (const name of ['l', 'none', 'dangling']) assertSame([name], () => fs.realpathSync.native(name), prepare);
  assertSame(['mkdtempSync'], () => fs.existsSync(fs.mkdtempSync('made-')), prepare);
  for (const name of ['mkdirSync', 'writeFileSync', 'readFileSync', 'rmSync', 'statSync'] as const) {
    const withCallback = (): unknown => (fs[name] as (...args: unknown[]) => unknown)('new', () => assert.fail());
    assertSame([name, 'and a callback'], withCallback, prepare, tree);
  }
  assertSame(['map'], () => ['a', 'd/b'].map(fs.readFileSync as (name: string) => Buffer), prepare);
  const { mkdtempDisposableSync } = fs as { mkdtempDisposableSync?(prefix: string): { path: string; remove(): void } };
  if (mkdtempDisposableSync === undefined) return;
  const disposable = (): unknown => {
    const made = (fs as unknown as { mkdtempDisposableSync: typeof mkdtempDisposableSync }).mkdtempDisposableSync(
      'made-',
    );
    const existed = fs.existsSync(made.path);
    made.remove();
    return [made.path.length, existed, fs.existsSync(made.path)];
  };
  assertSame(['mkdtempDisposableSync'], disposable, prepare, tree);
});

test('what only the counterpart minds, or makes nothing of, does the same', () => {
  const open = (flags: string, path: string, use: (file: number) => unknown): unknown => {
    const file = fs.openSync(path, flags);
    try {
      return use(file);
    } finally {
      fs.closeSync(file);
    }
  };
  const bytes = Buffer.alloc(4);
  const cases: Record<string, () => unknown> = {
    'a negative descriptor': () => fs.readFileSync(-1),
    'a descriptor that is closed': () => fs.readFileSync(7777),
    'the descriptor of a directory': () => open('r', 'd', (file) => fs.readFileSync(file, 'utf8')),
    'a descriptor that is not for reading': () => open('a', 'a', (file) => fs.readFileSync(file)),
    'a file of several chunks': () => open('r', 'd/e/c', (file) => fs.readFileSync(file, { encoding: 'latin1' })),
    'the rest of a file': () => open('r', 'a', (file) => [fs.readSync(file, bytes), fs.readFileSync(file, 'utf8')]),
    'an encoding unknown': () => open('r', 'a', (file) => fs.readFileSync(file, 'bad' as 'utf8')),
    'options that are none': () => open('r', 'a', (file) => fs.readFileSync(file, 5 as never)),
    'a length of null': () => open('r', 'a', (file) => fs.readSync(file, bytes, 0, null as never, null)),
    'an offset of null': () => open('r', 'a', (file) => fs.readSync(file, bytes, { offset: null as never })),
    'nothing to write': () => open('r', 'a', (file) => fs.writeFileSync(file, '')),
    'a signal that has aborted': () => fs.appendFileSync('a', 'x', { signal: AbortSignal.abort() } as object),
    'a buffer too large': () => fs.opendirSync('.', { bufferSize: 2 ** 32 }),
  };
  for (const [label, call] of Object.entries(cases)) assertSame([label], call, prepare, tree);
});

test('the filter of cpSync is called in the greenlet', () => {
  const copy = (): void => fs.cpSync('d', 'copy', { recursive: true, filter: (source) => !source.endsWith('b') });
  assertSame(['cpSync', 'filter'], copy, prepare, tree);
});
