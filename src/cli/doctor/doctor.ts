/** `greenlets doctor`: can this Node run greenlets, how many fit, and why not. */
import { release } from 'node:os';
import { parseArgs } from 'node:util';
import v8 from 'node:v8';
import { location } from '../../location.ts';
import type { NativeEngine } from '../../native.ts';
import { UsageError } from '../usage.ts';
import { type Bound, bounds } from './capacity.ts';
import { type HostLimits, loadedEngine, readHostLimits } from './host.ts';
import type { CheckResult } from './self-test.ts';

/** Everything that is known about greenlets on this host. */
interface Report {
  greenlets: string;
  platform: string;
  /** Why nothing runs; null if it does. */
  failure: string | null;
  /** The binary that is used. */
  binary: string | undefined;
  engine: Record<string, boolean>;
  checks: CheckResult[];
  /** Bytes of a suspended greenlet. */
  bytesEach: number;
  limits: HostLimits;
  bounds: Bound[];
  permissions: string;
  /** Bytes of V8's new space. */
  newSpace: number;
}

/** @returns the exit code: 0 if greenlets run here. */
export async function doctor(args: string[]): Promise<number> {
  const { json } = readOptions(args);
  const report = await examine();
  console.log(json ? JSON.stringify(report, null, 2) : describe(report));
  return isWell(report) ? 0 : 1;
}

function readOptions(args: string[]): { json: boolean } {
  try {
    return parseArgs({ args, options: { json: { type: 'boolean', default: false } } }).values as { json: boolean };
  } catch (error) {
    throw new UsageError(`greenlets doctor: ${(error as Error).message}\n\nusage: greenlets doctor [--json]`);
  }
}

function isWell({ failure, checks }: Report): boolean {
  return failure === null && checks.every(({ result }) => result !== 'failed');
}

async function examine(): Promise<Report> {
  const limits = readHostLimits();
  const report: Report = {
    greenlets: location?.version ?? 'unknown',
    platform: describePlatform(),
    failure: null,
    binary: undefined,
    engine: {},
    checks: [],
    bytesEach: 0,
    limits,
    bounds: [],
    permissions: describePermissions(),
    newSpace: v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0,
  };
  try {
    const { engine } = await import('../../engine/raw-greenlet.ts');
    report.binary = loadedEngine();
    report.engine = describeEngine(engine.native);
    const { measureGreenlet, selfTest } = await import('./self-test.ts');
    const { run } = await import('../../hub/run.ts');
    report.checks = await run(selfTest);
    report.bytesEach = await run(measureGreenlet);
    report.bounds = bounds(limits, report.bytesEach);
  } catch (error) {
    report.failure = error instanceof Error ? error.message : String(error);
  }
  return report;
}

function describePlatform(): string {
  const { platform, arch, versions } = process;
  const header = (process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined)?.header;
  const libc = header?.glibcVersionRuntime === undefined ? '' : `, glibc ${header.glibcVersionRuntime}`;
  return `Node ${versions.node} (ABI ${versions.modules}), ${platform}-${arch}${libc}, kernel ${release()}`;
}

function describeEngine(native: NativeEngine): Record<string, boolean> {
  return {
    'blocking under callbacks of native code': native.carriesCallbackDepth,
    'blocking under scopes of promise jobs': native.carriesMicrotaskDepth,
    'blocking inside JSON.stringify, overlapping': native.carriesStringifiers,
    'switching without a look for a debugger’s frame': native.hidesExitFrames,
  };
}

function describePermissions(): string {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  if (permission === undefined) return 'no permission model';
  const inspector = permission.has('inspector') ? 'allowed' : 'not allowed';
  return `permission model: the addon was allowed (--allow-addons), the inspector is ${inspector}`;
}

const line = (result: CheckResult['result'], text: string): string => `${result.padEnd(8)} ${text}`;
const number = (value: number): string =>
  Number.isFinite(value) ? Math.floor(value).toLocaleString('en') : 'no limit';

function describe(report: Report): string {
  const { limits, bounds, checks, engine } = report;
  const lines = [`greenlets ${report.greenlets} on ${report.platform}`, ''];
  if (report.failure !== null) return [...lines, report.failure].join('\n');
  lines.push(report.binary ?? '', '');
  for (const { name, result, message } of checks)
    lines.push(line(result, message === '' ? name : `${name}: ${message}`));
  for (const [what, carried] of Object.entries(engine)) lines.push(line(carried ? 'ok' : 'refused', what));
  lines.push('', `a suspended greenlet takes ${(report.bytesEach / 1024).toFixed(1)} KB here; how many fit:`);
  for (const { name, count } of bounds) lines.push(`  ${number(count).padStart(12)}  by ${name}`);
  lines.push(
    '',
    `memory      ${number(limits.memory / 1024 ** 2)} MB free, overcommit: ${limits.overcommit}`,
    `new space   ${number(report.newSpace / 1024 ** 2)} MB now${adviseNewSpace()}`,
    `security    ${report.permissions}`,
    '',
    isWell(report) ? 'greenlets run here.' : 'greenlets do not run as they should here.',
  );
  return lines.join('\n');
}

function adviseNewSpace(): string {
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (options.includes('semi-space-size')) return '';
  return '; with thousands of greenlets start node with --min-semi-space-size=16 --max-semi-space-size=64';
}
