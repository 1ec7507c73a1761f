import type { AnyRecord, CaaRecord, MxRecord, NaptrRecord, SoaRecord, SrvRecord } from 'node:dns';
import type promises from 'node:dns/promises';
import type { SyncFunction } from '../interop/to-sync.ts';

type Query<Name extends keyof promises.Resolver> = SyncFunction<promises.Resolver[Name]>;

/** Types of records that DNS has a query for; the result depends on it. */
export interface Resolve {
  (hostname: string, rrtype?: 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR'): string[];
  (hostname: string, rrtype: 'ANY'): AnyRecord[];
  (hostname: string, rrtype: 'CAA'): CaaRecord[];
  (hostname: string, rrtype: 'MX'): MxRecord[];
  (hostname: string, rrtype: 'NAPTR'): NaptrRecord[];
  (hostname: string, rrtype: 'SOA'): SoaRecord;
  (hostname: string, rrtype: 'SRV'): SrvRecord[];
  (hostname: string, rrtype: 'TXT'): string[][];
  (hostname: string, rrtype: string): unknown;
}

/** A TLSA record, as Node gives it. */
export interface TlsaRecord {
  certUsage: number;
  selector: number;
  match: number;
  data: ArrayBuffer;
}

/** What a resolver can be asked, blocking. */
export interface Queries {
  readonly resolve: Resolve;
  readonly resolve4: Query<'resolve4'>;
  readonly resolve6: Query<'resolve6'>;
  readonly resolveAny: Query<'resolveAny'>;
  readonly resolveCaa: Query<'resolveCaa'>;
  readonly resolveCname: Query<'resolveCname'>;
  readonly resolveMx: Query<'resolveMx'>;
  readonly resolveNaptr: Query<'resolveNaptr'>;
  readonly resolveNs: Query<'resolveNs'>;
  readonly resolvePtr: Query<'resolvePtr'>;
  readonly resolveSoa: Query<'resolveSoa'>;
  readonly resolveSrv: Query<'resolveSrv'>;
  /** Undefined before Node 22. */
  readonly resolveTlsa: ((hostname: string) => TlsaRecord[]) | undefined;
  readonly resolveTxt: Query<'resolveTxt'>;
  readonly reverse: Query<'reverse'>;
}
