type Constructor = new (...args: never[]) => object;

/** A class that may also be called without `new`, and whose statics may be replaced. */
export type Callable<C extends Constructor> = C & ((...args: ConstructorParameters<C>) => InstanceType<C>);

/** Makes `name(…)` mean `new name(…)`, as the constructors of 2011 allowed. */
export function callable<C extends Constructor>(name: string, Class: C): Callable<C> {
  function construct(...args: unknown[]): object {
    return Reflect.construct(Class, args, new.target ?? construct) as object;
  }
  Object.setPrototypeOf(construct, Class); // statics, accessors among them, are inherited
  Object.defineProperty(construct, 'name', { value: name, configurable: true });
  construct.prototype = Class.prototype;
  Object.defineProperty(Class.prototype, 'constructor', { value: construct, configurable: true, writable: true });
  return construct as unknown as Callable<C>;
}
