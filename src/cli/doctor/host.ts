/** What this host allows, from where Linux tells it. */
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';

/** What a process may have here. Bytes, or counts; Infinity where nothing limits. */
export interface HostLimits {
  /** Memory that is free, also under the limit of a container. */
  memory: number;
  /** Left of the address space (`ulimit -v`). */
  addressSpace: number;
  /** Left to commit, where the kernel does not overcommit (`vm.overcommit_memory=2`). */
  commit: number;
  /** Mappings left (`vm.max_map_count`). */
  mappings: number;
  overcommit: string;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A line such as `MemAvailable:   123 kB`, in bytes. */
function kilobytes(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text);
  return match === null ? undefined : Number(match[1]) * 1024;
}

function freeMemory(meminfo: string): number {
  const limit = Number(read('/sys/fs/cgroup/memory.max') || Number.POSITIVE_INFINITY); // "max" is NaN
  const used = Number(read('/sys/fs/cgroup/memory.current'));
  const inContainer = Number.isNaN(limit) ? Number.POSITIVE_INFINITY : limit - used;
  return Math.min(kilobytes(meminfo, 'MemAvailable') ?? freemem(), inContainer);
}

function leftOfAddressSpace(): number {
  const limit = /^Max address space\s+(\d+)/m.exec(read('/proc/self/limits'));
  if (limit === null) return Number.POSITIVE_INFINITY;
  return Number(limit[1]) - (kilobytes(read('/proc/self/status'), 'VmSize') ?? 0);
}

function leftToCommit(overcommit: string, meminfo: string): number {
  if (overcommit !== '2') return Number.POSITIVE_INFINITY;
  return (kilobytes(meminfo, 'CommitLimit') ?? 0) - (kilobytes(meminfo, 'Committed_AS') ?? 0);
}

/** Reads the limits of this host as they are now. */
export function readHostLimits(): HostLimits {
  const meminfo = read('/proc/meminfo');
  const overcommit = read('/proc/sys/vm/overcommit_memory').trim();
  const mappings = Number(read('/proc/sys/vm/max_map_count')) || Number.POSITIVE_INFINITY;
  return {
    memory: freeMemory(meminfo),
    addressSpace: leftOfAddressSpace(),
    commit: leftToCommit(overcommit, meminfo),
    mappings: mappings - read('/proc/self/maps').split('\n').length,
    overcommit: { 0: 'heuristic', 1: 'always', 2: 'never' }[overcommit] ?? 'unknown',
  };
}

/** The binary of the engine that is loaded; undefined if none is. */
export function loadedEngine(): string | undefined {
  return /\S*greenlets\S*\.node$/m.exec(read('/proc/self/maps'))?.[0];
}

/** Resident memory of this process with its page tables, in bytes. */
export function memoryInUse(): number {
  const status = read('/proc/self/status');
  return (kilobytes(status, 'VmRSS') ?? process.memoryUsage.rss()) + (kilobytes(status, 'VmPTE') ?? 0);
}
