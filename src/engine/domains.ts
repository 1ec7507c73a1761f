/**
 * `domain` keeps the domains entered in one stack for the whole process. Once it has been loaded, each greenlet
 * has that stack to itself.
 */
import { createRequire } from 'node:module';

interface Domain {
  enter(): void;
  exit(): void;
}

/** The process-wide stack of `domain`, worked by its public methods, which also renew its handler of exceptions. */
export class Domains {
  readonly #module: { readonly _stack: Domain[] };

  constructor(module: { readonly _stack: Domain[] }) {
    this.#module = module;
  }

  /** A copy of the stack; null if it is empty. */
  current(): Domain[] | null {
    const { _stack: stack } = this.#module;
    return stack.length === 0 ? null : [...stack];
  }

  /** Leaves all domains; gives those that were entered. */
  take(): Domain[] | null {
    const taken = this.current();
    for (let last = this.#last(); last !== undefined; last = this.#last()) last.exit();
    return taken;
  }

  /** Makes `domains` the stack. */
  put(domains: unknown[]): void {
    this.take();
    for (const domain of domains as Domain[]) domain.enter();
  }

  #last(): Domain | undefined {
    return this.#module._stack.at(-1);
  }
}

let loaded: Domains | null = null;

/** The stack, or null as long as nobody has loaded `domain`, which replaces a property of `process` when it is. */
export function loadedDomains(): Domains | null {
  if (loaded === null && Object.getOwnPropertyDescriptor(process, 'domain')?.get !== undefined) {
    loaded = new Domains(createRequire(import.meta.url)('node:domain') as { _stack: Domain[] });
  }
  return loaded;
}
