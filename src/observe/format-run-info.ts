import { inspect } from '../builtins.ts';
import { describeState } from '../hub/describe.ts';
import { hub } from '../hub/hub.ts';
import { type GreenletNode, greenletTree } from './greenlet-tree.ts';
import { printable } from './printable.ts';

/** Generations that are indented; those below stand in one column and say how deep they are. */
const DEEPEST = 40;

/**
 * All greenlets as text, for people: the tree by spawner, each with its name, its state, what it is blocked in and since
 * when, its stack and the locals of its tree.
 *
 * @example
 * ```text
 * main: suspended
 * └─ server: blocked in Listener.accept for 3 min
 *    │    at serve (/app/server.ts:12:30)
 *    └─ Greenlet-7: blocked in Queue.get for 1.2 s
 *         at handle (/app/server.ts:40:21)
 * ```
 */
export function formatRunInfo(): string {
  const { alive, blocked, ready, spawned, switches } = hub.stats;
  const lines = [
    `${alive} greenlets: ${blocked} blocked, ${ready} ready; ${spawned} spawned, ${switches} switches so far`,
  ];
  // Not recursive: a chain of spawners may be longer than a stack.
  const pending: Entry[] = [{ node: greenletTree(), first: '', rest: '', depth: 0 }];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const { node, first, rest } = entry;
    lines.push(first + headline(node));
    const inner = rest + (node.children.length > 0 ? '│  ' : '   ');
    for (const line of details(node)) lines.push(inner + line);
    for (const child of childrenOf(entry).reverse()) pending.push(child);
  }
  return lines.join('\n');
}

/** A greenlet, with what stands before its first line and before the others. */
interface Entry {
  node: GreenletNode;
  first: string;
  rest: string;
  depth: number;
}

function childrenOf({ node: { children }, rest, depth: above }: Entry): Entry[] {
  const depth = above + 1;
  return children.map((node, index) => {
    const last = index === children.length - 1;
    const branch = `${rest}${last ? '└─ ' : '├─ '}`;
    if (depth > DEEPEST) return { node, first: `${branch}(${depth} deep) `, rest, depth };
    return { node, first: branch, rest: `${rest}${last ? '   ' : '│  '}`, depth };
  });
}

function headline(node: GreenletNode): string {
  const cpu = node.cpuTime > 0 ? `, ${node.cpuTime.toFixed(1)} ms CPU` : '';
  return `${printable(`${node.name}: ${describeState(node)}`)}${cpu}`;
}

function details(node: GreenletNode): string[] {
  const lines = node.frames.map((frame) => `  ${frame.trim()}`);
  if (node.spawnedAt.length > 0) lines.push('spawned', ...node.spawnedAt.map((frame) => `  ${frame.trim()}`));
  const { treeLocals } = node;
  if (treeLocals !== undefined && Object.keys(treeLocals).length > 0) {
    lines.push(`tree locals ${show(treeLocals)}`);
  }
  return lines;
}

/** What an object shows of itself may be code of its own, and that may throw: the rest is to be seen all the same. */
function show(treeLocals: Record<string, unknown>): string {
  try {
    return inspect(treeLocals, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  } catch {
    return 'cannot be shown';
  }
}
