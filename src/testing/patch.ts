/** Replaces properties of foreign objects, and puts the originals back. */
export class Patches {
  readonly #originals: [target: object, key: PropertyKey, descriptor: PropertyDescriptor | undefined][] = [];

  /** Replaces `target[key]`, own or inherited, by `value`. */
  replace(target: object, key: PropertyKey, value: unknown): void {
    this.#put(target, key, { value, writable: true });
  }

  /** Puts `get` and `set` in the place of those of the accessor `target[key]`, own or inherited. */
  replaceAccessor(target: object, key: PropertyKey, accessor: Pick<PropertyDescriptor, 'get' | 'set'>): void {
    this.#put(target, key, accessor);
  }

  /** Puts an accessor in the place of the data property `target[key]`; restored is what the accessor holds then. */
  define(target: object, key: PropertyKey, accessor: { get(): unknown; set(value: unknown): void }): void {
    const descriptor = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
    const original = {
      ...descriptor,
      get value(): unknown {
        return accessor.get();
      },
    };
    this.#originals.push([target, key, original]);
    Object.defineProperty(target, key, { ...accessor, enumerable: descriptor.enumerable ?? true, configurable: true });
  }

  #put(target: object, key: PropertyKey, replacement: PropertyDescriptor): void {
    const descriptor = Object.getOwnPropertyDescriptor(target, key);
    this.#originals.push([target, key, descriptor]);
    Object.defineProperty(target, key, {
      ...replacement,
      enumerable: descriptor?.enumerable ?? false,
      configurable: true,
    });
  }

  /** Puts everything back, the last replaced first. */
  restore(): void {
    for (let entry = this.#originals.pop(); entry !== undefined; entry = this.#originals.pop()) {
      const [target, key, descriptor] = entry;
      if (descriptor === undefined) Reflect.deleteProperty(target, key);
      else Object.defineProperty(target, key, descriptor);
    }
  }
}
