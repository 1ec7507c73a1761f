/** Calls `callback` when the process begins to exit, before any handler of `exit`. */
export function onExiting(callback: () => void): void {
  const flag = Object.getOwnPropertyDescriptor(process, '_exiting');
  if (flag?.set === undefined || flag.configurable !== true) {
    process.prependListener('exit', callback);
    return;
  }
  const set = flag.set;
  Object.defineProperty(process, '_exiting', {
    ...flag,
    set(this: unknown, exiting: unknown) {
      Reflect.apply(set, process, [exiting]);
      if (exiting === true) callback();
    },
  });
}
