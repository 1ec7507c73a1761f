// The synchronous functions of child_process, crypto and zlib, and Atomics.wait, patched in a greenlet against unpatched.
import assert from 'node:assert/strict';
import childProcess, { type SpawnSyncOptions } from 'node:child_process';
import crypto from 'node:crypto';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { assertSame } from './support/both-ways.ts';
import { test } from './support/leaks.ts';

type Call = (...args: unknown[]) => unknown;
const call = (module: object, name: string, args: unknown[]): unknown =>
  (module as Record<string, Call>)[name]?.(...args);
const synchronous = (module: object): string[] =>
  Object.keys(module).filter(
    (name) => name.endsWith('Sync') && typeof module[name as keyof typeof module] === 'function',
  );

const READS_INPUT = 'cat; printf "%s" "$VARIABLE" >&2';
const COMMANDS: [file: string, ...args: string[]][] = [
  ['sh', '-c', 'echo out; echo err >&2; exit 3'],
  ['sh', '-c', READS_INPUT],
  ['sh', '-c', 'kill -TERM $$'],
  ['sh', '-c', 'echo on three >&3'],
  ['true'],
  ['no-such-program', 'x'],
  ['/'],
  ['pwd'],
];

test('spawnSync and execFileSync do the same', () => {
  const options = fc.record(
    {
      input: fc.constantFrom('typed in', Buffer.from('bytes'), new Uint16Array([65, 66]), 5),
      encoding: fc.constantFrom('utf8', 'latin1', 'buffer', 'bad'),
      cwd: fc.constantFrom('/', '/no/such', '', 5),
      env: fc.constant({ PATH: process.env.PATH, VARIABLE: 'value' }),
      shell: fc.constantFrom(true, '/bin/sh', '/no/shell'),
      argv0: fc.constantFrom('renamed', 5),
      killSignal: fc.constantFrom('SIGKILL', 15, 'SIGNONSENSE'),
      timeout: fc.constantFrom(0, 60_000, -1, 'x'),
      maxBuffer: fc.constantFrom(Number.POSITIVE_INFINITY, -1),
      stdio: fc.constantFrom('pipe', 'ignore', ['pipe', 'pipe', 'ignore', 'pipe'], ['ignore', 'pipe'], 'bad', ['ipc']),
    },
    { requiredKeys: [] },
  );
  const property = fc.property(
    fc.constantFrom(...COMMANDS),
    fc.option(options, { nil: undefined }),
    fc.constantFrom('spawnSync', 'execFileSync'),
    ([file, ...args], given, name) => {
      // Whether a program that reads no input ends before it is written is a matter of luck, patched or not.
      fc.pre(given?.input === undefined || args.includes(READS_INPUT));
      const quiet = name === 'execFileSync' && given?.stdio === undefined ? { ...given, stdio: 'pipe' } : given;
      assertSame([name, file, args, quiet], () => call(childProcess, name, [file, args, quiet]));
    },
  );
  fc.assert(property, { numRuns: 60 });
});

test('execSync does the same', () => {
  const stdio = 'pipe';
  for (const command of ['echo one; echo two >&2', 'exit 7', 'no-such-command', 'kill -9 $$', '', 5]) {
    for (const options of [
      { stdio },
      { stdio, encoding: 'utf8' },
      { stdio, shell: '/no/shell' },
      { stdio, cwd: '/no' },
    ]) {
      assertSame([command, options], () => call(childProcess, 'execSync', [command, options]));
    }
  }
});

