/** How many greenlets fit, and what the limit is. */
import { release } from 'node:os';
import type { HostLimits } from './host.ts';

/** Address space of a greenlet's stack, in bytes. */
const STACK = 512 * 1024;
/** Stacks are mapped so many at a time. */
const SLAB = 64;
/** So many stacks get a guard that costs two mappings, where the kernel has no cheaper one. */
const GUARDED = 16_000;

/** One thing that limits how many fit. */
export interface Bound {
  name: string;
  count: number;
}

/** Linux 6.13 guards a stack without a mapping of its own. */
function guardsAreFree(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 13);
}

function fittingMappings(mappings: number): number {
  if (guardsAreFree()) return mappings * SLAB;
  return Math.max(0, mappings - 2 * GUARDED) * SLAB;
}

/** What each limit allows, the tightest first. @param each bytes that a suspended greenlet was measured to take. */
export function bounds(host: HostLimits, each: number): Bound[] {
  return [
    { name: 'memory', count: Math.floor(host.memory / each) },
    { name: 'address space (ulimit -v)', count: Math.floor(host.addressSpace / STACK) },
    { name: 'overcommit (vm.overcommit_memory = 2)', count: Math.floor(host.commit / STACK) },
    { name: 'mappings (vm.max_map_count)', count: fittingMappings(host.mappings) },
  ].sort((a, b) => a.count - b.count);
}
