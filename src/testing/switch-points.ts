import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { hub } from '../hub/hub.ts';
import { Patches } from './patch.ts';

/**
 * Makes every read and write of a property of `objects`, and the begin and end of every call of a method, a point where
 * another greenlet may run: what preemption could do there, or a blocking call that somebody adds one day.
 *
 * @param decide whether another greenlet gets its chance now.
 * @returns what undoes it.
 */
export function addSwitchPoints(objects: Iterable<object>, decide: () => boolean): () => void {
  const patches = new Patches();
  const point = (): void => {
    if (engine.current === engine.main || engine.forbidden !== null || !decide()) return;
    hub.makeReady(engine.current as RawGreenlet);
    hub.switchOut();
  };
  for (const object of objects) {
    for (const [key, descriptor] of membersOf(object)) {
      const { value } = descriptor;
      if (!('value' in descriptor)) patches.replaceAccessor(object, key, watchedAccessor(descriptor, point));
      else if (typeof value === 'function') patches.replace(object, key, watchedMethod(value as Method, point));
      else if (Object.hasOwn(object, key)) watchProperty(patches, object, key, value, point);
    }
  }
  return () => patches.restore();
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Properties and methods of an object, inherited ones too, less those that every object has. */
function membersOf(object: object): Map<PropertyKey, PropertyDescriptor> {
  const members = new Map<PropertyKey, PropertyDescriptor>();
  for (let owner = object; owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const key of Reflect.ownKeys(owner)) {
      const descriptor = Object.getOwnPropertyDescriptor(owner, key) as PropertyDescriptor;
      if (key === 'constructor' || members.has(key)) continue;
      if (descriptor.configurable === true) members.set(key, descriptor);
    }
  }
  return members;
}

function watchedMethod(method: Method, point: () => void): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    point();
    try {
      return Reflect.apply(method, this, args);
    } finally {
      point();
    }
  };
}

/** The accessor of `descriptor`; half of it may be missing. */
function watchedAccessor({ get, set }: PropertyDescriptor, point: () => void): PropertyDescriptor {
  const accessor: PropertyDescriptor = {};
  if (get !== undefined) accessor.get = watchedMethod(get, point);
  if (set !== undefined) accessor.set = watchedMethod(set as Method, point);
  return accessor;
}

/** The value lives beside the object meanwhile, and is put back into it at the end. */
function watchProperty(patches: Patches, object: object, key: PropertyKey, first: unknown, point: () => void): void {
  let value = first;
  patches.define(object, key, {
    get(): unknown {
      point();
      return value;
    },
    set(changed: unknown): void {
      point();
      value = changed;
    },
  });
}
