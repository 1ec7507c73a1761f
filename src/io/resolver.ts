import type { ResolverOptions } from 'node:dns';
import promises from 'node:dns/promises';
import { dressLike } from '../interop/to-sync.ts';
import { blockOn } from './block-on.ts';
import type { Queries, Resolve } from './dns-queries.ts';

type Method = (...args: unknown[]) => Promise<unknown>;
type Methods = Record<keyof Queries, Method>;

/** The queries that this Node has. */
export const QUERIES: readonly (keyof Queries)[] = Object.getOwnPropertyNames(promises.Resolver.prototype).filter(
  (name): name is keyof Queries => name !== 'constructor',
);

/**
 * A resolver with servers of its own, whose queries block.
 *
 * @example
 * const resolver = new Resolver({ timeout: 500, tries: 2 });
 * resolver.setServers(['192.0.2.1']);
 * const [address] = resolver.resolve4('example.org');
 */
export class Resolver implements Queries {
  declare readonly resolve: Resolve;
  declare readonly resolve4: Queries['resolve4'];
  declare readonly resolve6: Queries['resolve6'];
  declare readonly resolveAny: Queries['resolveAny'];
  declare readonly resolveCaa: Queries['resolveCaa'];
  declare readonly resolveCname: Queries['resolveCname'];
  declare readonly resolveMx: Queries['resolveMx'];
  declare readonly resolveNaptr: Queries['resolveNaptr'];
  declare readonly resolveNs: Queries['resolveNs'];
  declare readonly resolvePtr: Queries['resolvePtr'];
  declare readonly resolveSoa: Queries['resolveSoa'];
  declare readonly resolveSrv: Queries['resolveSrv'];
  declare readonly resolveTlsa: Queries['resolveTlsa'];
  declare readonly resolveTxt: Queries['resolveTxt'];
  declare readonly reverse: Queries['reverse'];

  readonly #resolver: promises.Resolver;

  /** @param options `timeout` of one try in ms, and the number of `tries`. */
  constructor(options?: ResolverOptions) {
    this.#resolver = new promises.Resolver(options);
  }

  static {
    for (const name of QUERIES) {
      const query = function (this: Resolver, ...args: unknown[]): unknown {
        return blockOn(() => (this.#resolver as unknown as Methods)[name](...args));
      };
      Object.defineProperty(Resolver.prototype, name, {
        value: dressLike(query, (promises.Resolver.prototype as unknown as Methods)[name]),
        configurable: true,
        writable: true,
      });
    }
  }

  /** Ends all queries of this resolver that are under way: those who wait get `ECANCELLED`. */
  cancel(): void {
    this.#resolver.cancel();
  }
  getServers(): string[] {
    return this.#resolver.getServers();
  }
  setServers(servers: readonly string[]): void {
    this.#resolver.setServers(servers);
  }
  setLocalAddress(ipv4?: string, ipv6?: string): void {
    this.#resolver.setLocalAddress(ipv4, ipv6);
  }
}
