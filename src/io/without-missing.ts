/** What is exported by a module, less what this Node does not have. */
export function withoutMissing<T extends object>(exports: T): T {
  return Object.fromEntries(Object.entries(exports).filter(([, value]) => value !== undefined)) as T;
}
