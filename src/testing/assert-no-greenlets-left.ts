import { AssertionError } from 'node:assert';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { hub } from '../hub/hub.ts';
import { yieldToOthers } from '../hub/park.ts';

/** How often those that are ready get their turn before they count as left. */
const TURNS = 10;

/**
 * Fails if greenlets are left: started and not ended, less the caller and those that it was spawned by. What is ready to
 * run and only has to end (links, greenlets just killed) gets its turn first, where the caller can block.
 *
 * @throws {AssertionError} that names each, with the place where it is blocked.
 */
export function assertNoGreenletsLeft(): void {
  for (let i = 0; i < TURNS && engine.current !== engine.main && hub.readySize > 0; i++) yieldToOthers();
  const greenlets = left();
  if (greenlets.length === 0) return;
  throw new AssertionError({
    message: `${greenlets.length} greenlets are left:\n${greenlets.map(describe).join('\n')}`,
    actual: greenlets.length,
    expected: 0,
    operator: 'assertNoGreenletsLeft',
    stackStartFn: assertNoGreenletsLeft,
  });
}

function left(): RawGreenlet[] {
  const ours = new Set<RawGreenlet>();
  for (let self: unknown = engine.current; self instanceof Greenlet; self = self.spawner) ours.add(self);
  // A raw greenlet suspended by hand that nobody refers to any more is collected.
  return [...hub.living()].filter((greenlet) => !ours.has(greenlet) && greenlet.remains === null);
}

function describe(greenlet: RawGreenlet): string {
  const name = greenlet instanceof Greenlet ? greenlet.name : 'a raw greenlet';
  const frames = greenlet.stack.split('\n').slice(1);
  return [`  ${name}`, ...frames].join('\n');
}
