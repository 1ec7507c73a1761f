import { inspect } from '../builtins.ts';
import { describeState } from '../hub/describe.ts';
import { hub } from '../hub/hub.ts';
import { type GreenletNode, greenletTree } from './greenlet-tree.ts';

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
  addNode(lines, greenletTree(), '', '');
  return lines.join('\n');
}

function addNode(lines: string[], node: GreenletNode, first: string, rest: string): void {
  lines.push(first + headline(node));
  const inner = rest + (node.children.length > 0 ? '│  ' : '   ');
  for (const line of details(node)) lines.push(inner + line);
  node.children.forEach((child, index) => {
    const last = index === node.children.length - 1;
    addNode(lines, child, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`);
  });
}

function headline(node: GreenletNode): string {
  const cpu = node.cpuTime > 0 ? `, ${node.cpuTime.toFixed(1)} ms CPU` : '';
  return `${node.name}: ${describeState(node)}${cpu}`;
}

function details(node: GreenletNode): string[] {
  const lines = node.frames.map((frame) => `  ${frame.trim()}`);
  if (node.spawnedAt.length > 0) lines.push('spawned', ...node.spawnedAt.map((frame) => `  ${frame.trim()}`));
  const { treeLocals } = node;
  if (treeLocals !== undefined && Object.keys(treeLocals).length > 0) {
    lines.push(`tree locals ${inspect(treeLocals, { depth: 1, breakLength: Number.POSITIVE_INFINITY })}`);
  }
  return lines;
}
