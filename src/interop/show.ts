/**
 * How `console.log`, assertions and the messages of errors show greenlets: as their users know them, without
 * what engine and hub keep in them.
 */
import { inspect } from '../builtins.ts';
import { engine, RawGreenlet } from '../engine/raw-greenlet.ts';
import { nameOf, stateOf } from '../hub/describe.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { RootGreenlet } from '../hub/root-greenlet.ts';

type Options = Parameters<typeof inspect>[1];

/** Names of fields that are nobody's but ours. */
const ours = new Set<PropertyKey>([...Object.keys(engine.main), ...Object.keys(RawGreenlet.prototype), 'place']);

/** `Greenlet { id: 7, name: 'worker', state: 'dead', value: 1 }`, and the fields of a subclass. */
function showGreenlet(this: RawGreenlet, depth: number, options: Options): string {
  const kind = this instanceof RootGreenlet ? 'Greenlet' : this.constructor.name;
  if (depth < 0) return `[${kind}]`;
  const { id, ...others } = publicFields(this) as { id?: number };
  const name = this instanceof Greenlet || this === engine.main ? { name: nameOf(this) } : {};
  const shown = { ...(id === undefined ? {} : { id }), ...name, state: stateOf(this), ...outcomeOf(this), ...others };
  return `${kind} ${inspect(shown, { ...options, depth: options?.depth === null ? null : depth })}`;
}

function outcomeOf(greenlet: RawGreenlet): object {
  if (!(greenlet instanceof Greenlet) || !greenlet.ready) return {};
  return greenlet.successful ? { value: greenlet.value } : { exception: greenlet.exception };
}

function publicFields(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !ours.has(key)));
}

Object.defineProperty(RawGreenlet.prototype, inspect.custom, { value: showGreenlet });
