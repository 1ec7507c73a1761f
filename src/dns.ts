// greenlets/dns: a list of exports, and all of them in one object.
import './interop/install.ts';
import * as functions from './io/dns.ts';
import { withoutMissing } from './io/without-missing.ts';

export { BlockingSwitchOutError } from './errors.ts';
export * from './io/dns.ts';
export type { Queries, Resolve, TlsaRecord } from './io/dns-queries.ts';

/** Every function of `node:dns/promises` that this Node has, blocking. */
const dns: typeof functions = withoutMissing(functions);
export default dns;
