import { describeState } from '../hub/describe.ts';
import { type HubStats, hub } from '../hub/hub.ts';
import { type GreenletNode, greenletTree } from './greenlet-tree.ts';

/** One line of `greenlets ps`. */
export interface ListedGreenlet {
  id: number;
  name: string;
  state: string;
  /** Milliseconds of CPU, measured while somebody asks for it. */
  cpuTime: number;
  /** Where it is: its innermost frame. */
  at: string;
}

/** What `greenlets ps` and `top` show. */
export interface Listing {
  stats: HubStats;
  greenlets: ListedGreenlet[];
}

/** All greenlets that are alive, the main one first, each after the one that has spawned it. */
export function listGreenlets(): Listing {
  return { stats: hub.stats, greenlets: [...nodes(greenletTree())].map(entry) };
}

/** Not recursive: a chain of spawners may be longer than a stack. */
function* nodes(root: GreenletNode): IterableIterator<GreenletNode> {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node;
    for (const child of node.children.toReversed()) pending.push(child);
  }
}

function entry(node: GreenletNode): ListedGreenlet {
  const { id, name, cpuTime, frames } = node;
  return { id, name, state: describeState(node), cpuTime, at: (frames[0] ?? '').trim().replace(/^at /, '') };
}
