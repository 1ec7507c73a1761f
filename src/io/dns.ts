/**
 * Every function of `node:dns/promises` under its own name, with its own arguments, results and errors: blocking.
 *
 * A query (`resolve…`, `reverse`) that is cut short by a kill or a timeout is cancelled. A `lookup` cannot be, since the
 * system's own resolver does it: its answer finds nobody.
 */
import promises from 'node:dns/promises';
import { dressLike, type SyncFunction } from '../interop/to-sync.ts';
import { blockOn } from './block-on.ts';
import type { Queries } from './dns-queries.ts';

type Promises = typeof promises;
type Method = (...args: unknown[]) => Promise<unknown>;

/** So many resolvers are kept for later queries. */
const MOST_IDLE = 16;
const idle: OwnResolver[] = [];

interface OwnResolver {
  readonly resolver: promises.Resolver;
  servers: string;
}

function blocking<K extends 'lookup' | 'lookupService'>(name: K): SyncFunction<Promises[K]> {
  const call = (...args: unknown[]): unknown => blockOn(() => (promises[name] as Method)(...args));
  return dressLike(call, promises[name]) as unknown as SyncFunction<Promises[K]>;
}

/** A query on a resolver that it has to itself, so that cancelling it cancels no other. */
function query<K extends keyof Queries>(name: K): Queries[K] {
  const original = (promises as unknown as Record<K, Method | undefined>)[name];
  if (original === undefined) return undefined as Queries[K];
  const call = (...args: unknown[]): unknown =>
    blockOn((signal) => {
      const own = takeResolver();
      const cancel = (): void => own.resolver.cancel();
      const giveBack = (): void => {
        signal.removeEventListener('abort', cancel);
        if (idle.length < MOST_IDLE) idle.push(own);
      };
      signal.addEventListener('abort', cancel);
      const answer = (own.resolver as unknown as Record<K, Method>)[name](...args);
      answer.then(giveBack, giveBack);
      return answer;
    });
  return dressLike(call, original) as unknown as Queries[K];
}

/** An idle resolver, with the servers that Node's own one has now. */
function takeResolver(): OwnResolver {
  const own = idle.pop() ?? { resolver: new promises.Resolver(), servers: '' };
  const servers = promises.getServers();
  if (own.servers !== servers.join()) own.resolver.setServers(servers);
  own.servers = servers.join();
  return own;
}

export const lookup: SyncFunction<Promises['lookup']> = blocking('lookup');
export const lookupService: SyncFunction<Promises['lookupService']> = blocking('lookupService');
export const resolve: Queries['resolve'] = query('resolve');
export const resolve4: Queries['resolve4'] = query('resolve4');
export const resolve6: Queries['resolve6'] = query('resolve6');
export const resolveAny: Queries['resolveAny'] = query('resolveAny');
export const resolveCaa: Queries['resolveCaa'] = query('resolveCaa');
export const resolveCname: Queries['resolveCname'] = query('resolveCname');
export const resolveMx: Queries['resolveMx'] = query('resolveMx');
export const resolveNaptr: Queries['resolveNaptr'] = query('resolveNaptr');
export const resolveNs: Queries['resolveNs'] = query('resolveNs');
export const resolvePtr: Queries['resolvePtr'] = query('resolvePtr');
export const resolveSoa: Queries['resolveSoa'] = query('resolveSoa');
export const resolveSrv: Queries['resolveSrv'] = query('resolveSrv');
export const resolveTlsa: Queries['resolveTlsa'] = query('resolveTlsa');
export const resolveTxt: Queries['resolveTxt'] = query('resolveTxt');
export const reverse: Queries['reverse'] = query('reverse');

/** The servers that are asked. */
export function getServers(): string[] {
  return promises.getServers();
}

// None of these waits for anything.
export const {
  setServers,
  getDefaultResultOrder,
  setDefaultResultOrder,
  NODATA,
  FORMERR,
  SERVFAIL,
  NOTFOUND,
  NOTIMP,
  REFUSED,
  BADQUERY,
  BADNAME,
  BADFAMILY,
  BADRESP,
  CONNREFUSED,
  TIMEOUT,
  EOF,
  FILE,
  NOMEM,
  DESTRUCTION,
  BADSTR,
  BADFLAGS,
  NONAME,
  BADHINTS,
  NOTINITIALIZED,
  LOADIPHLPAPI,
  ADDRGETNETWORKPARAMS,
  CANCELLED,
}: Promises = promises;
export { Resolver } from './resolver.ts';