test('spawnSync with limits does the same: time, size, input nobody reads, other streams', () => {
  const cases: [string, SpawnSyncOptions][] = [
    ['exec sleep 5', { timeout: 50, encoding: 'utf8' }],
    ['sleep 0.3', { timeout: 50, killSignal: 'SIGCONT' }], // a signal that ends nothing
    ['printf 123456; exec sleep 5', { maxBuffer: 3 }],
    ['exec 0<&-; sleep 0.1', { input: Buffer.alloc(1_000_000) }],
    ['echo three >&3; echo four >&4', { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'], encoding: 'utf8' }],
    ['cat', { stdio: ['ignore', 'pipe'] }],
    ['(sleep 0.2; echo late) & echo early', { encoding: 'utf8' }],
  ];
  for (const [script, options] of cases) {
    assertSame([script, options], () => childProcess.spawnSync('sh', ['-c', script], options));
  }
});

const DETERMINED: Record<string, unknown[][]> = {
  pbkdf2Sync: [
    ['password', 'salt', 10, 32, 'sha256'],
    ['password', 'salt', 10, 32, 'no-digest'],
    ['password', 'salt', 0, 32, 'sha256'],
    ['password', 'salt', 1, -1, 'sha256'],
    ['password', 'salt', 10, 32],
    [5, 'salt', 10, 32, 'sha256'],
    [],
  ],
  scryptSync: [
    ['password', 'salt', 32],
    ['password', 'salt', 32, { N: 16, r: 8, p: 1 }],
    ['password', 'salt', 32, { cost: 3 }],
    ['password', 'salt', 32, { N: 2 ** 20, maxmem: 1024 }],
    ['password', 'salt', 'x'],
    ['password', null, 32],
    [],
  ],
  hkdfSync: [
    ['sha512', 'key', 'salt', 'info', 64],
    ['no-digest', 'key', 'salt', 'info', 64],
    ['sha512', 'key', 'salt', 'info', 1e9],
    ['sha512', 'key', 'salt', Buffer.alloc(2000), 64],
    [],
  ],
  checkPrimeSync: [
    [13n],
    [15n, { checks: 5 }],
    [Buffer.from('0d', 'hex')],
    ['x'],
    [13n, { checks: -1 }],
    [13n, null],
    [],
  ],
  argon2Sync: [
    ['argon2id', { message: 'm', nonce: Buffer.alloc(16), parallelism: 1, tagLength: 16, memory: 64, passes: 2 }],
    ['argon2x', {}],
    ['argon2id'],
    [],
  ],
};

/** Of what is random, its shape is compared. */
const RANDOM: Record<string, unknown[][]> = {
  generatePrimeSync: [
    [32],
    [32, { bigint: true }],
    [32, { add: 12n, rem: 11n, safe: false }],
    [-1],
    [32, null],
    ['x'],
    [],
  ],
  generateKeySync: [
    ['hmac', { length: 64 }],
    ['aes', { length: 128 }],
    ['aes', { length: 1 }],
    ['bad', { length: 1 }],
    ['hmac'],
    [],
  ],
  generateKeyPairSync: [
    ['ed25519'],
    ['ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' } }],
    ['ec', { namedCurve: 'bad' }],
    ['rsa', { modulusLength: 512 }],
    ['rsa'],
    ['bad'],
    [],
  ],
  randomFillSync: [
    [Buffer.alloc(16)],
    [Buffer.alloc(70_000)],
    [Buffer.alloc(70_000), 5],
    [Buffer.alloc(70_000), 5, 10],
    [new ArrayBuffer(70_000)],
    [new Float64Array(9000), 1],
    [Buffer.alloc(70_000), 80_000],
    [Buffer.alloc(70_000), 'x'],
    ['x'],
    [],
  ],
};

function shape(value: unknown): unknown {
  if (typeof value === 'bigint') return 'a bigint';
  if (typeof value === 'string') return value.split('\n')[0];
  if (value instanceof crypto.KeyObject) return [value.type, value.asymmetricKeyType, value.symmetricKeySize];
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return [value.constructor.name, value.byteLength];
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([name, inner]) => [name, shape(inner)]);
}

test('every synchronous function of node:crypto does the same', () => {
  assert.deepEqual(
    synchronous(crypto).filter((name) => !(name in DETERMINED) && !(name in RANDOM)),
    [],
  );
  for (const name of synchronous(crypto)) {
    for (const args of DETERMINED[name] ?? []) assertSame([name, ...args], () => call(crypto, name, args));
    for (const args of RANDOM[name] ?? []) assertSame([name, ...args], () => shape(call(crypto, name, args)));
  }
});

/** Not a function on data. */
const NO_CODEC = ['createZipArchiveSync'];

test('every synchronous function of node:zlib does the same', () => {
  const options = fc.constantFrom(
    undefined,
    {},
    { level: 1 },
    { level: 99 },
    { chunkSize: 64 },
    { maxOutputLength: 20 },
    { info: true },
    { flush: 2 },
    5,
  );
  const wrong = fc.constantFrom(undefined, null, 5, {});
  const codecs = synchronous(zlib).filter((name) => !NO_CODEC.includes(name));
  for (const name of codecs) {
    const packing =
      { gunzipSync: 'gzipSync', unzipSync: 'gzipSync' }[name] ??
      name.replace(/^(brotli|zstd)Dec/, '$1C').replace(/^inflate/, 'deflate');
    const packed = fc
      .uint8Array({ maxLength: 3000 })
      .map((bytes) => (bytes.length % 2 === 0 ? bytes : Buffer.from('text'.repeat(bytes.length))));
    const made = packed.map((bytes) => call(zlib, packing, [bytes]) as Buffer);
    const input = fc.oneof(
      packed,
      made,
      made.map((bytes) => bytes.subarray(0, -3)),
      made.map((bytes) => Buffer.concat([bytes, Buffer.from('tail')])),
      wrong,
    );
    const property = fc.property(input, options, (data, given) => {
      assertSame([name, data, given], () => {
        const result = call(zlib, name, [data, given]);
        return Buffer.isBuffer(result) ? result : Object.keys(result as object);
      });
    });
    fc.assert(property, { numRuns: 25 });
  }
});

test('Atomics.wait does the same', () => {
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const big = new BigInt64Array(new SharedArrayBuffer(8));
  for (const args of [
    [cells, 0, 1],
    [cells, 0, 0, 5],
    [cells, 1, 0, 0],
    [cells, 0, 0, -1],
    [big, 0, 0n, 5],
    [big, 0, 1n],
  ]) {
    assertSame(args, () => call(Atomics, 'wait', args));
  }
  for (const args of [[new Int32Array(2), 0, 0, 0], [cells, 9, 0, 0], [new Uint8Array(4), 0, 0], [], ['x']]) {
    assertSame(args, () => call(Atomics, 'wait', args));
  }
});
