import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { stackParts } from '../engine/stack-text.ts';
import { type Description, describe } from '../hub/describe.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { hub } from '../hub/hub.ts';

/** A greenlet at one moment, and those that it has spawned. */
export interface GreenletNode extends Description {
  greenlet: RawGreenlet;
  /** The greenlet's id; 0 for the main greenlet and for raw ones. */
  id: number;
  /** See `greenlet.cpuTime`. */
  cpuTime: number;
  /** Lines of the stack where it was spawned; empty unless tracking was on then. */
  spawnedAt: string[];
  /** See `greenlet.spawnTreeLocals`; undefined where nobody has asked for them. */
  treeLocals: Record<string, unknown> | undefined;
  /** What it has spawned and is alive, in the order of their ids. */
  children: GreenletNode[];
}

/**
 * All greenlets that are alive, as a tree: each under the greenlet that spawned it, or under the nearest of its ancestors
 * that is alive.
 *
 * @returns the main greenlet.
 */
export function greenletTree(): GreenletNode {
  const main = engine.main as RawGreenlet;
  const nodes = new Map([...hub.living()].map((greenlet) => [greenlet, nodeOf(greenlet)]));
  const root = nodeOf(main);
  nodes.set(main, root);
  for (const node of nodes.values()) if (node !== root) parentOf(node.greenlet, nodes, root).children.push(node);
  for (const node of nodes.values()) node.children.sort((a, b) => a.id - b.id);
  return root;
}

function nodeOf(greenlet: RawGreenlet): GreenletNode {
  return {
    greenlet,
    id: greenlet instanceof Greenlet ? greenlet.id : 0,
    ...describe(greenlet),
    cpuTime: greenlet.cpuTime,
    spawnedAt: greenlet.spawnTrace === undefined ? [] : stackParts(greenlet.spawnTrace).frames,
    treeLocals: greenlet.treeLocals,
    children: [],
  };
}

function parentOf(greenlet: RawGreenlet, nodes: Map<RawGreenlet, GreenletNode>, root: GreenletNode): GreenletNode {
  let ancestor = greenlet.spawner;
  while (ancestor !== undefined && !nodes.has(ancestor)) ancestor = ancestor.spawner;
  return ancestor === undefined ? root : (nodes.get(ancestor) as GreenletNode);
}
